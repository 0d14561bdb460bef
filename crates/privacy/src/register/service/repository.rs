//! SQL of the register.

use elder_access::{DbError, PlatformConn, PlatformTx, packed, work::Housekeeping};
use elder_kernel::{Id, TenantId};

use crate::register::Line;

// Those that another node has in its hands it also writes.
const UNREGISTERED: &str = "
    select tenant_id, user_id, id, completed_at from privacy_requests
    where kind = 'erasure' and state = 'completed' and not is_registered
    order by completed_at limit 1000 for update skip locked";
const REGISTERED: &str = "
    update privacy_requests r set is_registered = true from jsonb_array_elements($1::jsonb) as packed (v)
    where r.tenant_id = (v->>0)::int and r.id = (v->>1)::uuid";

pub(super) async fn unregistered(conn: &PlatformConn) -> Result<Vec<Line>, DbError> {
    let rows = conn.raw_rows(UNREGISTERED, []).await?;
    let line = |row: &elder_access::Row| {
        Ok(Line {
            tenant_id: TenantId(row.get("tenant_id")?),
            user_id: Id::from_uuid(row.get("user_id")?),
            request_id: Id::from_uuid(row.get("id")?),
            erased_at: row.get("completed_at")?,
        })
    };
    rows.iter().map(line).collect()
}

pub(super) async fn registered(tx: PlatformTx<Housekeeping>, lines: &[Line]) -> Result<(), DbError> {
    let rows = lines.iter().map(|line| [line.tenant_id.into(), line.request_id.into()]);
    tx.settle(REGISTERED, [packed(rows)]).await
}
