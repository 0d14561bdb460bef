//! SQL on `audit_restored_events`.

use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection};

use crate::{
    event::{columns, read},
    restored::RestoredAuditEvent,
};

const EVENTS: Source = Source {
    table: "audit_restored_events",
    joins: &[],
    columns: concat!(columns!(), ", archive_id"),
    stored: &[("id", Stored::As("event_id"))],
};

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<RestoredAuditEvent>, DbError> {
    conn.list(&EVENTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

fn shown(row: &Row) -> Result<RestoredAuditEvent, DbError> {
    Ok(RestoredAuditEvent { archive_id: Id::from_uuid(row.get("archive_id")?), event: read(row)? })
}
