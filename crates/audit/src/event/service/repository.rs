//! SQL on `audit_logs`.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{DbError, Found, Scope, Source, Stored, TenantConn};
use elder_kernel::{TenantId, collection::Selection};
use uuid::Uuid;

use crate::event::{AuditEvent, AuditEventId, columns, read};

const EVENTS: Source = Source {
    table: "audit_logs",
    joins: &[],
    columns: columns!(),
    stored: &[("id", Stored::As("event_id"))],
};
const FIND: &str = concat!(
    "select ",
    columns!(),
    ", salt from audit_logs where tenant_id = $1 and event_id = $2 and timestamp between $3 and $4"
);
/// An event's id has its own reading of the clock, just after that of the event.
const APART: TimeDelta = TimeDelta::seconds(2);

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<AuditEvent>, DbError> {
    conn.list(&EVENTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

/// Finds an event in the days that its id tells: no index over ids is needed.
pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditEventId,
) -> Result<Option<(AuditEvent, Uuid)>, DbError> {
    let Some(made) = made_at(id.uuid()) else { return Ok(None) };
    let (from, to) = (made - APART, made + APART);
    let row = conn.raw_row(FIND, [tenant.into(), id.into(), from.into(), to.into()]).await?;
    row.map(|row| Ok((read(&row)?, row.get("salt")?))).transpose()
}

/// The moment in a `UUIDv7`.
fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

#[cfg(test)]
mod tests;
