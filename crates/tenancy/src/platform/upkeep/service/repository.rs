//! The SQL of upkeep.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, PlatformTx, work::Housekeeping};
use elder_kernel::TenantId;
use sea_orm::Value;
use serde_json::json;

use crate::platform::upkeep::{Due, UsageDelta};

// The trigger that guards the audit log looks at the database's clock, so both have to agree that the time has come.
const DUE: &str = "
    select id, slug, name from tenants
    where deletion_scheduled_at <= least($1::timestamptz, now()) and not legal_hold and id <> 1
      and not exists (select from legal_holds h where h.tenant_id = tenants.id and h.released_at is null)
    order by deletion_scheduled_at limit 1 for update skip locked";
const REMOVE_AUDIT: [&str; 5] = [
    "delete from audit_removals where tenant_id = $1",
    "delete from audit_logs where tenant_id = $1",
    "delete from audit_leaves where tenant_id = $1",
    "delete from audit_nodes where tenant_id = $1",
    "delete from audit_checkpoints where tenant_id = $1",
];
const REMOVE: &str = "delete from tenants where id = $1";
const PARTITIONS: &str = "select ensure_partitions($1, $2)";
const FOLD: &str = "
    insert into usage_days (tenant_id, day, metric, value)
    select d.tenant_id, d.day, d.metric, sum(d.value)::bigint
    from jsonb_to_recordset($1::jsonb) as d (tenant_id int, day date, metric text, value bigint)
    join tenants t on t.id = d.tenant_id
    group by d.tenant_id, d.day, d.metric
    on conflict (tenant_id, day, metric) do update set value = usage_days.value + excluded.value";

/// Finds the tenant that has been due the longest and keeps other workers from it.
pub(super) async fn due(conn: &PlatformConn, now: DateTime<Utc>) -> Result<Option<Due>, DbError> {
    let Some(row) = conn.raw_row(DUE, [now.into()]).await? else { return Ok(None) };
    Ok(Some(Due { id: TenantId(row.get("id")?), slug: row.get("slug")?, name: row.get("name")? }))
}

/// Removes a tenant with every row of it.
pub(super) async fn remove(conn: &PlatformConn, tenant: TenantId) -> Result<(), DbError> {
    // Before the tenant itself: the audit log gives its events up only while it can see that the tenant is due.
    for table in REMOVE_AUDIT {
        conn.run(table, [tenant.into()]).await?;
    }
    conn.run(REMOVE, [tenant.into()]).await.map(drop)
}

/// Makes the partitions of the month of `at` and of so many behind it.
pub(super) async fn ensure_partitions(
    tx: PlatformTx<Housekeeping>,
    months: i32,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(PARTITIONS, [months.into(), at.into()]).await
}

pub(super) async fn fold(tx: PlatformTx<Housekeeping>, deltas: &[UsageDelta]) -> Result<(), DbError> {
    let delta = |(tenant, day, metric, value): &UsageDelta| json!({ "tenant_id": tenant, "day": day, "metric": metric, "value": value });
    tx.settle(FOLD, [Value::from(deltas.iter().map(delta).collect::<serde_json::Value>())]).await
}
