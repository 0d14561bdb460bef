//! SQL that follows groups upwards: in which groups a user is, directly or through others.

use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, ScimGroup, User};
use serde_json::Value as Json;

use crate::resource::Within;

// `union` keeps each step once, so that groups that hold each other come to an end.
pub(super) const OF: &str = "
    with recursive held (user_id, group_id, is_direct) as (
        select m.user_id, m.group_id, true from scim_group_members m
        where m.tenant_id = $1 and m.configuration_id = $2
          and m.user_id in (select v::uuid from jsonb_array_elements_text($3::jsonb) v)
        union
        select held.user_id, m.group_id, false from held
        join scim_group_members m
          on m.tenant_id = $1 and m.configuration_id = $2 and m.member_group_id = held.group_id
    )
    select held.user_id, g.id as group_id, g.display_name, bool_or(held.is_direct) as is_direct
    from held
    join scim_groups g on g.tenant_id = $1 and g.configuration_id = $2 and g.id = held.group_id
    group by held.user_id, g.id, g.display_name
    order by held.user_id, g.id";

/// That a user is in a group.
pub(in crate::group::service) struct NestingRow {
    pub(in crate::group::service) user: Id<User>,
    pub(in crate::group::service) group: Id<ScimGroup>,
    pub(in crate::group::service) display_name: String,
    pub(in crate::group::service) is_direct: bool,
}

/// Every group of each of the users.
pub(in crate::group::service) async fn of(
    conn: &TenantConn,
    within: Within,
    users: &[Id<User>],
) -> Result<Vec<NestingRow>, DbError> {
    let users = Json::from_iter(users.iter().map(|user| user.uuid().to_string()));
    let rows = conn.raw_rows(OF, [within.tenant.into(), within.directory.into(), users.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(NestingRow {
                user: Id::from_uuid(row.get("user_id")?),
                group: Id::from_uuid(row.get("group_id")?),
                display_name: row.get("display_name")?,
                is_direct: row.get("is_direct")?,
            })
        })
        .collect()
}
