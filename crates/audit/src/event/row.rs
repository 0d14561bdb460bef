//! An event as its row in the database has it.

use elder_access::{DbError, Row};
use elder_kernel::Id;
use uuid::Uuid;

use super::AuditEvent;

/// The columns that [`read`] reads, and the tenant.
macro_rules! columns {
    () => {
        "tenant_id, event_id, timestamp, correlation_id, actor_type, actor_user_id, actor_key_id, impersonator_id, \
         actor_ip, actor_user_agent, action, category, resource_type, resource_id, organization_id, changes, outcome, \
         reason, metadata"
    };
}
pub(crate) use columns;

/// Reads a row that has [`columns`].
pub(crate) fn read(row: &Row) -> Result<AuditEvent, DbError> {
    let uuid = |column| row.get::<Option<Uuid>>(column);
    Ok(AuditEvent {
        id: Id::from_uuid(row.get("event_id")?),
        timestamp: row.get("timestamp")?,
        correlation_id: row.get("correlation_id")?,
        actor_type: row.get("actor_type")?,
        actor_user_id: uuid("actor_user_id")?.map(Id::from_uuid),
        actor_key_id: uuid("actor_key_id")?,
        impersonator_id: uuid("impersonator_id")?.map(Id::from_uuid),
        actor_ip: row.get("actor_ip")?,
        actor_user_agent: row.get("actor_user_agent")?,
        action: row.get("action")?,
        category: row.get("category")?,
        resource_type: row.get("resource_type")?,
        resource_id: row.get("resource_id")?,
        organization_id: uuid("organization_id")?.map(Id::from_uuid),
        changes: row.get("changes")?,
        outcome: row.get("outcome")?,
        reason: row.get("reason")?,
        metadata: row.get("metadata")?,
    })
}
