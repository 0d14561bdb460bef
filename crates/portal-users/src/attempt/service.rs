//! Judges an attempt under a lock on its account, so that parallel guesses are judged one after the other.

mod repository;

use elder_access::{TenantTx, flows};
use elder_kernel::{Id, User};
use elder_tenancy::settings::TenantSettings;

use super::{Accepted, Proof, ProvesPassword, Refusal, decision::decide};
use crate::Error;

/// Decides whether a proof is believed. A refusal is to be committed, for it counts.
///
/// The password was compared before, without a transaction. What counts is what holds now: however many guesses were
/// hashed at once, past the limit even a right one is refused. Every refusal makes the same statements, even where there
/// is nothing to count or no account to count for, so that their time tells nothing (P-08).
pub(crate) async fn judge<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    proof: &Proof,
    settings: &TenantSettings,
) -> Result<Result<Accepted, Refusal>, Error> {
    let account = repository::lock(tx, tx.tenant(), user).await?;
    match decide(account.as_ref(), proof, settings, tx.client(), tx.seam().now()) {
        Ok(accepted) => Ok(Ok(accepted)),
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
