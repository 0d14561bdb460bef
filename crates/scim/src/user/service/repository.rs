//! SQL on `scim_users`.

use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, User, fold};
use elder_scim_protocol::resource::Resource;
use sea_orm::Value;
use serde_json::Value as Json;

use crate::{
    Conflicts, Deprovisioning, Provider,
    directory::Habits,
    resource::{
        Pushed, Within,
        service::{Reads, read, reads},
    },
    user::{is_active, named},
};

// No `exists`: where many users are read, that would be answered by reading all memberships first.
macro_rules! is_member {
    () => {
        "(select true from scim_group_members m where m.tenant_id = r.tenant_id
            and m.configuration_id = r.configuration_id and m.user_id = r.user_id limit 1) is not null"
    };
}

pub(super) const READS: Reads = reads!("scim_users", "user_id", "user_name_folded", is_member!(), None);

const LOCK: &str = concat!(
    "select r.user_id as id, r.resource, r.version, r.created_at, r.updated_at, c.provider, c.deprovisioning, c.conflicts, ",
    is_member!(),
    " as is_member
    from scim_users r
    join scim_configurations c on c.tenant_id = r.tenant_id and c.id = r.configuration_id
    where r.tenant_id = $1 and r.configuration_id = $2 and r.user_id = $3
    for no key update of r"
);

const RULES: &str = "select provider, conflicts from scim_configurations where tenant_id = $1 and id = $2";

const INSERT: &str = "
    insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, external_id, is_active,
        resource, version, updated_at, created_at, roles, entitlements)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12)";

const UPDATE: &str = "
    update scim_users set user_name = $4, user_name_folded = $5, external_id = $6, is_active = $7, resource = $8,
        version = $9, updated_at = $10, roles = $11, entitlements = $12
    where tenant_id = $1 and configuration_id = $2 and user_id = $3";

const DELETE: &str = "
    delete from scim_users where tenant_id = $1 and configuration_id = $2 and user_id = $3";

/// A user that is held until the transaction ends, and the settings by which it is changed.
pub(super) struct Held {
    pub(super) user: Pushed<User>,
    pub(super) habits: Habits,
    pub(super) deprovisioning: Deprovisioning,
    pub(super) conflicts: Conflicts,
}

pub(super) async fn lock(conn: &TenantConn, within: Within, id: Id<User>) -> Result<Option<Held>, DbError> {
    let Some(row) = conn.raw_row(LOCK, key(within, id)).await? else { return Ok(None) };
    Ok(Some(Held {
        user: read(&row)?,
        habits: Habits::of(Provider::named(row.get("provider")?).unwrap_or_default()),
        deprovisioning: Deprovisioning::named(row.get("deprovisioning")?).unwrap_or_default(),
        conflicts: Conflicts::named(row.get("conflicts")?).unwrap_or_default(),
    }))
}

/// By which habits somebody is pushed for the first time, and what is done if they are here already.
pub(super) async fn rules(conn: &TenantConn, within: Within) -> Result<Option<(Habits, Conflicts)>, DbError> {
    let row = conn.raw_row(RULES, [within.tenant.into(), within.directory.into()]).await?;
    row.map(|row| {
        let provider = Provider::named(row.get("provider")?).unwrap_or_default();
        Ok((Habits::of(provider), Conflicts::named(row.get("conflicts")?).unwrap_or_default()))
    })
    .transpose()
}

pub(super) async fn insert(conn: &TenantConn, within: Within, user: &Pushed<User>) -> Result<u64, DbError> {
    conn.run(INSERT, values(within, user)).await
}

pub(super) async fn update(conn: &TenantConn, within: Within, user: &Pushed<User>) -> Result<u64, DbError> {
    conn.run(UPDATE, values(within, user)).await
}

pub(super) async fn delete(conn: &TenantConn, within: Within, id: Id<User>) -> Result<u64, DbError> {
    conn.run(DELETE, key(within, id)).await
}

fn key(within: Within, id: Id<User>) -> [Value; 3] {
    [within.tenant.into(), within.directory.into(), id.into()]
}

fn values(within: Within, user: &Pushed<User>) -> [Value; 12] {
    let [tenant, directory, id] = key(within, user.id);
    let name = user.resource.user_name().unwrap_or_default();
    [
        tenant,
        directory,
        id,
        name.into(),
        fold(name).into(),
        user.resource.external_id().map(str::to_owned).into(),
        is_active(&user.resource).into(),
        Json::Object(user.resource.attributes().clone()).into(),
        user.version.into(),
        user.updated_at.into(),
        folded(&user.resource, "roles").into(),
        folded(&user.resource, "entitlements").into(),
    ]
}

/// The values of a list, so that they can be compared in any letter case, as their schema says.
fn folded(resource: &Resource, list: &str) -> Vec<String> {
    named(resource, list).iter().map(|value| fold(value)).collect()
}

#[cfg(test)]
mod tests;
