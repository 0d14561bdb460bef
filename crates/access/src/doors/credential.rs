//! From a credential to a principal: one round trip, and none while the node still believes its last answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_crypto::{Expected, OpaqueToken, Parsed, TokenHash, TokenKind};
use elder_kernel::{Id, Secret, TenantId};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    Gatekeeper, OwnRead, PlatformTx, Row,
    database::{DbError, Opening, TenantConn},
    gatekeeper::{Claims, TOKEN_TYPE},
    networks::Networks,
    permissions::{PermissionSet, Tier},
    principal::{Actor, DirectoryPrincipal, GlobalRole, OrgGrant, Principal, Role, UserPrincipal, Who},
    session::AUDIENCE,
    tier::SubscriptionTier,
    transaction::Context,
};

/// How far the clocks of two nodes may differ.
const LEEWAY: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

const SESSION: &str = "
    select s.user_id, u.global_role, u.tenant_role, t.slug, t.subscription_tier, t.settings -> 'ip_allowlist' as networks,
           s.ended_at is null and u.is_active and t.is_active as is_live,
           least(s.expires_at, s.idle_expires_at) as ends_at,
           (select coalesce(array_agg(p.name), '{}') from portal_user_roles ur
              join roles r on r.tenant_id = ur.tenant_id and r.id = ur.role_id
              cross join unnest(r.permissions) as p(name)
             where ur.tenant_id = s.tenant_id and ur.user_id = s.user_id) as permissions,
           (select coalesce(jsonb_agg(jsonb_build_object('organization', a.organization_id, 'role', a.role,
                   'permissions', coalesce(to_jsonb(r.permissions), '[]'))), '[]')
              from portal_user_org_assignments a
              left join roles r on r.tenant_id = a.tenant_id and r.id = a.role_id
             where a.tenant_id = s.tenant_id and a.user_id = s.user_id) as grants
    from sessions s
    join portal_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
    join tenants t on t.id = s.tenant_id
    where s.tenant_id = $1 and s.id = $2";

const SCIM_TOKEN: &str = "
    select k.secret_hash, k.can_write, k.configuration_id, k.expires_at, k.last_used_at, t.slug,
           t.subscription_tier, t.settings -> 'ip_allowlist' as networks,
           k.revoked_at is null and t.is_active as is_live, not c.is_active as is_paused
    from scim_tokens k
    join scim_configurations c on c.tenant_id = k.tenant_id and c.id = k.configuration_id
    join tenants t on t.id = k.tenant_id
    where k.tenant_id = $1 and k.id = $2";

/// That a token was used, unless that was written down in the last minute.
const SCIM_TOKEN_USED: &str = "
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

/// What the column `grants` holds.
#[derive(Deserialize)]
struct Grant {
    organization: Uuid,
    role: Option<Role>,
    permissions: Vec<String>,
}

/// Whose credential it is; none if it is not good.
pub(super) async fn principal(
    keeper: &Gatekeeper,
    token: &Secret<String>,
) -> Result<Option<Arc<Principal>>, DbError> {
    match OpaqueToken::parse(token.expose()) {
        Ok(parsed) if parsed.kind == TokenKind::ScimToken => directory(keeper, &parsed).await,
        Ok(_) => Ok(None),
        Err(_) => user(keeper, token).await,
    }
}

async fn user(keeper: &Gatekeeper, token: &Secret<String>) -> Result<Option<Arc<Principal>>, DbError> {
    let Some(claims) = verified(keeper, token)? else { return Ok(None) };
    let (tenant, session) = (claims.tenant_id, claims.sid);
    if let Some(principal) = keeper.beliefs().principal(tenant, session.uuid()) {
        // It is believed of the session: the token must still be its owner's.
        let is_owners = matches!(&principal.who, Who::User(user) if user.user == claims.sub);
        return Ok(is_owners.then_some(principal));
    }
    let epoch = keeper.beliefs().epoch(tenant);
    let Some(row) = look_up(keeper, tenant, SESSION, session.uuid()).await? else { return Ok(None) };
    let live = row.get::<bool>("is_live")? && keeper.seam().now() < row.get::<DateTime<Utc>>("ends_at")?;
    if !live || row.get::<Uuid>("user_id")? != claims.sub.uuid() {
        return Ok(None);
    }
    let principal = Arc::new(read_user(&row, &claims)?);
    keeper.beliefs().believe(session.uuid(), epoch, principal.clone());
    Ok(Some(principal))
}

/// The claims of a good token. A signature check costs as much as a query, so each token is verified once.
fn verified(keeper: &Gatekeeper, token: &Secret<String>) -> Result<Option<Arc<Claims>>, DbError> {
    let digest: [u8; 32] = Sha256::digest(token.expose()).into();
    let now = keeper.seam().now();
    if let Some(claims) = keeper.beliefs().token(&digest) {
        return Ok((now.timestamp() < claims.exp).then_some(claims));
    }
    let keys =
        keeper.keys().ok_or_else(|| DbError::unavailable(std::io::Error::other("no signing keys yet")))?;
    let expected =
        Expected { typ: TOKEN_TYPE, issuer: keeper.issuer(), audience: AUDIENCE, now, leeway: LEEWAY };
    let Ok(claims) = keys.verify::<Claims>(&expected, token.expose()) else { return Ok(None) };
    let claims = Arc::new(claims);
    keeper.beliefs().verified(digest, claims.clone());
    Ok(Some(claims))
}

fn read_user(row: &Row, claims: &Claims) -> Result<Principal, DbError> {
    const TENANT_WIDE: &[Tier] = &[Tier::Tenant, Tier::Organization];
    const ORGANIZATION: &[Tier] = &[Tier::Organization];
    let built_in = |role: Role, tiers| PermissionSet::built_in(role.level(), tiers);
    let role = row.get::<Option<&str>>("tenant_role")?.and_then(Role::named);
    let custom = PermissionSet::named(row.get::<Vec<&str>>("permissions")?, TENANT_WIDE);
    let grants: Vec<Grant> =
        serde_json::from_value(row.get("grants")?).map_err(|error| DbError::Driver(Arc::new(error)))?;
    let grants = grants.into_iter().map(|grant| OrgGrant {
        organization: Id::from_uuid(grant.organization),
        permissions: match grant.role {
            Some(role) => built_in(role, ORGANIZATION),
            None => PermissionSet::named(grant.permissions.iter().map(String::as_str), ORGANIZATION),
        },
    });
    let who = UserPrincipal {
        user: claims.sub,
        session: claims.sid,
        global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
        permissions: role.map(|role| built_in(role, TENANT_WIDE)).unwrap_or_default().union(custom),
        grants: grants.collect(),
    };
    principal_of(row, claims.tenant_id, Who::User(who))
}

fn principal_of(row: &Row, tenant: TenantId, who: Who) -> Result<Principal, DbError> {
    let tier = SubscriptionTier::named(row.get("subscription_tier")?);
    let networks = Networks::read(row, "networks")?;
    Ok(Principal { tenant, slug: row.get("slug")?, tier, networks, who })
}

async fn directory(keeper: &Gatekeeper, token: &Parsed) -> Result<Option<Arc<Principal>>, DbError> {
    // The digest is part of the key: another secret for the same row is another credential.
    let credential = Uuid::new_v8(first_half(&token.secret_hash));
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
    };
    note_use(keeper, token, row.get("last_used_at")?);
    let principal = Arc::new(principal_of(&row, token.tenant, Who::Directory(who))?);
    keeper.beliefs().believe(credential, epoch, principal.clone());
    Ok(Some(principal))
}

/// Writes down that a token is in use, once a minute and beside the request: nobody waits for it, and nobody's
/// transaction holds the row.
fn note_use(keeper: &Gatekeeper, token: &Parsed, last: Option<DateTime<Utc>>) {
    let now = keeper.seam().now();
    if last.is_some_and(|last| now < last + chrono::TimeDelta::minutes(1)) {
        return;
    }
    let (keeper, tenant, id) = (keeper.clone(), token.tenant, token.id);
    elder_telemetry::spawn("use of a SCIM token", async move {
        let opening = Opening { tenant: Some(tenant), writes: true };
        let noted = async {
            let conn = TenantConn::take(keeper.app_pool(), opening).await?;
            conn.finish(SCIM_TOKEN_USED, [tenant.into(), id.into(), now.into()]).await
        };
        if let Err(error) = noted.await {
            tracing::warn!(tenant = tenant.0, %error, "the use of a SCIM token was not written down");
        }
    });
}

fn first_half(hash: &TokenHash) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
    half
}

async fn look_up(
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
