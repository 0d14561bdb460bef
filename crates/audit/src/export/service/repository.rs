//! SQL on `audit_exports`, on the pieces of their files, and on the events that go into them.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
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
const INSERT: &str = "
    insert into audit_exports (tenant_id, id, format, proofs, filter, since, until, created_at, created_by, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const DELETE: &str = "delete from audit_exports where tenant_id = $1 and id = $2";
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

pub(super) fn shown(row: &Row) -> Result<AuditExport, DbError> {
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
