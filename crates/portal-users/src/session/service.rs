//! What may happen to sessions that exist.

mod repository;

use elder_access::{
    Authority, DbError, Found, TenantTx, Worker, Write,
    session::{self, EndReason},
    work::Housekeeping,
};
use elder_kernel::{Id, Session, User, collection::Selection};
use elder_tenancy::settings::RetentionSettings;

use super::SessionView;
use crate::{Error, account, account::ReadsAccounts};

/// The sessions of a user that have not ended.
pub(crate) async fn list<A: ReadsAccounts>(
    tx: &TenantTx<A>,
    user: Id<User>,
    current: Option<Id<Session>>,
    selection: &Selection,
) -> Result<Found<SessionView>, Error> {
    account::service::get(tx, user).await?;
    let sessions = repository::live_of_user(tx, tx.tenant(), user, tx.seam().now(), selection).await?;
    Ok(sessions.map(|session| SessionView { is_current: Some(session.id) == current, ..session }))
}

/// Ends one session of a user.
pub(crate) async fn end<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: Id<User>,
    id: Id<Session>,
    reason: EndReason,
) -> Result<(), Error> {
    let is_theirs = repository::belongs(tx, tx.tenant(), user, id).await?;
    if is_theirs && session::end(tx, id, reason).await? { Ok(()) } else { Err(Error::NotFound) }
}

/// Ends every session of a user, and says how many.
pub(crate) async fn end_all<A: ReadsAccounts + Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: Id<User>,
) -> Result<u64, Error> {
    account::service::get(tx, user).await?;
    Ok(session::end_of_user(tx, user, None, EndReason::Revoked).await?)
}

/// Deletes the sessions that ended longer ago than their tenants keep them, and the devices that nobody uses any more.
///
/// # Errors
/// [`DbError`].
pub async fn forget_ended(worker: &Worker) -> Result<(), DbError> {
    let job = worker.job::<Housekeeping>();
    let days = i32::try_from(RetentionSettings::default().ended_sessions_days).unwrap_or(i32::MAX);
    repository::forget(job.platform().await?, worker.seam().now(), days).await?;
    repository::forget_devices(job.platform().await?, worker.seam().now(), days).await
}
