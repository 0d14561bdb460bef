//! Runs the statements of a shelf.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformTx, Row, TenantConn, work::Housekeeping};
use elder_kernel::{Id, Kind, TenantId};

use super::Shelf;

/// Begins a file anew: its row as it is then, if it waits to be written.
pub(super) async fn start<K: Kind>(
    tx: PlatformTx<Housekeeping>,
    shelf: &Shelf,
    tenant: TenantId,
    id: Id<K>,
) -> Result<Option<Row>, DbError> {
    let Some(row) = tx.raw_row(shelf.start, [tenant.into(), id.into()]).await? else { return Ok(None) };
    tx.settle(shelf.clear, [tenant.into(), id.into()]).await?;
    Ok(Some(row))
}

/// Whether it is still this attempt that writes; until the end of the transaction no other one begins.
pub(super) async fn is_mine<K: Kind>(
    tx: &PlatformTx<Housekeeping>,
    shelf: &Shelf,
    (tenant, id): (TenantId, Id<K>),
    attempt: i32,
) -> Result<bool, DbError> {
    Ok(tx.raw_row(shelf.mine, [tenant.into(), id.into(), attempt.into()]).await?.is_some())
}

pub(super) async fn add_chunk<K: Kind>(
    tx: &PlatformTx<Housekeeping>,
    shelf: &Shelf,
    (tenant, id): (TenantId, Id<K>),
    (number, content): (i32, Vec<u8>),
) -> Result<u64, DbError> {
    tx.run(shelf.add_chunk, [tenant.into(), id.into(), number.into(), content.into()]).await
}

pub(super) async fn go_on<K: Kind>(
    tx: PlatformTx<Housekeeping>,
    shelf: &Shelf,
    (tenant, id): (TenantId, Id<K>),
    (progress, events, size): (i32, i64, i64),
) -> Result<(), DbError> {
    tx.settle(shelf.go_on, [tenant.into(), id.into(), progress.into(), events.into(), size.into()]).await
}

pub(super) async fn complete<K: Kind>(
    tx: PlatformTx<Housekeeping>,
    shelf: &Shelf,
    (tenant, id): (TenantId, Id<K>),
    (events, size, sha256): (i64, i64, String),
) -> Result<(), DbError> {
    let now = tx.seam().now();
    let values = [tenant.into(), id.into(), events.into(), size.into(), sha256.into(), now.into()];
    tx.settle(shelf.complete, values).await
}

/// Gives a file up, and what was written of it.
pub(super) async fn fail<K: Kind>(
    tx: PlatformTx<Housekeeping>,
    shelf: &Shelf,
    (tenant, id): (TenantId, Id<K>),
    why: &str,
) -> Result<(), DbError> {
    let now = tx.seam().now();
    tx.run(shelf.clear, [tenant.into(), id.into()]).await?;
    tx.settle(shelf.fail, [tenant.into(), id.into(), why.into(), now.into()]).await
}

pub(super) async fn chunk<K: Kind>(
    conn: &TenantConn,
    shelf: &Shelf,
    (tenant, id): (TenantId, Id<K>),
    number: i32,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = conn.raw_row(shelf.chunk, [tenant.into(), id.into(), number.into()]).await?;
    row.map(|row| row.get("content")).transpose()
}

pub(super) async fn count(conn: &TenantConn, shelf: &Shelf, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(shelf.one_at_a_time, [tenant.into()]).await?;
    conn.raw_row(shelf.count, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("count"))
}

pub(super) async fn forget(
    tx: PlatformTx<Housekeeping>,
    shelf: &Shelf,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(shelf.forget, [now.into()]).await
}
