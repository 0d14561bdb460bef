//! What Elder does by itself while it runs.

use std::time::Duration;

use chrono::NaiveDate;
use elder_access::Worker;
use elder_kernel::TenantId;
use elder_metrics::Metrics;

/// How often gauges are counted and API calls are folded.
const OFTEN: Duration = Duration::from_secs(15);
/// How many of those rounds make an hour.
const ROUNDS_AN_HOUR: u32 = 240;

/// Runs until the process ends. A round that fails is logged, and the next one tries again.
pub(crate) async fn run(worker: Worker, metrics: Metrics) {
    let mut round = 0u32;
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = elder_metrics::refresh(&worker, &metrics).await {
            tracing::warn!(%error, "the gauges were not counted");
        }
        fold(&worker, &metrics).await;
        if round.is_multiple_of(ROUNDS_AN_HOUR) {
            hourly(&worker).await;
        }
        round = round.wrapping_add(1);
    }
}

/// Adds the API calls of this node to the day's sums; what cannot be written now is kept for the next round.
pub(crate) async fn fold(worker: &Worker, metrics: &Metrics) {
    let calls = metrics.take_api_calls();
    if calls.is_empty() {
        return;
    }
    let today: NaiveDate = worker.seam().now().date_naive();
    let rows: Vec<(TenantId, NaiveDate, &'static str, i64)> = calls
        .iter()
        .map(|(tenant, count)| (*tenant, today, "api_calls", i64::try_from(*count).unwrap_or(i64::MAX)))
        .collect();
    if let Err(error) = elder_tenancy::fold_usage(worker, &rows).await {
        tracing::warn!(%error, "API calls were not folded");
        metrics.give_back_api_calls(&calls);
    }
}

async fn hourly(worker: &Worker) {
    if let Err(error) = elder_tenancy::ensure_partitions(worker).await {
        tracing::error!(%error, "the partitions of the coming months were not made");
    }
    match elder_tenancy::remove_due_tenants(worker).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "removed tenants whose time had come"),
        Err(error) => tracing::error!(%error, "tenants whose time had come were not removed"),
    }
}
