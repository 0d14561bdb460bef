//! SQL on `audit_streams`.

use chrono::{DateTime, Utc};
use elder_access::{
    DbError, Found, PlatformTx, Row, Scope, Source, Stored as Column, TenantConn, packed, work::Housekeeping,
};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::stream::{AuditStream, AuditStreamHealth, AuditStreamId};

macro_rules! columns {
    () => {
        "audit_streams.*, coalesce((select t.size from audit_trees t where t.tenant_id = audit_streams.tenant_id), 0)
            as sealed"
    };
}

const STREAMS: Source = Source {
    table: "audit_streams",
    joins: &[],
    columns: columns!(),
    stored: &[("name", Column::As("name_folded"))],
};
const FIND: &str = concat!("select ", columns!(), " from audit_streams where tenant_id = $1 and id = $2");
const LOCK: &str =
    concat!("select ", columns!(), " from audit_streams where tenant_id = $1 and id = $2 for update");
const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_streams'), $1)::text";
const COUNT: &str = "select count(*) from audit_streams where tenant_id = $1";
const SEALED: &str = "select coalesce(max(size), 0) as size from audit_trees where tenant_id = $1";
const INSERT: &str = "
    insert into audit_streams (tenant_id, id, name, name_folded, target, sealed_secret, filter, cursor, next_try_at,
        created_at, created_by, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $9)";
const UPDATE: &str = "
    update audit_streams set name = $3, name_folded = $4, target = $5, sealed_secret = $6, filter = $7, is_active = $8,
        failures = 0, last_error = null, next_try_at = $9, version = $10, updated_at = $9
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from audit_streams where tenant_id = $1 and id = $2";
/// Streams whose turn it is and that have something to send. Those that another node looks at are left to it.
const DUE: &str = "
    select s.tenant_id, s.id from audit_streams s
    where s.is_active and s.next_try_at <= $1
      and exists (select from audit_trees t where t.tenant_id = s.tenant_id and t.size > s.cursor)
    order by s.next_try_at limit $2 for update of s skip locked";
const LEASE: &str = "
    update audit_streams s set next_try_at = $2
    from jsonb_array_elements($1::jsonb) as packed (v)
    where s.tenant_id = (v->>0)::int and s.id = (v->>1)::uuid";
/// Only from where it was read, and only as it was read: what somebody else has sent or changed meanwhile stays.
const ARRIVED: &str = "
    update audit_streams set cursor = $4, missing = missing + $5, failures = 0, last_error = null, delivered_at = $6,
        next_try_at = $7
    where tenant_id = $1 and id = $2 and cursor = $3 and version = $8";
const FAILED: &str = "
    update audit_streams set failures = failures + 1, last_error = $4, next_try_at = $5
    where tenant_id = $1 and id = $2 and cursor = $3 and version = $6";
const LEAVE: &str =
    "update audit_streams set next_try_at = $3 where tenant_id = $1 and id = $2 and failures = 0";

/// A stream with its sealed secret.
pub(crate) struct Stored {
    pub(crate) stream: AuditStream,
    pub(crate) sealed_secret: Option<Vec<u8>>,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<AuditStream>, DbError> {
    conn.list(&STREAMS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditStreamId,
) -> Result<Option<Stored>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(stored).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditStreamId,
) -> Result<Option<Stored>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(stored).transpose()
}

pub(super) async fn one_at_a_time(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(ONE_AT_A_TIME, [tenant.into()]).await.map(drop)
}

pub(super) async fn count(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(COUNT, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("count"))
}

/// How much of the log is sealed.
pub(super) async fn sealed(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(SEALED, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("size"))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    stream: &AuditStream,
    sealed_secret: Option<Vec<u8>>,
) -> Result<u64, DbError> {
    let values: [Value; 10] = [
        tenant.into(),
        stream.id.into(),
        stream.name.as_str().into(),
        fold(&stream.name).into(),
        serde_json::json!(stream.target).into(),
        Value::Bytes(sealed_secret),
        Value::String(stream.filter.clone()),
        stream.cursor.into(),
        stream.created_at.into(),
        Value::Uuid(stream.created_by.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    stream: &AuditStream,
    sealed_secret: Option<Vec<u8>>,
) -> Result<u64, DbError> {
    let values: [Value; 10] = [
        tenant.into(),
        stream.id.into(),
        stream.name.as_str().into(),
        fold(&stream.name).into(),
        serde_json::json!(stream.target).into(),
        Value::Bytes(sealed_secret),
        Value::String(stream.filter.clone()),
        stream.is_active.into(),
        stream.updated_at.into(),
        stream.version.into(),
    ];
    conn.run(UPDATE, values).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: AuditStreamId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

/// Takes streams whose turn it is, until `lease`: if this node dies, another takes them then.
pub(super) async fn take(
    tx: PlatformTx<Housekeeping>,
    most: i64,
    lease: DateTime<Utc>,
) -> Result<Vec<(TenantId, AuditStreamId)>, DbError> {
    let rows = tx.raw_rows(DUE, [tx.seam().now().into(), most.into()]).await?;
    let key = |row: &Row| Ok((TenantId(row.get("tenant_id")?), Id::from_uuid(row.get("id")?)));
    let keys: Vec<(TenantId, AuditStreamId)> = rows.iter().map(key).collect::<Result<_, DbError>>()?;
    if !keys.is_empty() {
        let packed = packed(keys.iter().map(|(tenant, id)| [Value::from(tenant.0), (*id).into()]));
        tx.settle(LEASE, [packed, lease.into()]).await?;
    }
    Ok(keys)
}

/// Notes that a batch has arrived; false if that is not where the stream stands any more.
pub(super) async fn arrived(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    before: &AuditStream,
    (cursor, missing): (u64, u64),
    next: DateTime<Utc>,
) -> Result<bool, DbError> {
    let number = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let now = tx.seam().now();
    let key = [tenant.into(), before.id.into(), before.cursor.into(), number(cursor), number(missing)];
    let rest = [now.into(), next.into(), before.version.into()];
    let changed = tx.run(ARRIVED, key.into_iter().chain(rest)).await?;
    tx.settle("select", []).await?;
    Ok(changed == 1)
}

pub(super) async fn failed(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    before: &AuditStream,
    why: &str,
    next: DateTime<Utc>,
) -> Result<(), DbError> {
    let key = [tenant.into(), before.id.into(), before.cursor.into()];
    let rest = [why.into(), next.into(), before.version.into()];
    tx.settle(FAILED, key.into_iter().chain(rest)).await
}

/// Leaves a stream that has more to send to whoever is next.
pub(super) async fn leave(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: AuditStreamId,
) -> Result<(), DbError> {
    let now = tx.seam().now();
    tx.settle(LEAVE, [tenant.into(), id.into(), now.into()]).await
}

fn stored(row: &Row) -> Result<Stored, DbError> {
    Ok(Stored { stream: shown(row)?, sealed_secret: row.get("sealed_secret")? })
}

fn shown(row: &Row) -> Result<AuditStream, DbError> {
    let target: serde_json::Value = row.get("target")?;
    let (cursor, sealed): (i64, i64) = (row.get("cursor")?, row.get("sealed")?);
    let (is_active, failures): (bool, i32) = (row.get("is_active")?, row.get("failures")?);
    Ok(AuditStream {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        target: serde_json::from_value(target).map_err(DbError::defect)?,
        filter: row.get("filter")?,
        is_active,
        health: match (is_active, failures) {
            (false, _) => AuditStreamHealth::Paused,
            (true, 0) => AuditStreamHealth::Ok,
            (true, _) => AuditStreamHealth::Failing,
        },
        cursor,
        lag: (sealed - cursor).max(0),
        missing: row.get("missing")?,
        failures,
        last_error: row.get("last_error")?,
        delivered_at: row.get("delivered_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}

#[cfg(test)]
mod tests;
