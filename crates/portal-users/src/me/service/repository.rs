//! SQL of one's own account.

use elder_access::{DbError, Role, Row, TenantConn};
use elder_kernel::{Id, TenantId, User};

use crate::me::{Membership, OwnTenant};

const TENANT: &str = "select slug, name from tenants where id = $1";
const MEMBERSHIPS: &str = "
    select o.id, o.name, h.role, r.name as custom_role
    from held_roles($1, $2) h
    join organizations o on o.tenant_id = $1 and o.id = h.organization_id
    left join roles r on r.tenant_id = $1 and r.id = h.role_id
    order by o.id, h.role, r.name";
const PASSWORD_HASH: &str = "select password_hash from portal_users where tenant_id = $1 and id = $2";

pub(super) async fn tenant(conn: &TenantConn, tenant: TenantId) -> Result<Option<OwnTenant>, DbError> {
    let row = conn.raw_row(TENANT, [tenant.into()]).await?;
    row.map(|row| Ok(OwnTenant { id: tenant, slug: row.get("slug")?, name: row.get("name")? })).transpose()
}

pub(super) async fn memberships(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Vec<Membership>, DbError> {
    let read = |row: &Row| {
        Ok(Membership {
            id: Id::from_uuid(row.get("id")?),
            name: row.get("name")?,
            role: row.get::<Option<&str>>("role")?.and_then(Role::named),
            custom_role: row.get("custom_role")?,
        })
    };
    conn.raw_rows(MEMBERSHIPS, [tenant.into(), user.into()]).await?.iter().map(read).collect()
}

pub(super) async fn password_hash(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<String>, DbError> {
    let row = conn.raw_row(PASSWORD_HASH, [tenant.into(), user.into()]).await?;
    row.map_or(Ok(None), |row| row.get("password_hash"))
}
