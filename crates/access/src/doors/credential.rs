//! From a credential to a principal: one round trip, and none while the node still believes its last answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_api_types::{
    directory::{Provider, Vocabulary},
    role::GlobalRole,
    tenant::SubscriptionTier,
};
use elder_crypto::{Expected, OpaqueToken, Parsed, TokenHash, TokenKind};
use elder_kernel::{Id, Secret, Session, TenantId, User};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    api_key,
    impersonation::{Hands, hands},
    rights::{Rights, roles_of},
};
use crate::{
    Gatekeeper, OwnRead, PlatformTx, Row,
    assurance::Assurance,
    database::{DbError, Opening, TenantConn},
    event::Context,
    gatekeeper::{Claims, TOKEN_TYPE},
    origins::Origins,
    permissions::PermissionSet,
    principal::{Actor, DirectoryPrincipal, Impersonator, Principal, UserPrincipal, Who},
    session::AUDIENCE,
};

/// How far the clocks of two nodes may differ.
const LEEWAY: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

pub(super) const SESSION: &str = concat!(
    "select s.user_id, s.browser_hash, s.last_seen_at, u.global_role, t.slug, t.subscription_tier,
           t.settings -> 'ip_allowlist' as networks, t.settings -> 'cors_origins' as origins,
           t.settings -> 'audit_api_calls' as api_calls, t.settings -> 'audit_api_bodies' as api_bodies,
           (select k.sealed from person_keys k where k.tenant_id = s.tenant_id and k.person = s.user_id) as person_key,
           s.ended_at is null and u.is_active and t.is_active as is_live,
           least(s.expires_at, s.idle_expires_at) as ends_at,
           s.auth_time, 'mfa' = any (s.amr) as is_multi_factor,
           array(select distinct f.kind from mfa_factors f
                 where f.tenant_id = s.tenant_id and f.user_id = s.user_id and f.confirmed_at is not null
                   and t.settings #>> '{mfa,required}' is distinct from 'off'
                   and coalesce(t.settings #> '{mfa,factors}' ? f.kind, true)) as factors, ",
    hands!(),
    ", ",
    roles_of!("s", "u"),
    " from sessions s
    join portal_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
    join tenants t on t.id = s.tenant_id
    where s.tenant_id = $1 and s.id = $2"
);

pub(super) const SCIM_TOKEN: &str = "
    select k.secret_hash, k.can_write, k.configuration_id, k.expires_at, k.last_used_at, t.slug,
           t.subscription_tier, t.settings -> 'ip_allowlist' as networks, t.settings -> 'cors_origins' as origins,
           t.settings -> 'audit_api_calls' as api_calls, t.settings -> 'audit_api_bodies' as api_bodies,
           k.revoked_at is null and t.is_active as is_live, not c.is_active as is_paused,
           c.sync_groups, c.provider, c.entitlements
    from scim_tokens k
    join scim_configurations c on c.tenant_id = k.tenant_id and c.id = k.configuration_id
    join tenants t on t.id = k.tenant_id
    where k.tenant_id = $1 and k.id = $2";

/// That a token was used, unless that was written down in the last minute.
pub(super) const SCIM_TOKEN_USED: &str = "
    with used as (
        update scim_tokens set last_used_at = $3
        where tenant_id = $1 and id = $2
          and (last_used_at is null or last_used_at <= $3 - interval '1 minute')
        returning tenant_id, configuration_id
    )
    update scim_configurations c set last_activity_at = $3
    from used where c.tenant_id = used.tenant_id and c.id = used.configuration_id";

/// The slug of a tenant, or its number.
const TENANT: &str = "select id from tenants where slug = $1 or id::text = $1";

/// Whose credential it is; none if it is not good.
pub(super) async fn principal(
    keeper: &Gatekeeper,
    token: &Secret<String>,
) -> Result<Option<Arc<Principal>>, DbError> {
    match OpaqueToken::parse(token.expose()) {
        Ok(parsed) if parsed.kind == TokenKind::ScimToken => directory(keeper, &parsed).await,
        Ok(_) => Ok(None),
        Err(_) => match keeper.policy().key_environment.parse(token.expose()) {
            Ok(key) => api_key::principal(keeper, &key).await,
            Err(_) => user(keeper, token).await,
        },
    }
}

async fn user(keeper: &Gatekeeper, token: &Secret<String>) -> Result<Option<Arc<Principal>>, DbError> {
    let Some(claims) = verified(keeper, token)? else { return Ok(None) };
    let (tenant, session) = (claims.tenant_id, claims.sid);
    if let Some(principal) = keeper.beliefs().principal(tenant, session.uuid())
        && principal.user().is_none_or(|user| claims.auth_time <= user.assurance.proven_at.timestamp())
    {
        // It is believed of the session: the token must still be its owner's. One that tells of a newer proof than is
        // believed comes from another node, where its owner has just stepped up.
        let is_owners = principal.user().is_some_and(|user| user.user == claims.sub);
        return Ok(is_owners.then_some(principal));
    }
    let epoch = keeper.beliefs().epoch(tenant);
    let Some(row) = look_up(keeper, tenant, SESSION, session.uuid()).await? else { return Ok(None) };
    if !is_live(keeper, &row)? || row.get::<Uuid>("user_id")? != claims.sub.uuid() {
        return Ok(None);
    }
    keeper.people().read_along(tenant, &row)?;
    let hands = Hands::read(&row, tenant, keeper.seam().now())?;
    let (is_own, principal) = match hands {
        Hands::Own => (true, read_user(&row, tenant, (claims.sub, session), None)?),
        Hands::Lent(by, holds) => (false, read_user(&row, tenant, (claims.sub, session), Some((by, holds)))?),
        Hands::Nobodys => return Ok(None),
    };
    let principal = Arc::new(principal);
    // What ends an impersonation may happen in another tenant, of which this node would not know what to forget.
    if is_own {
        keeper.beliefs().believe(session.uuid(), epoch, principal.clone());
    }
    Ok(Some(principal))
}

/// The claims of a good token. A signature check costs as much as a query, so each token is verified once.
fn verified(keeper: &Gatekeeper, token: &Secret<String>) -> Result<Option<Arc<Claims>>, DbError> {
    let digest: [u8; 32] = Sha256::digest(token.expose()).into();
    let now = keeper.seam().now();
    let keys =
        keeper.keys().ok_or_else(|| DbError::unavailable(std::io::Error::other("no signing keys yet")))?;
    if let Some(claims) = keeper.beliefs().token(&digest, &keys) {
        return Ok((now.timestamp() < claims.exp).then_some(claims));
    }
    let expected =
        Expected { typ: TOKEN_TYPE, issuer: keeper.issuer(), audience: AUDIENCE, now, leeway: LEEWAY };
    let Ok(claims) = keys.verify::<Claims>(&expected, token.expose()) else { return Ok(None) };
    let claims = Arc::new(claims);
    keeper.beliefs().verified(digest, keys, claims.clone());
    Ok(Some(claims))
}

/// Whether the session of a row of [`SESSION`] has not ended.
pub(super) fn is_live(keeper: &Gatekeeper, row: &Row) -> Result<bool, DbError> {
    Ok(row.get("is_live")? && keeper.seam().now() < row.get::<DateTime<Utc>>("ends_at")?)
}

/// The person of a row of [`SESSION`], or who acts in their name: who stays in the tenant, and has of the person's rights
/// what is lent.
pub(super) fn read_user(
    row: &Row,
    tenant: TenantId,
    (user, session): (Id<User>, Id<Session>),
    lent: Option<(Impersonator, PermissionSet)>,
) -> Result<Principal, DbError> {
    let rights = Rights::of_user(row)?;
    let global_role = row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named);
    let (impersonator, Rights { permissions, grants }, global_role) = match lent {
        Some((by, holds)) => (Some(by), rights.lent(holds), None),
        None => (None, rights, global_role),
    };
    let assurance = Assurance::read(row)?;
    let who = UserPrincipal { user, session, global_role, permissions, grants, impersonator, assurance };
    principal_of(row, tenant, Who::User(who))
}

pub(super) fn principal_of(row: &Row, tenant: TenantId, who: Who) -> Result<Principal, DbError> {
    let tier = SubscriptionTier::named(row.get("subscription_tier")?);
    let (networks, origins) = (row.setting("networks")?, Origins::read(row, "origins")?);
    let (api_calls, api_bodies) = (row.setting("api_calls")?, row.setting("api_bodies")?);
    Ok(Principal { tenant, slug: row.get("slug")?, tier, networks, origins, api_calls, api_bodies, who })
}

async fn directory(keeper: &Gatekeeper, token: &Parsed) -> Result<Option<Arc<Principal>>, DbError> {
    let credential = name_of(&token.secret_hash);
    if let Some(principal) = keeper.beliefs().principal(token.tenant, credential) {
        return Ok(Some(principal));
    }
    let epoch = keeper.beliefs().epoch(token.tenant);
    let Some(row) = look_up(keeper, token.tenant, SCIM_TOKEN, token.id).await? else { return Ok(None) };
    let stored = <[u8; 32]>::try_from(row.get::<&[u8]>("secret_hash")?).map(TokenHash::from_bytes);
    let expired =
        row.get::<Option<DateTime<Utc>>>("expires_at")?.is_some_and(|end| end <= keeper.seam().now());
    if expired || !row.get::<bool>("is_live")? || stored.ok() != Some(token.secret_hash) {
        return Ok(None);
    }
    let who = DirectoryPrincipal {
        directory: Id::from_uuid(row.get("configuration_id")?),
        token: Id::from_uuid(token.id),
        can_write: row.get("can_write")?,
        is_paused: row.get("is_paused")?,
        sync_groups: row.get("sync_groups")?,
        provider: Provider::named(row.get("provider")?).unwrap_or_default(),
        entitlements: Vocabulary::named(row.get("entitlements")?).unwrap_or_default(),
    };
    note_use(keeper, SCIM_TOKEN_USED, (token.tenant, token.id), row.get("last_used_at")?);
    let principal = Arc::new(principal_of(&row, token.tenant, Who::Directory(who))?);
    keeper.beliefs().believe(credential, epoch, principal.clone());
    Ok(Some(principal))
}

/// Writes down that a credential is in use, once a minute and beside the request: nobody waits for it, and nobody's
/// transaction holds the row. `sql` has tenant, row and time for its values.
pub(super) fn note_use(
    keeper: &Gatekeeper,
    sql: &'static str,
    (tenant, id): (TenantId, Uuid),
    last: Option<DateTime<Utc>>,
) {
    let now = keeper.seam().now();
    if last.is_some_and(|last| now < last + chrono::TimeDelta::minutes(1)) {
        return;
    }
    let keeper = keeper.clone();
    elder_telemetry::spawn("use of a credential", async move {
        let opening = Opening { tenant: Some(tenant), writes: true };
        let noted = async {
            let conn = TenantConn::take(keeper.app_pool(), opening).await?;
            conn.finish(sql, [tenant.into(), id.into(), now.into()]).await
        };
        if let Err(error) = noted.await {
            tracing::warn!(tenant = tenant.0, %error, "the use of a credential was not written down");
        }
    });
}

/// Under which name an opaque credential is believed. The digest makes it: another secret for the same row is another
/// credential.
pub(super) fn name_of(hash: &TokenHash) -> Uuid {
    let mut half = [0; 16];
    half.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    Uuid::new_v8(half)
}

pub(super) async fn look_up(
    keeper: &Gatekeeper,
    tenant: TenantId,
    sql: &'static str,
    id: Uuid,
) -> Result<Option<Row>, DbError> {
    let conn = TenantConn::take(keeper.app_pool(), Opening { tenant: Some(tenant), writes: false }).await?;
    conn.raw_row(sql, [tenant.into(), id.into()]).await
}

/// The tenant of this slug or number, for those who may name any.
pub(super) async fn tenant_named(keeper: &Gatekeeper, named: &str) -> Result<Option<TenantId>, DbError> {
    let context = Context { actor: Actor::SYSTEM, meta: keeper.own_request() };
    let tx = PlatformTx::<OwnRead>::begin(keeper, context).await?;
    let row = tx.raw_row(TENANT, [named.into()]).await?;
    row.map(|row| row.get("id").map(TenantId)).transpose()
}
