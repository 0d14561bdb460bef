//! One batch after the other: a record of what goes, the rows, and the event that says so, in one transaction.

mod repository;

use elder_access::{Action, DbError, Entitlements, Event, Job, PlatformConn, Worker, work::Housekeeping};
use elder_api_types::license::LicensePhase;
use elder_kernel::TenantId;
use uuid::Uuid;

use self::repository::{Due, Removal};
use super::ExpiryError;
use crate::retention::{cut_offs, licensed_days};

/// Events that go at once: so long writers of holds may have to wait.
const MOST: i64 = 20_000;

/// Takes out of every log what is past its time, and says how many events. What is not sealed yet and what a legal hold
/// covers stays. Nodes that do it at once share the work.
///
/// # Errors
/// [`ExpiryError`]; what went before is gone.
pub async fn expire(worker: &Worker) -> Result<u64, ExpiryError> {
    expire_by(worker, MOST).await
}

/// The same with batches of another size.
async fn expire_by(worker: &Worker, most: i64) -> Result<u64, ExpiryError> {
    let job = worker.job::<Housekeeping>();
    let tx = job.platform().await?;
    let licensed = licensed(&tx, &worker.entitlements()).await?;
    let bounded = repository::bounded(&tx, licensed).await?;
    drop(tx);
    let mut expired = 0;
    for (tenant, asked, maximum) in bounded {
        for (category, until) in cut_offs(&asked, maximum, job.seam().now()) {
            let due = Due { tenant, category, until, most };
            loop {
                let count = batch(&job, &due).await?;
                expired += count;
                if count < most.unsigned_abs() {
                    break;
                }
            }
        }
    }
    Ok(expired)
}

/// For how many days the licence lets events be kept, for who deletes what is older. The community tier counts where there
/// has never been a licence: one that a node has not read yet, or that begins later, must cost no event.
pub(crate) async fn licensed(conn: &PlatformConn, covered: &Entitlements) -> Result<Option<i32>, DbError> {
    if covered.phase == LicensePhase::None && repository::was_ever_licensed(conn).await? {
        return Ok(None);
    }
    Ok(licensed_days(covered))
}

async fn batch(job: &Job<Housekeeping>, due: &Due) -> Result<u64, ExpiryError> {
    let tx = job.platform().await?;
    // Before anything is looked at: a hold is put under the same lock.
    wait(&tx, due.tenant).await?;
    let id = tx.seam().uuid();
    let Some(Removal { events, digest }) = repository::record(&tx, id, due, tx.seam().now()).await? else {
        return Ok(0);
    };
    let found = take(&tx, due.tenant, id, events).await?;
    tx.commit(due.tenant, said(due, id, events, &digest)).await?;
    Ok(found)
}

/// Keeps holds, and other nodes that take events out, from a log until the end of the transaction.
pub(crate) async fn wait(conn: &PlatformConn, tenant: TenantId) -> Result<(), DbError> {
    repository::wait(conn, tenant).await
}

/// Takes out the events of a removal that this transaction has recorded.
pub(crate) async fn take(
    conn: &PlatformConn,
    tenant: TenantId,
    removal: Uuid,
    recorded: i64,
) -> Result<u64, ExpiryError> {
    let found = repository::remove(conn, tenant, removal).await?;
    if found == recorded.unsigned_abs() {
        Ok(found)
    } else {
        Err(ExpiryError::Mismatch { tenant, recorded, found })
    }
}

/// What the log says of a removal. Verification holds each gap to it.
fn said(due: &Due, id: Uuid, events: i64, digest: &str) -> Event {
    let Due { tenant, category, until, .. } = due;
    Event::about(Action::AuditExpired, TenantId::to_string(tenant))
        .with("removal", id)
        .with("category", category)
        .with("until", until)
        .with("events", events)
        .with("places", digest)
}

#[cfg(test)]
mod tests;
