//! SQL of what is read back from archives.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, PlatformTx, packed, work::Housekeeping};
use elder_api_types::audit::AuditEvent;
use elder_kernel::Id;
use sea_orm::Value;
use uuid::Uuid;

use super::Open;

const SET_RESTORED: &str = "update audit_archives set restored_until = $3 where tenant_id = $1 and id = $2";
const RESTORE: &str = "
    insert into audit_restored_events (tenant_id, archive_id, event_id, timestamp, correlation_id, actor_type,
        actor_user_id, actor_key_id, impersonator_id, actor_ip, actor_user_agent, action, category, resource_type,
        resource_id, organization_id, changes, outcome, reason, metadata, salt)
    select $1, $2, (v->>0)::uuid, (v->>1)::timestamptz, v->>2, v->>3, (v->>4)::uuid, (v->>5)::uuid, (v->>6)::uuid, v->>7,
        v->>8, v->>9, v->>10, v->>11, v->>12, (v->>13)::uuid, v->14, v->>15, v->>16, v->17, (v->>18)::uuid
    from jsonb_array_elements($3::jsonb) as packed (v) on conflict do nothing";
const FORGET_RESTORED: &str = "
    with over as (
        update audit_archives set restored_until = null where restored_until <= $1 returning tenant_id, id)
    delete from audit_restored_events e using over where e.tenant_id = over.tenant_id and e.archive_id = over.id";

pub(in crate::archive::service) async fn set_restored(
    conn: &PlatformConn,
    open: &Open,
    until: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(SET_RESTORED, [open.tenant.into(), open.id.into(), until.into()]).await
}

/// Puts events beside the log, where they can be searched.
pub(in crate::archive::service) async fn restore(
    conn: &PlatformConn,
    open: &Open,
    events: &[(AuditEvent, Uuid)],
) -> Result<u64, DbError> {
    let rows = events.iter().map(|(event, salt)| columns(event, *salt));
    conn.run(RESTORE, [open.tenant.into(), open.id.into(), packed(rows)]).await
}

fn columns(event: &AuditEvent, salt: Uuid) -> [Value; 19] {
    let uuid = |id: Option<Uuid>| Value::Uuid(id);
    [
        event.id.into(),
        event.timestamp.into(),
        event.correlation_id.as_str().into(),
        event.actor_type.as_str().into(),
        uuid(event.actor_user_id.map(Id::uuid)),
        uuid(event.actor_key_id),
        uuid(event.impersonator_id.map(Id::uuid)),
        Value::String(event.actor_ip.clone()),
        Value::String(event.actor_user_agent.clone()),
        event.action.as_str().into(),
        event.category.as_str().into(),
        event.resource_type.as_str().into(),
        Value::String(event.resource_id.clone()),
        uuid(event.organization_id.map(Id::uuid)),
        event.changes.clone().into(),
        event.outcome.as_str().into(),
        Value::String(event.reason.clone()),
        event.metadata.clone().into(),
        salt.into(),
    ]
}

pub(in crate::archive::service) async fn forget_restored(
    tx: PlatformTx<Housekeeping>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(FORGET_RESTORED, [now.into()]).await
}
