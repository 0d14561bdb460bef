//! SQL of verification: leaves beside the events that they are of.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, Row};
use elder_api_types::{AuditEventId, audit::AuditEvent};
use elder_kernel::{Id, TenantId};
use sea_orm::Value;
use uuid::Uuid;

use super::Digest;
use crate::event::{columns, read};

const KEYS: &str = "
    select s.origin, k.public_key from audit_signing_keys k cross join audit_sealer s
    where s.origin is not null order by k.created_at desc, k.public_key";
/// One statement, so that one moment is seen.
const EXTENT: &str = "
    select (select coalesce(max(seq) + 1, 0) from audit_leaves where tenant_id = $1) as leaves,
        (select coalesce(max(size), 0) from audit_checkpoints where tenant_id = $1) as signed";
const LEAVES: &str = "
    select seq, event_id, timestamp, hash from audit_leaves where tenant_id = $1 and seq >= $2 and seq < $3 order by seq";
/// Leaves lie nearly in the order of time, so that their events are one range of an index: read at a quarter of what it
/// costs to look each up.
const NEAR: &str = concat!(
    "select salt, ",
    columns!(),
    " from audit_logs where tenant_id = $1 and timestamp >= $2 and timestamp <= $3 limit $4"
);
/// The events of leaves that lie far apart, as where one was committed very late.
const FAR: &str = concat!(
    "select e.* from audit_leaves l cross join lateral (select salt, ",
    columns!(),
    " from audit_logs e where e.tenant_id = $1 and e.timestamp = l.timestamp and e.event_id = l.event_id
    ) e where l.tenant_id = $1 and l.seq >= $2 and l.seq < $3"
);
/// The removals that have taken events out of a range of leaves, with the places.
const REMOVALS: &str = "
    select r.id, lower(places) as first, upper(places) as behind
    from audit_removals r, unnest(r.seqs * int8multirange(int8range($2, $3))) as places
    where r.tenant_id = $1 and r.first_seq < $3 and r.last_seq >= $2";
const CHECKPOINTS: &str = "
    select size, note from audit_checkpoints where tenant_id = $1 and size > $2 and size <= $3 order by size";
/// What the sealer must have seen, and has no leaf.
const NEVER_SEALED: &str = "
    select e.event_id, e.timestamp from audit_logs e, audit_sealer s
    where e.tenant_id = $1 and s.seen is not null and pg_visible_in_snapshot(e.written_by, s.seen::pg_snapshot)
      and not exists (select from audit_leaves l where l.tenant_id = e.tenant_id and l.event_id = e.event_id
                        and l.timestamp = e.timestamp)
    order by e.timestamp, e.event_id limit 1000";

/// How long a log is.
pub(super) struct Extent {
    pub(super) leaves: u64,
    pub(super) signed: u64,
}

/// A leaf and the event that it is of, if that is still there.
pub(crate) struct StoredLeaf {
    pub(crate) seq: u64,
    pub(crate) id: AuditEventId,
    pub(crate) timestamp: DateTime<Utc>,
    pub(crate) hash: Digest,
    pub(crate) event: Option<(AuditEvent, Uuid)>,
    /// By which removal it went, if by one.
    pub(crate) removal: Option<Uuid>,
}

fn number(row: &Row, column: &str) -> Result<u64, DbError> {
    Ok(row.get::<i64>(column)?.unsigned_abs())
}

pub(super) async fn keys(conn: &PlatformConn) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    let rows = conn.raw_rows(KEYS, []).await?;
    rows.iter().map(|row| Ok((row.get("origin")?, row.get("public_key")?))).collect()
}

pub(super) async fn extent(conn: &PlatformConn, tenant: TenantId) -> Result<Extent, DbError> {
    let row = conn.raw_row(EXTENT, [tenant.into()]).await?;
    row.map_or(Ok(Extent { leaves: 0, signed: 0 }), |row| {
        Ok(Extent { leaves: number(&row, "leaves")?, signed: number(&row, "signed")? })
    })
}

pub(crate) async fn leaves(
    conn: &PlatformConn,
    tenant: TenantId,
    from: u64,
    to: u64,
) -> Result<Vec<StoredLeaf>, DbError> {
    let bounds = || [tenant.into(), signed(from).into(), signed(to).into()];
    let rows = conn.raw_rows(LEAVES, bounds()).await?;
    let mut leaves = rows.iter().map(leaf).collect::<Result<Vec<_>, _>>()?;
    let times = || leaves.iter().map(|leaf| leaf.timestamp);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(leaves) };
    let most = signed(2 * (to - from));
    let near: [Value; 4] = [tenant.into(), first.into(), last.into(), most.into()];
    let mut rows = conn.raw_rows(NEAR, near).await?;
    if rows.len() as u64 >= most.unsigned_abs() {
        rows = conn.raw_rows(FAR, bounds()).await?;
    }
    let mut events = HashMap::with_capacity(rows.len());
    for row in &rows {
        let event = read(row)?;
        events.insert((event.timestamp, event.id), (event, row.get("salt")?));
    }
    let mut removals = HashMap::new();
    for row in conn.raw_rows(REMOVALS, bounds()).await? {
        let removal: Uuid = row.get("id")?;
        removals.extend((number(&row, "first")?..number(&row, "behind")?).map(|seq| (seq, removal)));
    }
    for leaf in &mut leaves {
        leaf.event = events.remove(&(leaf.timestamp, leaf.id));
        leaf.removal = removals.remove(&leaf.seq);
    }
    Ok(leaves)
}

fn leaf(row: &Row) -> Result<StoredLeaf, DbError> {
    let hash: Vec<u8> = row.get("hash")?;
    Ok(StoredLeaf {
        seq: number(row, "seq")?,
        id: Id::from_uuid(row.get("event_id")?),
        timestamp: row.get("timestamp")?,
        // The schema lets no other length in.
        hash: Digest::from_bytes(&hash).unwrap_or_else(Digest::empty),
        event: None,
        removal: None,
    })
}

/// The checkpoints over more than `from` leaves and at most `to`.
pub(super) async fn checkpoints(
    conn: &PlatformConn,
    tenant: TenantId,
    from: u64,
    to: u64,
) -> Result<Vec<(u64, String)>, DbError> {
    let rows = conn.raw_rows(CHECKPOINTS, [tenant.into(), signed(from).into(), signed(to).into()]).await?;
    rows.iter().map(|row| Ok((number(row, "size")?, row.get("note")?))).collect()
}

pub(super) async fn never_sealed(
    conn: &PlatformConn,
    tenant: TenantId,
) -> Result<Vec<(AuditEventId, DateTime<Utc>)>, DbError> {
    let rows = conn.raw_rows(NEVER_SEALED, [tenant.into()]).await?;
    rows.iter().map(|row| Ok((Id::from_uuid(row.get("event_id")?), row.get("timestamp")?))).collect()
}

/// Numbers of leaves are far from the end of either type.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
