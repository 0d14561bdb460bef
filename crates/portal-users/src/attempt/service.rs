//! Judges an attempt under a lock on its account, so that parallel guesses are judged one after the other.

mod repository;

use chrono::TimeDelta;
use elder_access::{TenantTx, flows};
use elder_kernel::{Id, User};
use elder_tenancy::settings::LockoutSettings;

use super::{Proof, ProvesPassword, Refusal};
use crate::{Error, account::Account};

/// Decides whether a proof of the account's password is believed, and counts it. Both ways the transaction is to be
/// committed.
///
/// The password was compared before, without a transaction. What counts is what holds now: however many guesses were
/// hashed at once, past the limit even a right one is refused.
pub(crate) async fn judge<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    proof: &Proof,
    limits: &LockoutSettings,
) -> Result<Result<Account, Refusal>, Error> {
    let now = tx.seam().now();
    let Some(attempted) = repository::lock(tx, tx.tenant(), user).await? else {
        return Ok(Err(Refusal::UnknownAccount));
    };
    if attempted.locked_until.is_some_and(|until| now < until) {
        return Ok(Err(Refusal::Locked));
    }
    let stored = proof.stored.as_ref().map(|hash| hash.expose().as_str());
    if !proof.matches || stored != attempted.password_hash.as_deref() {
        count(tx, user, &attempted, limits).await?;
        return Ok(Err(Refusal::WrongPassword));
    }
    if !attempted.account.is_active {
        return Ok(Err(Refusal::Inactive));
    }
    if !attempted.tenant_is_active {
        return Ok(Err(Refusal::TenantInactive));
    }
    Ok(Ok(attempted.account))
}

/// Notes a sign-in: what failed before counts no longer.
pub(crate) async fn signed_in(
    tx: &TenantTx<flows::SignIn>,
    user: Id<User>,
    proof: &Proof,
) -> Result<(), Error> {
    Ok(repository::succeed(tx, tx.tenant(), user, tx.seam().now(), proof.rehash.as_ref()).await?)
}

async fn count<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    attempted: &repository::Attempted,
    limits: &LockoutSettings,
) -> Result<(), Error> {
    let now = tx.seam().now();
    let window = TimeDelta::seconds(limits.window_seconds.into());
    let since = attempted.failed_since.filter(|since| now < *since + window);
    let failures = if since.is_some() { attempted.failures + 1 } else { 1 };
    let most = i32::try_from(limits.max_failures).unwrap_or(i32::MAX);
    let locked_until = (failures >= most).then(|| now + TimeDelta::seconds(limits.lock_seconds.into()));
    // A lock starts the count anew: what comes after it is judged by itself.
    let (failures, since) =
        if locked_until.is_some() { (0, None) } else { (failures, Some(since.unwrap_or(now))) };
    repository::fail(tx, tx.tenant(), user, failures, since, locked_until).await?;
    Ok(())
}
