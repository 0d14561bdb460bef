//! SQL that follows groups upwards: in which groups a user is, directly or through others.

use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, ScimGroup, User};

use crate::resource::Within;

// `union` keeps each step once, so that groups that hold each other come to an end. `offset 0` keeps each step a look-up
// by its whole key: right after a first push, PostgreSQL would rather read all members of the directory.
pub(super) const OF: &str = "
    with recursive held (user_id, group_id, is_direct) as (
        select asked.id, direct.group_id, true from unnest($3::uuid[]) as asked (id)
        cross join lateral (
            select m.group_id from scim_group_members m
            where m.tenant_id = $1 and m.configuration_id = $2 and m.user_id = asked.id offset 0
        ) direct
        union
        select held.user_id, above.group_id, false from held
        cross join lateral (
            select m.group_id from scim_group_members m
            where m.tenant_id = $1 and m.configuration_id = $2 and m.member_group_id = held.group_id offset 0
        ) above
    )
    select user_id, group_id, bool_or(is_direct) as is_direct,
        (select display_name from scim_groups where tenant_id = $1 and configuration_id = $2 and id = group_id)
    from held
    group by user_id, group_id
    order by user_id, group_id";

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
    let users: Vec<_> = users.iter().map(|user| user.uuid()).collect();
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
