//! SQL on `audit_bodies`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, TenantConn};
use elder_api_types::settings::RetentionSettings;
use elder_kernel::TenantId;
use sea_orm::Value;
use uuid::Uuid;

use crate::event::AuditEventId;

/// From when on bodies of a tenant `t` are kept, at the moment `$1`; `$2` are the days where it says nothing.
macro_rules! kept_since {
    () => {
        "($1::timestamptz - make_interval(days => coalesce((t.settings #>> '{retention,audit_bodies_days}')::int, $2::int)))"
    };
}
const FIND: &str = concat!(
    "select b.sealed, e.metadata ->> 'body' as digest from tenants t
    join audit_bodies b on b.tenant_id = t.id
    join audit_logs e on e.tenant_id = b.tenant_id and e.timestamp = b.timestamp and e.event_id = b.event_id
    where t.id = $3 and b.event_id = $4 and b.timestamp > ",
    kept_since!()
);
const WITH_DUE: &str = concat!(
    "select t.id from tenants t
    where exists (select from audit_bodies b where b.tenant_id = t.id and b.timestamp <= ",
    kept_since!(),
    ") order by t.id"
);
const FORGET: &str = concat!(
    "delete from audit_bodies b using tenants t, lateral (
        select d.event_id from audit_bodies d where d.tenant_id = t.id and d.timestamp <= ",
    kept_since!(),
    " order by d.timestamp limit $4 offset 0
    ) due
    where t.id = $3 and b.tenant_id = t.id and b.event_id = due.event_id and not t.legal_hold
      and not exists (select from legal_holds h where h.tenant_id = t.id and h.released_at is null)"
);
const SHUT: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_bodies'), $1)::text";
const PAGE: &str = "
    select b.event_id, b.sealed, e.actor_user_id, e.impersonator_id, e.metadata ->> 'path' as path
    from (select * from audit_bodies where tenant_id = $1 and event_id > $2 order by event_id limit 500) b
    left join audit_logs e on e.tenant_id = b.tenant_id and e.timestamp = b.timestamp and e.event_id = b.event_id
    order by b.event_id";
const DELETE: &str = "delete from audit_bodies where tenant_id = $1 and event_id = any ($2::uuid[])";

/// The bodies of a call, and what their event tells of people.
pub(super) struct Kept {
    pub(super) event: Uuid,
    pub(super) sealed: Vec<u8>,
    pub(super) actors: [Option<Uuid>; 2],
    pub(super) path: Option<String>,
}

/// Days where a tenant says nothing.
fn usual_days() -> Value {
    i32::try_from(RetentionSettings::default().audit_bodies_days).unwrap_or(i32::MAX).into()
}

/// What is kept of a call, and its hash as the event has it.
pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditEventId,
    now: DateTime<Utc>,
) -> Result<Option<(Vec<u8>, Option<String>)>, DbError> {
    let row = conn.raw_row(FIND, [now.into(), usual_days(), tenant.into(), id.into()]).await?;
    row.map(|row| Ok((row.get("sealed")?, row.get("digest")?))).transpose()
}

/// The tenants that have bodies whose days have ended.
pub(super) async fn with_due(conn: &PlatformConn, now: DateTime<Utc>) -> Result<Vec<TenantId>, DbError> {
    let rows = conn.raw_rows(WITH_DUE, [now.into(), usual_days()]).await?;
    rows.iter().map(|row| row.get("id").map(TenantId)).collect()
}

/// Deletes those that are due, unless a hold is in force.
pub(super) async fn forget(
    conn: &PlatformConn,
    tenant: TenantId,
    now: DateTime<Utc>,
    most: i64,
) -> Result<u64, DbError> {
    conn.run(FORGET, [now.into(), usual_days(), tenant.into(), most.into()]).await
}

/// Keeps others from adding bodies until the end of the transaction.
pub(super) async fn shut(conn: &PlatformConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(SHUT, [tenant.into()]).await.map(drop)
}

/// The next bodies of a tenant.
pub(super) async fn page(conn: &PlatformConn, tenant: TenantId, behind: Uuid) -> Result<Vec<Kept>, DbError> {
    let rows = conn.raw_rows(PAGE, [tenant.into(), behind.into()]).await?;
    let kept = |row: &elder_access::Row| {
        Ok(Kept {
            event: row.get("event_id")?,
            sealed: row.get("sealed")?,
            actors: [row.get("actor_user_id")?, row.get("impersonator_id")?],
            path: row.get("path")?,
        })
    };
    rows.iter().map(kept).collect()
}

/// Deletes the bodies of these calls.
pub(super) async fn delete(conn: &PlatformConn, tenant: TenantId, events: Vec<Uuid>) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), events.into()]).await
}

#[cfg(test)]
mod tests;
