//! SQL of what the password rules must know.

use elder_access::{DbError, TenantConn};
use elder_kernel::TenantId;

const NAME: &str = "select name from tenants where id = $1";

/// The tenant's name; empty if there is no such tenant.
pub(super) async fn tenant_name(conn: &TenantConn, tenant: TenantId) -> Result<String, DbError> {
    let row = conn.raw_row(NAME, [tenant.into()]).await?;
    row.map_or_else(|| Ok(String::new()), |row| row.get("name"))
}
