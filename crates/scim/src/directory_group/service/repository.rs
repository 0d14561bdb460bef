//! SQL on `scim_groups` and `scim_group_members`, as admins see them.

use elder_access::{DbError, Found, Join, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection};

use crate::{
    directory::DirectoryId,
    directory_group::{DirectoryGroup, DirectoryGroupMember, ScimGroupId},
};

const GROUPS: Source = Source {
    table: "scim_groups",
    joins: &[],
    columns: "id, configuration_id, display_name, external_id, created_at, updated_at",
    stored: &[
        ("name", Stored::As("display_name_folded")),
        (
            "member_of",
            Stored::Among {
                rows: "scim_group_members above where above.tenant_id = scim_groups.tenant_id
                    and above.configuration_id = scim_groups.configuration_id
                    and above.member_group_id = scim_groups.id",
                column: "above.group_id",
            },
        ),
    ],
};
const OF_DIRECTORY: &str = "tenant_id = $1 and configuration_id = $2";

// Members are sorted by the key of their rows, which is that of the user.
const MEMBERS: Source = Source {
    table: "scim_group_members",
    joins: &[Join {
        table: "portal_users",
        on: "portal_users.tenant_id = scim_group_members.tenant_id
            and portal_users.id = scim_group_members.user_id",
        is_optional: false,
    }],
    columns: "scim_group_members.user_id, portal_users.email, portal_users.full_name, portal_users.is_active",
    stored: &[
        ("user_id", Stored::As("scim_group_members.member_id")),
        ("email", Stored::As("portal_users.email_folded")),
        ("name", Stored::As("portal_users.full_name_folded")),
        ("is_active", Stored::As("portal_users.is_active")),
    ],
};
const IN_GROUP: &str = "scim_group_members.tenant_id = $1 and scim_group_members.configuration_id = $2
    and scim_group_members.group_id = $3 and scim_group_members.user_id is not null";

const IS_THERE: &str =
    "select id from scim_groups where tenant_id = $1 and configuration_id = $2 and id = $3";

/// A group of a directory.
type Of = (TenantId, DirectoryId, ScimGroupId);

pub(super) async fn list(
    conn: &TenantConn,
    (tenant, directory): (TenantId, DirectoryId),
    selection: &Selection,
) -> Result<Found<DirectoryGroup>, DbError> {
    let scope = Scope::of(OF_DIRECTORY, [tenant.into(), directory.into()]);
    conn.list(&GROUPS, &scope, selection, read).await
}

pub(super) async fn members(
    conn: &TenantConn,
    (tenant, directory, group): Of,
    selection: &Selection,
) -> Result<Found<DirectoryGroupMember>, DbError> {
    let scope = Scope::of(IN_GROUP, [tenant.into(), directory.into(), group.into()]);
    conn.list(&MEMBERS, &scope, selection, read_member).await
}

pub(super) async fn is_there(conn: &TenantConn, (tenant, directory, group): Of) -> Result<bool, DbError> {
    Ok(conn.raw_row(IS_THERE, [tenant.into(), directory.into(), group.into()]).await?.is_some())
}

fn read(row: &Row) -> Result<DirectoryGroup, DbError> {
    Ok(DirectoryGroup {
        id: Id::from_uuid(row.get("id")?),
        directory_id: Id::from_uuid(row.get("configuration_id")?),
        name: row.get("display_name")?,
        external_id: row.get("external_id")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn read_member(row: &Row) -> Result<DirectoryGroupMember, DbError> {
    Ok(DirectoryGroupMember {
        user_id: Id::from_uuid(row.get("user_id")?),
        email: row.get("email")?,
        name: row.get("full_name")?,
        is_active: row.get("is_active")?,
    })
}

#[cfg(test)]
mod tests;
