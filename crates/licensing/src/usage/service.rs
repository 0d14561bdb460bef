//! Counts the use of a day, and shows it.

mod repository;

use chrono::{NaiveDate, TimeDelta};
use elder_access::{DbError, Job, PlatformTx, Worker, markers::LicenseRead, work::Housekeeping};
use elder_api_types::license::UsageDay;
use elder_kernel::{Coded, ErrorCode};

use super::{MOST_DAYS, USUAL_DAYS};
use crate::state::Licensing;

/// Why the use cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The days that were asked for.
    #[error("Ask for 1 to {MOST_DAYS} days: the first, and then the last.")]
    Days,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Days => ErrorCode::InvalidParameter,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            Self::Days => None,
        }
    }
}

/// The days from the first to the last that were counted.
///
/// # Errors
/// [`Error`].
pub(super) async fn list(
    tx: &PlatformTx<LicenseRead>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<Vec<UsageDay>, Error> {
    let to = to.unwrap_or_else(|| tx.seam().now().date_naive());
    let from = from.or_else(|| to.checked_sub_signed(TimeDelta::days(USUAL_DAYS - 1))).ok_or(Error::Days)?;
    if !(0..MOST_DAYS).contains(&(to - from).num_days()) {
        return Err(Error::Days);
    }
    Ok(repository::list(tx, from, to).await?)
}

/// Counts today's use; to be called each hour, so that the last count of a day stands. Also completes the calls of the
/// day before, which nodes may have told of later.
///
/// # Errors
/// [`DbError`].
pub async fn count(licensing: &Licensing, worker: &Worker) -> Result<(), DbError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let today = tx.seam().now().date_naive();
    repository::count(tx, today, licensing.tenants_licensed()).await
}

/// What was counted today.
pub(crate) async fn today(job: &Job<Housekeeping>) -> Result<Option<UsageDay>, DbError> {
    let tx = job.platform().await?;
    let today = tx.seam().now().date_naive();
    Ok(repository::list(&tx, today, today).await?.pop())
}
