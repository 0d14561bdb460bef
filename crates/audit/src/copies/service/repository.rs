//! SQL of what is copied.

use elder_access::{DbError, PlatformConn};
use elder_kernel::TenantId;

use super::Copy;

const NEWEST: &str = "
    select t.tenant_id, c.size, c.note from audit_trees t
    join audit_checkpoints c on c.tenant_id = t.tenant_id and c.size = t.size order by t.tenant_id";

/// The newest checkpoint of each log.
pub(super) async fn newest(conn: &PlatformConn) -> Result<Vec<Copy>, DbError> {
    let rows = conn.raw_rows(NEWEST, []).await?;
    let copy = |row: &elder_access::Row| {
        Ok(Copy { tenant: TenantId(row.get("tenant_id")?), size: row.get("size")?, note: row.get("note")? })
    };
    rows.iter().map(copy).collect()
}
