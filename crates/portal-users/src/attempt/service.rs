//! Judges an attempt under a lock on its account, so that parallel guesses are judged one after the other.

mod repository;

use elder_access::{TenantTx, flows};
use elder_kernel::{Id, User};
use elder_tenancy::settings::TenantSettings;

use super::{Accepted, Proof, ProvesPassword, Refusal, decision::decide};
use crate::{Error, account::Account};

/// Decides whether a proof is believed, and gives the account as it is now. A refusal is to be committed, for it counts.
///
/// The password was compared before, without a transaction. What counts is what holds now: however many guesses were
/// hashed at once, past the limit even a right one is refused. Every refusal makes the same statements, even where there
/// is nothing to count or no account to count for, so that their time tells nothing (P-08).
pub(crate) async fn judge<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    proof: &Proof,
    settings: &TenantSettings,
) -> Result<Result<(Account, Accepted), Refusal>, Error> {
    let found = repository::lock(tx, tx.tenant(), user).await?;
    let attempted = found.as_ref().map(|(_, attempted)| attempted);
    match decide(attempted, proof, settings, tx.client(), tx.seam().now()) {
        Ok(accepted) => Ok(found.map(|(account, _)| (account, accepted)).ok_or(Refusal::UnknownAccount)),
        Err((refusal, tally)) => {
            repository::keep(tx, tx.tenant(), user, &tally).await?;
            Ok(Err(refusal))
        }
    }
}

/// Notes a sign-in: what failed before counts no longer.
pub(crate) async fn signed_in(
    tx: &TenantTx<flows::SignIn>,
    user: Id<User>,
    proof: &Proof,
) -> Result<(), Error> {
    Ok(repository::succeed(tx, tx.tenant(), user, tx.seam().now(), proof.rehash.as_ref()).await?)
}
