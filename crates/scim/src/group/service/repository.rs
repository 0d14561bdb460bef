//! SQL on `scim_groups`.

pub(super) mod members;
pub(super) mod nesting;
#[cfg(test)]
mod tests;

use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, ScimGroup, fold};
use sea_orm::Value;
use serde_json::Value as Json;

use crate::{
    Provider,
    directory::Habits,
    resource::{
        Pushed, Within,
        service::{Reads, read, reads},
    },
};

pub(super) const READS: Reads = reads!("scim_groups", "id", "display_name_folded", "false", Some(BY_MEMBER));

const BY_MEMBER: &str = "
    select r.id, r.resource, r.version, r.created_at, r.updated_at, false as is_member
    from scim_groups r
    where r.tenant_id = $1 and r.configuration_id = $2 and r.id in (
        select group_id from scim_group_members where tenant_id = $1 and configuration_id = $2 and user_id = $3
        union all
        select group_id from scim_group_members
        where tenant_id = $1 and configuration_id = $2 and member_group_id = $3
    )
    order by r.id limit $4";

const LOCK: &str = "
    select g.id, g.resource, g.version, g.created_at, g.updated_at, false as is_member, c.provider
    from scim_groups g
    join scim_configurations c on c.tenant_id = g.tenant_id and c.id = g.configuration_id
    where g.tenant_id = $1 and g.configuration_id = $2 and g.id = $3
    for update of g";

const INSERT: &str = "
    insert into scim_groups (tenant_id, configuration_id, id, display_name, display_name_folded, external_id, resource,
        version, updated_at, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";

const UPDATE: &str = "
    update scim_groups set display_name = $4, display_name_folded = $5, external_id = $6, resource = $7, version = $8,
        updated_at = $9
    where tenant_id = $1 and configuration_id = $2 and id = $3";

const DELETE: &str = "delete from scim_groups where tenant_id = $1 and configuration_id = $2 and id = $3";

/// A group that is held until the transaction ends, and the habits by which it is changed.
pub(super) struct Held {
    pub(super) group: Pushed<ScimGroup>,
    pub(super) habits: Habits,
}

pub(super) async fn lock(
    conn: &TenantConn,
    within: Within,
    id: Id<ScimGroup>,
) -> Result<Option<Held>, DbError> {
    let row = conn.raw_row(LOCK, key(within, id)).await?;
    row.map(|row| {
        let provider = Provider::named(row.get("provider")?).unwrap_or_default();
        Ok(Held { group: read(&row)?, habits: Habits::of(provider) })
    })
    .transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    within: Within,
    group: &Pushed<ScimGroup>,
) -> Result<u64, DbError> {
    conn.run(INSERT, values(within, group)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    within: Within,
    group: &Pushed<ScimGroup>,
) -> Result<u64, DbError> {
    conn.run(UPDATE, values(within, group)).await
}

pub(super) async fn delete(conn: &TenantConn, within: Within, id: Id<ScimGroup>) -> Result<u64, DbError> {
    conn.run(DELETE, key(within, id)).await
}

fn key(within: Within, id: Id<ScimGroup>) -> [Value; 3] {
    [within.tenant.into(), within.directory.into(), id.into()]
}

fn values(within: Within, group: &Pushed<ScimGroup>) -> [Value; 9] {
    let [tenant, directory, id] = key(within, group.id);
    let name = group.resource.group_name().unwrap_or_default();
    [
        tenant,
        directory,
        id,
        name.into(),
        fold(name).into(),
        group.resource.external_id().map(str::to_owned).into(),
        Json::Object(group.resource.attributes().clone()).into(),
        group.version.into(),
        group.updated_at.into(),
    ]
}
