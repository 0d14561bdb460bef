//! SQL over the audit logs of all tenants.

use elder_access::{DbError, Found, PlatformConn, Row, Scope, Source, Stored};
use elder_kernel::{TenantId, collection::Selection};

use crate::{
    event::{columns, read},
    global::GlobalAuditEvent,
};

const EVENTS: Source = Source {
    table: "audit_logs",
    joins: &[],
    columns: columns!(),
    stored: &[("id", Stored::As("event_id"))],
};

pub(super) async fn list(
    conn: &PlatformConn,
    selection: &Selection,
) -> Result<Found<GlobalAuditEvent>, DbError> {
    conn.list(&EVENTS, &Scope::everything(), selection, shown).await
}

fn shown(row: &Row) -> Result<GlobalAuditEvent, DbError> {
    Ok(GlobalAuditEvent { tenant_id: TenantId(row.get("tenant_id")?), event: read(row)? })
}
