//! What the worker does when its time has come.

mod repository;

use elder_access::{
    Action, DbError, Event, PlatformTx, Worker,
    work::{Housekeeping, TenantRemoval},
};
use elder_kernel::TenantId;

use super::{Due, UsageDelta};

/// How many months of partitions are kept ahead.
const MONTHS_AHEAD: i32 = 12;

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
    let Some(Due { id, slug, name }) = repository::due(&tx, tx.seam().now()).await? else { return Ok(false) };
    repository::remove(&tx, id).await?;
    let event = Event::about(Action::TenantDeleted, id.to_string()).with("slug", slug).with("name", name);
    tx.commit(TenantId::SYSTEM, event.ending(id)).await?;
    Ok(true)
}

/// Makes the partitions of this month and of the coming ones. What came while one was missing moves into it.
///
/// # Errors
/// [`DbError`].
pub async fn ensure_partitions(worker: &Worker) -> Result<(), DbError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let now = tx.seam().now();
    repository::ensure_partitions(tx, MONTHS_AHEAD, now).await
}

/// Adds to the usage of tenants; what concerns a tenant that is gone is dropped.
///
/// # Errors
/// [`DbError`]; then nothing was added.
pub async fn fold_usage(worker: &Worker, deltas: &[UsageDelta]) -> Result<(), DbError> {
    if deltas.is_empty() {
        return Ok(());
    }
    let tx = worker.job::<Housekeeping>().platform().await?;
    repository::fold(tx, deltas).await
}
