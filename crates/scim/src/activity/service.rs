//! What becomes of the requests that were seen.

mod repository;

use std::time::Duration;

use elder_access::{Authority, DbError, Found, TenantTx, Worker, work::Housekeeping};
use elder_kernel::collection::Selection;

use super::{Activity, DirectoryRequest};
use crate::{
    Error,
    directory::{self, DirectoryId},
};

/// How long a request is kept.
const KEPT: Duration = Duration::from_hours(7 * 24);

pub(super) async fn list(
    tx: &TenantTx<impl Authority>,
    directory: DirectoryId,
    selection: &Selection,
) -> Result<Found<DirectoryRequest>, Error> {
    let found = repository::list(tx, (tx.tenant(), directory), selection).await?;
    if found.rows.is_empty() {
        directory::service::get(tx, directory).await?;
    }
    Ok(found)
}

/// Writes down what this node has seen; what cannot be written now waits for the next time.
///
/// # Errors
/// [`DbError`].
pub async fn keep_activity(worker: &Worker, activity: &Activity) -> Result<(), DbError> {
    let seen = activity.take();
    if seen.is_empty() {
        return Ok(());
    }
    let tx = worker.job::<Housekeeping>().platform().await?;
    let kept = repository::keep(tx, &seen).await;
    if kept.is_err() {
        for seen in seen {
            activity.add(seen);
        }
    }
    kept
}

/// Deletes what is kept no longer.
///
/// # Errors
/// [`DbError`].
pub async fn forget_activity(worker: &Worker) -> Result<(), DbError> {
    let since = worker.seam().now() - KEPT;
    repository::forget(worker.job::<Housekeeping>().platform().await?, since).await
}
