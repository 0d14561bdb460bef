//! SQL on what is stored of a tree.

use std::ops::Range;

use elder_access::{DbError, TenantConn, packed};
use elder_kernel::TenantId;

use crate::{event::AuditEventId, tree::Digest};

const SEQ: &str = "select seq from audit_leaves where tenant_id = $1 and event_id = $2";
const HASHES: &str = "
    select asked.number, stored.place, stored.hash
    from jsonb_array_elements($2::jsonb) with ordinality as asked (v, number)
    cross join lateral (
        (select seq as place, hash from audit_leaves
         where (v->>0)::int = 0 and tenant_id = $1 and seq >= (v->>1)::bigint and seq < (v->>2)::bigint
         order by seq limit 256)
        union all
        (select index, hash from audit_nodes
         where tenant_id = $1 and step = (v->>0)::int and index >= (v->>1)::bigint and index < (v->>2)::bigint
         order by index limit 256)
    ) stored
    order by asked.number, stored.place";

/// The place of an event in the log.
pub(super) async fn seq(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditEventId,
) -> Result<Option<u64>, DbError> {
    let row = conn.raw_row(SEQ, [tenant.into(), id.into()]).await?;
    row.map(|row| Ok(row.get::<i64>("seq")?.unsigned_abs())).transpose()
}

/// The hashes in each of the ranges: of leaves at step 0, else of nodes. What is missing is not there.
pub(super) async fn hashes(
    conn: &TenantConn,
    tenant: TenantId,
    ranges: &[(u32, Range<u64>)],
) -> Result<Vec<Vec<Digest>>, DbError> {
    let mut found = vec![Vec::new(); ranges.len()];
    let asked = ranges.iter().map(|(step, range)| [(*step).into(), range.start.into(), range.end.into()]);
    for row in conn.raw_rows(HASHES, [tenant.into(), packed(asked)]).await? {
        let number = usize::try_from(row.get::<i64>("number")? - 1).map_err(DbError::defect)?;
        let hash: Vec<u8> = row.get("hash")?;
        if let (Some(hashes), Some(hash)) = (found.get_mut(number), Digest::from_bytes(&hash)) {
            hashes.push(hash);
        }
    }
    Ok(found)
}
