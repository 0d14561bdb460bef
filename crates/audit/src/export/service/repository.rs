//! SQL on `audit_exports`, on the pieces of their files, and on the events that go into them.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, PlatformTx, Row, Scope, Source, Stored, TenantConn, work::Housekeeping};
use elder_api_types::audit::AuditEvent;
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    event::{columns, read},
    export::{AuditExport, AuditExportFormat, AuditExportId, AuditExportState},
};

const EXPORTS: Source = Source {
    table: "audit_exports",
    joins: &[],
    columns: "*",
    stored: &[("from", Stored::As("since")), ("to", Stored::As("until"))],
};
const FIND: &str = "select * from audit_exports where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from audit_exports where tenant_id = $1 and id = $2 for update";
const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_exports'), $1)::text";
const COUNT: &str = "select count(*) from audit_exports where tenant_id = $1";
const INSERT: &str = "
    insert into audit_exports (tenant_id, id, format, proofs, filter, since, until, created_at, created_by, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const DELETE: &str = "delete from audit_exports where tenant_id = $1 and id = $2";
const FORGET: &str = "delete from audit_exports where expires_at <= $1";
const CHUNK: &str = "
    select content from audit_export_chunks where tenant_id = $1 and export_id = $2 and number = $3";
/// Begins anew, over what was sealed at the first beginning.
const START: &str = "
    update audit_exports e set state = 'running', attempts = e.attempts + 1, progress = 0, events = 0, size = 0,
        sealed = case when e.attempts = 0 then coalesce(newest.size, 0) else e.sealed end,
        checkpoint = case when e.attempts = 0 then newest.note else e.checkpoint end
    from tenants t left join lateral (
        select size, note from audit_checkpoints c where c.tenant_id = t.id order by size desc limit 1
    ) newest on true
    where t.id = $1 and e.tenant_id = $1 and e.id = $2 and e.state in ('queued', 'running')
    returning e.*, t.name as tenant_name, t.slug as tenant_slug,
        (select u.email from portal_users u where u.tenant_id = e.tenant_id and u.id = e.created_by) as requester";
const CLEAR: &str = "delete from audit_export_chunks where tenant_id = $1 and export_id = $2";
const MINE: &str = "
    select id from audit_exports where tenant_id = $1 and id = $2 and state = 'running' and attempts = $3 for update";
const ADD_CHUNK: &str = "
    insert into audit_export_chunks (tenant_id, export_id, number, content) values ($1, $2, $3, $4)";
const GO_ON: &str = "
    update audit_exports set progress = $3, events = $4, size = $5 where tenant_id = $1 and id = $2";
const COMPLETE: &str = "
    update audit_exports set state = 'completed', progress = 100, events = $3, size = $4, sha256 = $5, completed_at = $6
    where tenant_id = $1 and id = $2";
const FAIL: &str = "
    update audit_exports set state = 'failed', error = $3, completed_at = $4
    where tenant_id = $1 and id = $2 and state in ('queued', 'running')";
/// The place in the log is looked up for each event that is read, and not joined: so the page stays a range of the index.
pub(super) const EVENTS: Source = Source {
    table: "audit_logs",
    joins: &[],
    columns: concat!(
        columns!(),
        ", salt, (select l.seq from audit_leaves l where l.tenant_id = audit_logs.tenant_id \
         and l.event_id = audit_logs.event_id) as seq"
    ),
    stored: &[("id", Stored::As("event_id"))],
};
const PERIOD: &str = "tenant_id = $1 and timestamp >= $2::timestamptz and timestamp < $3::timestamptz";

/// An export whose writing has begun.
pub(crate) struct Begun {
    pub(crate) export: AuditExport,
    pub(crate) attempt: i32,
    pub(crate) sealed: u64,
    pub(crate) tenant_name: String,
    pub(crate) tenant_slug: String,
    pub(crate) requester: Option<String>,
}

/// An event with what proves it; without a place if it is not sealed.
pub(crate) struct Placed {
    pub(crate) event: AuditEvent,
    pub(crate) salt: Uuid,
    pub(crate) seq: Option<u64>,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<AuditExport>, DbError> {
    conn.list(&EXPORTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditExportId,
) -> Result<Option<AuditExport>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(shown).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditExportId,
) -> Result<Option<AuditExport>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(shown).transpose()
}

/// Lets one request of the tenant at a time add an export, so that none is counted too late.
pub(super) async fn one_at_a_time(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(ONE_AT_A_TIME, [tenant.into()]).await.map(drop)
}

pub(super) async fn count(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(COUNT, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("count"))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    export: &AuditExport,
) -> Result<u64, DbError> {
    let values: [Value; 10] = [
        tenant.into(),
        export.id.into(),
        export.format.name().into(),
        export.proofs.into(),
        Value::String(export.filter.clone()),
        Value::ChronoDateTimeUtc(export.from),
        export.to.into(),
        export.created_at.into(),
        Value::Uuid(export.created_by.map(Id::uuid)),
        export.expires_at.into(),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: AuditExportId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

pub(super) async fn chunk(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditExportId,
    number: i32,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = conn.raw_row(CHUNK, [tenant.into(), id.into(), number.into()]).await?;
    row.map(|row| row.get("content")).transpose()
}

pub(super) async fn forget(tx: PlatformTx<Housekeeping>, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.settle(FORGET, [now.into()]).await
}

/// Takes an export that is not at its end, and away what somebody else may have written of it before.
pub(super) async fn start(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: AuditExportId,
) -> Result<Option<Begun>, DbError> {
    let Some(row) = tx.raw_row(START, [tenant.into(), id.into()]).await? else { return Ok(None) };
    let begun = Begun {
        export: shown(&row)?,
        attempt: row.get("attempts")?,
        sealed: row.get::<i64>("sealed")?.unsigned_abs(),
        tenant_name: row.get("tenant_name")?,
        tenant_slug: row.get("tenant_slug")?,
        requester: row.get("requester")?,
    };
    tx.settle(CLEAR, [tenant.into(), id.into()]).await?;
    Ok(Some(begun))
}

/// Whether it is still this attempt that writes; until the end of the transaction no other one begins.
pub(super) async fn is_mine(
    tx: &PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: AuditExportId,
    attempt: i32,
) -> Result<bool, DbError> {
    Ok(tx.raw_row(MINE, [tenant.into(), id.into(), attempt.into()]).await?.is_some())
}

pub(super) async fn add_chunk(
    tx: &PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: AuditExportId,
    number: i32,
    content: Vec<u8>,
) -> Result<u64, DbError> {
    tx.run(ADD_CHUNK, [tenant.into(), id.into(), number.into(), content.into()]).await
}

pub(super) async fn go_on(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: AuditExportId,
    (progress, events, size): (i32, i64, i64),
) -> Result<(), DbError> {
    tx.settle(GO_ON, [tenant.into(), id.into(), progress.into(), events.into(), size.into()]).await
}

pub(super) async fn complete(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: AuditExportId,
    (events, size, sha256): (i64, i64, String),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let values = [tenant.into(), id.into(), events.into(), size.into(), sha256.into(), now.into()];
    tx.settle(COMPLETE, values).await
}

/// Gives an export up, and what was written of it.
pub(super) async fn fail(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: AuditExportId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.run(CLEAR, [tenant.into(), id.into()]).await?;
    tx.settle(FAIL, [tenant.into(), id.into(), why.into(), now.into()]).await
}

/// A page of the events that go into a file.
pub(super) async fn events(
    conn: &TenantConn,
    tenant: TenantId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    selection: &Selection,
) -> Result<Found<Placed>, DbError> {
    let period = Scope::of(PERIOD, [tenant.into(), from.into(), to.into()]);
    let placed = |row: &Row| {
        let seq: Option<i64> = row.get("seq")?;
        Ok(Placed { event: read(row)?, salt: row.get("salt")?, seq: seq.map(i64::unsigned_abs) })
    };
    conn.list(&EVENTS, &period, selection, placed).await
}

fn shown(row: &Row) -> Result<AuditExport, DbError> {
    let (format, state): (String, String) = (row.get("format")?, row.get("state")?);
    Ok(AuditExport {
        id: Id::from_uuid(row.get("id")?),
        format: AuditExportFormat::named(&format).ok_or_else(|| DbError::defect(Unknown(format)))?,
        proofs: row.get("proofs")?,
        filter: row.get("filter")?,
        from: row.get("since")?,
        to: row.get("until")?,
        state: AuditExportState::named(&state).ok_or_else(|| DbError::defect(Unknown(state)))?,
        error: row.get("error")?,
        progress: row.get("progress")?,
        events: row.get("events")?,
        size: row.get("size")?,
        sha256: row.get("sha256")?,
        checkpoint: row.get("checkpoint")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        completed_at: row.get("completed_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// The schema lets no other word in.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no word of an export")]
struct Unknown(String);

#[cfg(test)]
mod tests;
