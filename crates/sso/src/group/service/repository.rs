//! SQL on `groups_of`.

use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, TenantId};
use uuid::Uuid;

use crate::group::{GroupSource, UserId};

const OF_USER: &str = "
    select name, idp_id, configuration_id, group_id, is_direct from groups_of($1, $2)
    order by idp_id nulls first, configuration_id, group_id, name";

/// What somebody is in, once for each who says so.
pub(super) async fn of_user(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<(String, GroupSource)>, DbError> {
    conn.raw_rows(OF_USER, [tenant.into(), user.into()]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<(String, GroupSource), DbError> {
    let source = match row.get::<Option<Uuid>>("idp_id")? {
        Some(idp) => GroupSource::IdentityProvider { identity_provider_id: Id::from_uuid(idp) },
        None => GroupSource::Directory {
            directory_id: Id::from_uuid(row.get("configuration_id")?),
            group_id: Id::from_uuid(row.get("group_id")?),
            is_direct: row.get("is_direct")?,
        },
    };
    Ok((row.get("name")?, source))
}

#[cfg(test)]
mod tests;
