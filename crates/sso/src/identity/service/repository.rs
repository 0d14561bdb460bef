//! SQL on `sso_identities`, as admins see them.

use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection};
use uuid::Uuid;

use crate::identity::{Identity, IdentityId, IdentityProviderId, UserId};

macro_rules! columns {
    () => {
        "id, user_id, idp_id, issuer, subject, domain, groups, linked_at, linked_by, last_login_at"
    };
}

const IDENTITIES: Source = Source {
    table: "sso_identities",
    joins: &[],
    columns: columns!(),
    stored: &[
        ("identity_provider_id", Stored::As("idp_id")),
        (
            "group",
            Stored::Among {
                rows: "unnest(sso_identities.groups) as given (name) where true",
                column: "given.name",
            },
        ),
    ],
};
const OF_USER: &str = "tenant_id = $1 and user_id = $2";
const OF_IDP: &str = "tenant_id = $1 and idp_id = $2";
const LOCK: &str = concat!(
    "select ",
    columns!(),
    " from sso_identities where tenant_id = $1 and user_id = $2 and id = $3 for update"
);
const DELETE: &str = "delete from sso_identities where tenant_id = $1 and id = $2";

pub(super) async fn of_user(
    conn: &TenantConn,
    (tenant, user): (TenantId, UserId),
    selection: &Selection,
) -> Result<Found<Identity>, DbError> {
    conn.list(&IDENTITIES, &Scope::of(OF_USER, [tenant.into(), user.into()]), selection, read).await
}

pub(super) async fn of_idp(
    conn: &TenantConn,
    (tenant, idp): (TenantId, IdentityProviderId),
    selection: &Selection,
) -> Result<Found<Identity>, DbError> {
    conn.list(&IDENTITIES, &Scope::of(OF_IDP, [tenant.into(), idp.into()]), selection, read).await
}

/// Keeps everybody else from it until the end: who signs in by it has done so before, or does not any more.
pub(super) async fn lock(
    conn: &TenantConn,
    (tenant, user): (TenantId, UserId),
    id: IdentityId,
) -> Result<Option<Identity>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), user.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: IdentityId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

fn read(row: &Row) -> Result<Identity, DbError> {
    Ok(Identity {
        id: Id::from_uuid(row.get("id")?),
        user_id: Id::from_uuid(row.get("user_id")?),
        identity_provider_id: Id::from_uuid(row.get("idp_id")?),
        issuer: row.get("issuer")?,
        subject: row.get("subject")?,
        domain: row.get("domain")?,
        groups: row.get("groups")?,
        linked_at: row.get("linked_at")?,
        linked_by: row.get::<Option<Uuid>>("linked_by")?.map(Id::from_uuid),
        last_login_at: row.get("last_login_at")?,
    })
}

#[cfg(test)]
mod tests;
