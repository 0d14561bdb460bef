//! What the worker does by itself: removing tenants, keeping partitions ahead, folding usage.

use chrono::NaiveDate;
use elder_access::{
    Action, DbError, Event, PlatformTx, Worker,
    work::{Housekeeping, TenantRemoval},
};
use elder_kernel::TenantId;
use sea_orm::Value;

/// How many months of partitions are kept ahead.
const MONTHS_AHEAD: i32 = 12;

// The trigger that guards the audit log looks at the database's clock, so both have to agree that the time has come.
const DUE: &str = "
    select id, slug, name from tenants
    where deletion_scheduled_at <= least($1::timestamptz, now()) and not legal_hold and id <> 1
    order by deletion_scheduled_at limit 1 for update skip locked";
const REMOVE_AUDIT: &str = "delete from audit_logs where tenant_id = $1";
const REMOVE: &str = "delete from tenants where id = $1";
const PARTITIONS: &str = "select ensure_partitions($1)";
const FOLD: &str = "
    insert into usage_days (tenant_id, day, metric, value)
    select d.tenant_id, d.day, d.metric, sum(d.value)::bigint
    from jsonb_to_recordset($1::jsonb) as d (tenant_id int, day date, metric text, value bigint)
    join tenants t on t.id = d.tenant_id
    group by d.tenant_id, d.day, d.metric
    on conflict (tenant_id, day, metric) do update set value = usage_days.value + excluded.value";

/// What a tenant used since usage was folded last: tenant, day in UTC, metric, how much.
pub type UsageDelta = (TenantId, NaiveDate, &'static str, i64);

/// Removes every tenant whose scheduled time has come and that is not on legal hold, each in a transaction of its
/// own, and says how many. Workers that run at once share the work.
///
/// # Errors
/// [`DbError`]; tenants that were removed before stay removed.
pub async fn remove_due_tenants(worker: &Worker) -> Result<u64, DbError> {
    let mut removed = 0;
    loop {
        let tx = worker.job::<TenantRemoval>().platform().await?;
        if !remove_next(tx).await? {
            return Ok(removed);
        }
        removed += 1;
    }
}

async fn remove_next(tx: PlatformTx<TenantRemoval>) -> Result<bool, DbError> {
    let Some(row) = tx.raw_row(DUE, [tx.seam().now().into()]).await? else { return Ok(false) };
    let tenant: i32 = row.get("id")?;
    // Before the tenant itself: the audit log gives its events up only while it can see that the tenant is due.
    tx.run(REMOVE_AUDIT, [tenant.into()]).await?;
    tx.run(REMOVE, [tenant.into()]).await?;
    let event = Event::about(Action::TenantDeleted, tenant.to_string())
        .with("slug", row.get::<String>("slug")?)
        .with("name", row.get::<String>("name")?);
    tx.commit(TenantId::SYSTEM, event).await?;
    Ok(true)
}

/// Makes the partitions of the coming months.
///
/// # Errors
/// [`DbError`].
pub async fn ensure_partitions(worker: &Worker) -> Result<(), DbError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    tx.settle(PARTITIONS, [MONTHS_AHEAD.into()]).await
}

/// Adds to the usage of tenants; what concerns a tenant that is gone is dropped.
///
/// # Errors
/// [`DbError`]; then nothing was added.
pub async fn fold_usage(worker: &Worker, deltas: &[UsageDelta]) -> Result<(), DbError> {
    if deltas.is_empty() {
        return Ok(());
    }
    let deltas: Vec<_> = deltas
        .iter()
        .map(|(tenant_id, day, metric, value)| {
            serde_json::json!({ "tenant_id": tenant_id, "day": day, "metric": metric, "value": value })
        })
        .collect();
    let tx = worker.job::<Housekeeping>().platform().await?;
    tx.settle(FOLD, [Value::from(serde_json::Value::Array(deltas))]).await
}
