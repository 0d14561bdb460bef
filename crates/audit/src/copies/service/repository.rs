//! SQL of what is copied.

use elder_access::{DbError, PlatformConn, Row, packed};
use elder_kernel::TenantId;

use super::Copy;

/// Checkpoints that one place is sent in a round: the rest goes with the next.
const MOST: i64 = 1_000;

const NEWEST: &str = "
    select t.tenant_id, t.size from audit_trees t
    join audit_checkpoints c on c.tenant_id = t.tenant_id and c.size = t.size order by t.tenant_id";
// Of each log in its order, and no log waits until another has sent all.
const BETWEEN: &str = "
    select c.tenant_id, c.size, c.note from (
        select distinct on (c.tenant_id, slot) c.tenant_id, c.size, c.note
        from jsonb_array_elements($1::jsonb) as packed (v)
        cross join lateral (
            select * from audit_checkpoints
            where tenant_id = (v->>0)::int and size > (v->>1)::bigint and size <= (v->>2)::bigint offset 0
        ) c
        cross join lateral floor(extract(epoch from c.created_at) / 15) as slot
        order by c.tenant_id, slot, c.size desc
    ) c
    order by row_number() over (partition by c.tenant_id order by c.size), c.tenant_id limit $2";

/// The size of the newest checkpoint of each log.
pub(super) async fn newest(conn: &PlatformConn) -> Result<Vec<(TenantId, i64)>, DbError> {
    let rows = conn.raw_rows(NEWEST, []).await?;
    rows.iter().map(|row| Ok((TenantId(row.get("tenant_id")?), row.get("size")?))).collect()
}

/// The last checkpoint of every quarter of a minute of these logs, behind one size and up to another.
pub(super) async fn between(
    conn: &PlatformConn,
    logs: Vec<(TenantId, i64, i64)>,
) -> Result<Vec<Copy>, DbError> {
    if logs.is_empty() {
        return Ok(Vec::new());
    }
    let logs = logs.into_iter().map(|(tenant, behind, up_to)| [tenant.into(), behind.into(), up_to.into()]);
    let rows = conn.raw_rows(BETWEEN, [packed(logs), MOST.into()]).await?;
    let copy = |row: &Row| {
        Ok(Copy { tenant: TenantId(row.get("tenant_id")?), size: row.get("size")?, note: row.get("note")? })
    };
    rows.iter().map(copy).collect()
}

#[cfg(test)]
mod tests;
