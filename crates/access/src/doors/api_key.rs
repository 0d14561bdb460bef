//! API keys: how their text is made, and who calls with one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_api_types::{permission::Tier, role::GlobalRole};
use elder_crypto::{PresentedKey, TokenHash};
use elder_kernel::{ApiKey, Id, Secret};
use uuid::Uuid;

use super::{
    credential::{look_up, name_of, note_use, principal_of},
    rights::{Limits, Rights, json, roles_of},
};
use crate::{
    Gatekeeper, Row, TenantTx,
    authority::{Authority, Write},
    database::DbError,
    permissions::PermissionSet,
    principal::{KeyOwner, KeyPrincipal, Principal, Who},
};

/// What a key's scope can name; a directory's permissions are its tokens' alone.
const CARRIED: &[Tier] = &[Tier::Global, Tier::Tenant, Tier::Organization];

// `offset 0` keeps each step up on the primary key, however many the planner takes them to be.
pub(super) const KEY: &str = concat!(
    "select k.user_id, k.service_account_id, k.secret_hash, k.previous_hash, k.previous_expires_at, k.expires_at,
           k.last_used_at, k.permissions as scope, k.organization_ids is not null as is_bound, k.ip_allowlist,
           t.slug, t.subscription_tier, t.settings -> 'ip_allowlist' as networks,
           t.settings -> 'cors_origins' as origins, t.settings -> 'audit_api_calls' as api_calls,
           t.settings -> 'audit_api_bodies' as api_bodies, u.global_role,
           (select p.sealed from person_keys p where p.tenant_id = k.tenant_id and p.person = k.user_id) as person_key,
           k.revoked_at is null and t.is_active and coalesce(u.is_active, a.is_active) as is_live,
           a.permissions as account_permissions, a.organization_ids as account_organizations,
           (with recursive up(bound, id, parent_id) as (
                select o.id, o.id, o.parent_id from organizations o
                where o.tenant_id = k.tenant_id and o.id = any(k.organization_ids)
                union all
                select up.bound, above.id, above.parent_id
                from up, lateral (
                    select o.id, o.parent_id from organizations o
                    where o.tenant_id = k.tenant_id and o.id = up.parent_id offset 0) above)
            select coalesce(jsonb_agg(jsonb_build_object('organization', bounds.bound, 'line', bounds.line)), '[]')
            from (select bound, array_agg(id) as line from up group by bound) bounds) as bounds, ",
    roles_of!("k", "u"),
    " from api_keys k
    join tenants t on t.id = k.tenant_id
    left join portal_users u on u.tenant_id = k.tenant_id and u.id = k.user_id
    left join service_accounts a on a.tenant_id = k.tenant_id and a.id = k.service_account_id
    where k.tenant_id = $1 and k.id = $2"
);

/// That a key was used, unless that was written down in the last minute.
pub(super) const USED: &str = "
    update api_keys set last_used_at = $3
    where tenant_id = $1 and id = $2 and (last_used_at is null or last_used_at <= $3 - interval '1 minute')";

impl<A: Authority<Mode = Write>> TenantTx<A> {
    /// The text of a new secret for the key `id`, to be shown once, and the hash to be stored.
    pub fn mint_key(&self, id: Id<ApiKey>) -> (Secret<String>, TokenHash) {
        let keeper = self.keeper();
        keeper.policy().key_environment.mint(self.tenant(), id, &keeper.seam().random)
    }
}

/// Who calls with a key; none if it is not good, for whatever reason.
pub(super) async fn principal(
    keeper: &Gatekeeper,
    key: &PresentedKey,
) -> Result<Option<Arc<Principal>>, DbError> {
    let credential = name_of(&key.secret_hash);
    if let Some(principal) = keeper.beliefs().principal(key.tenant, credential) {
        return Ok(Some(principal));
    }
    let epoch = keeper.beliefs().epoch(key.tenant);
    let Some(row) = look_up(keeper, key.tenant, KEY, key.id.uuid()).await? else { return Ok(None) };
    if !is_good(&row, &key.secret_hash, keeper.seam().now())? {
        return Ok(None);
    }
    let Some(who) = read(&row, key.id)? else { return Ok(None) };
    keeper.people().read_along(key.tenant, &row)?;
    note_use(keeper, USED, (key.tenant, key.id.uuid()), row.get("last_used_at")?);
    let principal = Arc::new(principal_of(&row, key.tenant, Who::Key(who))?);
    keeper.beliefs().believe(credential, epoch, principal.clone());
    Ok(Some(principal))
}

/// Whether key and owner are live, and the secret is the present one or, for a while, the one before.
fn is_good(row: &Row, secret: &TokenHash, now: DateTime<Utc>) -> Result<bool, DbError> {
    let is =
        |hash: Option<&[u8]>| hash.and_then(|hash| TokenHash::try_from(hash).ok()).as_ref() == Some(secret);
    let before = row.get::<Option<DateTime<Utc>>>("previous_expires_at")?.is_some_and(|end| now < end);
    let matches = is(row.get("secret_hash")?) || (before && is(row.get("previous_hash")?));
    Ok(matches && row.get::<bool>("is_live")? && now < row.get::<DateTime<Utc>>("expires_at")?)
}

/// What the key carries now. Its owner's global role gives a key nothing that its scope does not name.
fn read(row: &Row, key: Id<ApiKey>) -> Result<Option<KeyPrincipal>, DbError> {
    let scope = row.get::<Option<Vec<&str>>>("scope")?.map(|names| PermissionSet::named(names, CARRIED));
    let bounds = if row.get("is_bound")? { Some(json(row, "bounds")?) } else { None };
    let user = row.get::<Option<Uuid>>("user_id")?.map(Id::from_uuid);
    let account = row.get::<Option<Uuid>>("service_account_id")?.map(Id::from_uuid);
    let (owner, rights) = match (user, account) {
        (Some(user), _) => {
            let mut rights = Rights::of_user(row)?;
            let role = row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named);
            if let Some(role) = role.filter(|_| scope.is_some()) {
                rights.permissions = rights.permissions.union(PermissionSet::built_in(role.level(), CARRIED));
            }
            (KeyOwner::User(user), rights)
        }
        (None, Some(account)) => {
            let permissions = row.get::<Vec<&str>>("account_permissions")?;
            let rights = Rights::of_account(&permissions, row.get("account_organizations")?);
            (KeyOwner::ServiceAccount(account), rights)
        }
        (None, None) => return Ok(None),
    };
    let Rights { permissions, grants } = rights.within(&Limits { scope, bounds });
    let networks = row.setting("ip_allowlist")?;
    Ok(Some(KeyPrincipal { key, owner, networks, permissions, grants }))
}
