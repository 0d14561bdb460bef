//! SQL of the live tail: how large logs are, and what stands at which place.

use std::collections::BTreeMap;

use elder_access::{Authority, DbError, PlatformConn, Row, TenantConn, TenantTx};
use elder_kernel::TenantId;

use crate::{
    event::{columns, read},
    tail::Told,
};

const SIZE: &str = "select size from audit_trees where tenant_id = $1";
const SIZES: &str = "
    select tenant_id, size from audit_trees where tenant_id = any (string_to_array($1, ',')::int[])";
const EVENTS: &str = concat!(
    "select l.seq, e.* from audit_leaves l cross join lateral (select ",
    columns!(),
    " from audit_logs e where e.tenant_id = $1 and e.timestamp = l.timestamp and e.event_id = l.event_id
    ) e where l.tenant_id = $1 and l.seq >= $2 and l.seq < $3 order by l.seq"
);

pub(super) async fn size(conn: &TenantConn, tenant: TenantId) -> Result<u64, DbError> {
    let row = conn.raw_row(SIZE, [tenant.into()]).await?;
    row.map_or(Ok(0), |row| Ok(row.get::<i64>("size")?.unsigned_abs()))
}

pub(super) async fn sizes(
    conn: &PlatformConn,
    tenants: impl Iterator<Item = TenantId>,
) -> Result<BTreeMap<TenantId, u64>, DbError> {
    let tenants: Vec<_> = tenants.map(|tenant| tenant.to_string()).collect();
    let rows = conn.raw_rows(SIZES, [tenants.join(",").into()]).await?;
    let size = |row: &elder_access::Row| {
        Ok((TenantId(row.get("tenant_id")?), row.get::<i64>("size")?.unsigned_abs()))
    };
    rows.iter().map(size).collect()
}

/// The events, opened for those who may read them, at the places from `from` on and before `to`, in the order of the log.
pub(crate) async fn events(tx: &TenantTx<impl Authority>, from: u64, to: u64) -> Result<Vec<Told>, DbError> {
    let place = |place: u64| i64::try_from(place).unwrap_or(i64::MAX);
    let rows = tx.raw_rows(EVENTS, [tx.tenant().into(), place(from).into(), place(to).into()]).await?;
    let placed = |row: &Row| Ok((row.get::<i64>("seq")?.unsigned_abs(), read(row)?));
    let mut placed = rows.iter().map(placed).collect::<Result<Vec<_>, DbError>>()?;
    tx.open_personal(placed.iter_mut().map(|(_, event)| event)).await?;
    Ok(placed.iter().map(|(seq, event)| Told::of(*seq, event)).collect())
}
