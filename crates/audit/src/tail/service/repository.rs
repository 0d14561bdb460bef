//! SQL of the live tail: how large logs are, and what stands at which place.

use std::collections::BTreeMap;

use elder_access::{DbError, PlatformConn, TenantConn};
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

/// The events at the places from `from` on and before `to`, in the order of the log.
pub(crate) async fn events(
    conn: &TenantConn,
    tenant: TenantId,
    from: u64,
    to: u64,
) -> Result<Vec<Told>, DbError> {
    let place = |place: u64| i64::try_from(place).unwrap_or(i64::MAX);
    let rows = conn.raw_rows(EVENTS, [tenant.into(), place(from).into(), place(to).into()]).await?;
    rows.iter().map(|row| Ok(Told::of(row.get::<i64>("seq")?.unsigned_abs(), &read(row)?))).collect()
}
