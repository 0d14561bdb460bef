//! SQL of the sealer.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, PlatformTx, Row, packed, work::Housekeeping};
use elder_api_types::audit::AuditEvent;
use elder_kernel::TenantId;
use sea_orm::Value;
use uuid::Uuid;

use super::LEVELS_A_STEP;
use crate::{
    event::{columns, read},
    note::Checkpoint,
    seal::{SealError, Snapshot},
    tree::{Digest, Edge, Subtree},
};

// Both begin with a statement of their own: a snapshot is older than what its statement has waited for.
const IS_FREE: &str = "select pg_try_advisory_xact_lock(hashtext('elder.audit_sealer')) as is_free";
const WAIT: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_sealer'))::text";
const STATE: &str = "
    select s.origin, case when s.cluster = here.system_identifier then s.seen end as seen,
        here.system_identifier as cluster, k.public_key, k.sealed_private
    from audit_sealer s cross join pg_control_system() here
    left join lateral (
        select public_key, sealed_private from audit_signing_keys order by created_at desc, public_key limit 1
    ) k on true";
const ADD_KEY: &str =
    "insert into audit_signing_keys (public_key, sealed_private, created_at) values ($1, $2, $3)";
const NAME: &str = "update audit_sealer set origin = $1 where origin is null";
/// What the last moment has not seen, in whatever order it was committed: transactions that ran then, and those that came
/// later. A transaction is taken whole. The order is that of the column: its bare name would be that of the text beside it,
/// after which transaction 10 comes before 9, and all that wait would be read to be sorted.
const SINCE: &str = concat!(
    "select moment.now, e.* from (select pg_current_snapshot()::text as now) moment left join (
        (select true as is_late, written_by::text as number, salt, ",
    columns!(),
    " from audit_logs
         where written_by = any (string_to_array($2, ',')::xid8[]))
        union all
        (select false, written_by::text, salt, ",
    columns!(),
    " from audit_logs
         where written_by >= $1::text::xid8 order by audit_logs.written_by fetch first ($3::bigint) rows with ties)
    ) e on true"
);
/// What has no leaf: where no moment is known, as in a database that was restored elsewhere.
const UNSEALED: &str = concat!(
    "select moment.now, e.* from (select pg_current_snapshot()::text as now) moment left join (
        select false as is_late, written_by::text as number, salt, ", columns!(), " from audit_logs a
        where not exists (select from audit_leaves l where l.tenant_id = a.tenant_id and l.event_id = a.event_id)
        order by timestamp, tenant_id, event_id limit $1
    ) e on true"
);
/// Of what the last moment has not seen, the time of the first. Of those that came later, the first transaction stands for
/// all: only the sealer reads what may be many.
const OLDEST: &str = "
    select min(timestamp) as oldest from (
        (select timestamp from audit_logs where written_by = any (string_to_array($2, ',')::xid8[]))
        union all
        (select timestamp from audit_logs where written_by >= $1::text::xid8 order by written_by limit 1)
    ) unsealed";
const EDGES: &str = "
    select tenant_id, size, edge from audit_trees where tenant_id = any (string_to_array($1, ',')::int[])";
const ADD_LEAVES: &str = "
    insert into audit_leaves (tenant_id, seq, timestamp, event_id, hash)
    select (v->>0)::int, (v->>1)::bigint, (v->>2)::timestamptz, (v->>3)::uuid, decode(v->>4, 'hex')
    from jsonb_array_elements($1::jsonb) as packed (v)";
const ADD_NODES: &str = "
    insert into audit_nodes (tenant_id, step, index, hash)
    select (v->>0)::int, (v->>1)::int, (v->>2)::bigint, decode(v->>3, 'hex')
    from jsonb_array_elements($1::jsonb) as packed (v)";
const ADD_CHECKPOINTS: &str = "
    insert into audit_checkpoints (tenant_id, size, root, created_at, note)
    select (v->>0)::int, (v->>1)::bigint, decode(v->>2, 'hex'), $2, v->>3
    from jsonb_array_elements($1::jsonb) as packed (v)";
const SET_EDGES: &str = "
    insert into audit_trees (tenant_id, size, edge)
    select (v->>0)::int, (v->>1)::bigint, decode(v->>2, 'hex') from jsonb_array_elements($1::jsonb) as packed (v)
    on conflict (tenant_id) do update set size = excluded.size, edge = excluded.edge";
const GO_ON: &str = "update audit_sealer set seen = $1, cluster = $2";

/// Where the sealer stands.
pub(super) struct State {
    pub(super) origin: Option<String>,
    pub(super) seen: Option<Snapshot>,
    pub(super) cluster: i64,
    pub(super) key: Option<Key>,
}

/// A key as it is stored.
pub(super) struct Key {
    pub(super) public: Vec<u8>,
    pub(super) sealed_private: Vec<u8>,
}

/// An event that has no leaf.
pub(super) struct NewEvent {
    pub(super) tenant: TenantId,
    pub(super) event: AuditEvent,
    pub(super) salt: Uuid,
}

/// Some new events, and the moment that saw them.
pub(super) struct Batch {
    pub(super) events: Vec<NewEvent>,
    pub(super) now: Snapshot,
    /// Up to which transaction, if there may be more.
    pub(super) last: Option<u64>,
}

/// Lets one process at a time seal, until the end of the transaction; false if another one does.
pub(super) async fn is_free(conn: &PlatformConn) -> Result<bool, DbError> {
    let row = conn.raw_row(IS_FREE, []).await?;
    row.map_or(Ok(false), |row| row.get("is_free"))
}

/// The same, and waits for the other one.
pub(super) async fn wait(conn: &PlatformConn) -> Result<(), DbError> {
    conn.raw_row(WAIT, []).await.map(drop)
}

pub(super) async fn state(conn: &PlatformConn) -> Result<State, SealError> {
    let row = conn.raw_row(STATE, []).await?.ok_or_else(|| DbError::defect(Missing))?;
    let seen: Option<String> = row.get("seen")?;
    let public: Option<Vec<u8>> = row.get("public_key")?;
    let sealed: Option<Vec<u8>> = row.get("sealed_private")?;
    Ok(State {
        origin: row.get("origin")?,
        seen: seen.map(|seen| seen.parse()).transpose()?,
        cluster: row.get("cluster")?,
        key: public.zip(sealed).map(|(public, sealed_private)| Key { public, sealed_private }),
    })
}

/// The one row of the sealer is not there.
#[derive(Debug, thiserror::Error)]
#[error("the table audit_sealer is empty")]
struct Missing;

pub(super) async fn add_key(
    conn: &PlatformConn,
    key: Key,
    now: DateTime<Utc>,
    origin: &str,
) -> Result<(), DbError> {
    conn.run(ADD_KEY, [key.public.into(), key.sealed_private.into(), now.into()]).await?;
    conn.run(NAME, [origin.into()]).await.map(drop)
}

pub(super) async fn since(conn: &PlatformConn, seen: &Snapshot, most: i64) -> Result<Batch, SealError> {
    let [end, running] = unseen(seen);
    let rows = conn.raw_rows(SINCE, [end, running, most.into()]).await?;
    batch(&rows, most)
}

pub(super) async fn oldest(conn: &PlatformConn, seen: &Snapshot) -> Result<Option<DateTime<Utc>>, DbError> {
    conn.raw_row(OLDEST, unseen(seen)).await?.map_or(Ok(None), |row| row.get("oldest"))
}

/// The transactions that a moment has not seen: all from the first number on, and those of the second.
fn unseen(seen: &Snapshot) -> [Value; 2] {
    let running: Vec<_> = seen.running().map(|number| number.to_string()).collect();
    [seen.end().to_string().into(), running.join(",").into()]
}

pub(super) async fn unsealed(conn: &PlatformConn, most: i64) -> Result<Batch, SealError> {
    batch(&conn.raw_rows(UNSEALED, [most.into()]).await?, most)
}

fn batch(rows: &[Row], most: i64) -> Result<Batch, SealError> {
    let now: String = rows.first().ok_or_else(|| DbError::defect(Missing))?.get("now")?;
    let (mut events, mut new, mut last) = (Vec::with_capacity(rows.len()), 0, None);
    for row in rows {
        // No event at all leaves one row without any.
        let Some(is_late) = row.get::<Option<bool>>("is_late")? else { continue };
        if !is_late {
            let number: u64 = row.get::<String>("number")?.parse().map_err(DbError::defect)?;
            (new, last) = (new + 1, last.max(Some(number)));
        }
        let tenant = TenantId(row.get("tenant_id")?);
        events.push(NewEvent { tenant, event: read(row)?, salt: row.get("salt")? });
    }
    Ok(Batch { events, now: now.parse()?, last: last.filter(|_| new >= most) })
}

pub(super) async fn edges(
    conn: &PlatformConn,
    tenants: impl Iterator<Item = &TenantId>,
) -> Result<BTreeMap<TenantId, Edge>, SealError> {
    let named: Vec<_> = tenants.map(ToString::to_string).collect();
    let mut edges = BTreeMap::new();
    for row in conn.raw_rows(EDGES, [named.join(",").into()]).await? {
        let (tenant, size): (_, i64) = (TenantId(row.get("tenant_id")?), row.get("size")?);
        let bytes: Vec<u8> = row.get("edge")?;
        let edge = Edge::read(size.unsigned_abs(), &bytes).ok_or(SealError::Edge(tenant))?;
        edges.insert(tenant, edge);
    }
    Ok(edges)
}

fn hex(bytes: &[u8]) -> Value {
    crate::hex::hex(bytes).into()
}

pub(super) async fn add_leaves(
    conn: &PlatformConn,
    leaves: &[(TenantId, u64, NewEvent, Digest)],
) -> Result<(), DbError> {
    let row = |(tenant, seq, new, hash): &(TenantId, u64, NewEvent, Digest)| {
        [(*tenant).into(), (*seq).into(), new.event.timestamp.into(), new.event.id.into(), hex(&hash.0)]
    };
    conn.run_last(ADD_LEAVES, [packed(leaves.iter().map(row))]).await
}

pub(super) async fn add_nodes(
    conn: &PlatformConn,
    nodes: &[(TenantId, Subtree, Digest)],
) -> Result<(), DbError> {
    let row = |(tenant, subtree, hash): &(TenantId, Subtree, Digest)| {
        [(*tenant).into(), (subtree.level / LEVELS_A_STEP).into(), subtree.index.into(), hex(&hash.0)]
    };
    if nodes.is_empty() {
        return Ok(());
    }
    conn.run_last(ADD_NODES, [packed(nodes.iter().map(row))]).await
}

pub(super) async fn add_checkpoints(
    conn: &PlatformConn,
    checkpoints: &[(TenantId, Checkpoint, String)],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = |(tenant, checkpoint, note): &(TenantId, Checkpoint, String)| {
        [(*tenant).into(), checkpoint.size.into(), hex(&checkpoint.root.0), note.as_str().into()]
    };
    conn.run_last(ADD_CHECKPOINTS, [packed(checkpoints.iter().map(row)), now.into()]).await
}

pub(super) async fn set_edges(conn: &PlatformConn, edges: &[(TenantId, Edge)]) -> Result<(), DbError> {
    let row = |(tenant, edge): &(TenantId, Edge)| [(*tenant).into(), edge.size().into(), hex(&edge.bytes())];
    conn.run_last(SET_EDGES, [packed(edges.iter().map(row))]).await
}

pub(super) async fn go_on(
    tx: PlatformTx<Housekeeping>,
    seen: Option<&Snapshot>,
    cluster: i64,
) -> Result<(), DbError> {
    tx.settle(GO_ON, [Value::String(seen.map(ToString::to_string)), cluster.into()]).await
}

#[cfg(test)]
mod tests;
