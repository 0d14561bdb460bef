//! Judges an attempt under a lock on its account, so that parallel guesses are judged one after the other.

mod repository;

use elder_access::{TenantTx, flows};
use elder_kernel::{Id, User};
use elder_tenancy::settings::TenantSettings;

use super::{Accepted, Proof, ProvesPassword, Refusal, decision::decide};
use crate::{Error, account::Account, device::DeviceId};

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
    let mut found = repository::lock(tx, tx.tenant(), user).await?;
    if let Some(token) = &proof.device {
        // Read under the lock on the account, even if there is no such account: what is sent alone decides how many
        // statements are made.
        let device = repository::device(tx, tx.tenant(), user, token).await?;
        if let Some((_, attempted)) = &mut found {
            attempted.tallies.device = device;
        }
    }
    let attempted = found.as_ref().map(|(_, attempted)| attempted);
    match decide(attempted, proof, settings, tx.client(), tx.seam().now()) {
        Ok(accepted) => Ok(found.map(|(account, _)| (account, accepted)).ok_or(Refusal::UnknownAccount)),
        Err((refusal, tallies)) => {
            repository::keep(tx, tx.tenant(), user, &tallies).await?;
            Ok(Err(refusal))
        }
    }
}

/// Notes a sign-in: what failed before, for strangers and on its device, counts no longer. A lock that strangers have
/// caused runs out by itself; else each sign-in of the owner would give them further guesses.
pub(crate) async fn signed_in(
    tx: &TenantTx<flows::SignIn>,
    user: Id<User>,
    device: DeviceId,
    proof: &Proof,
) -> Result<(), Error> {
    Ok(repository::succeed(tx, tx.tenant(), user, device, tx.seam().now(), proof.rehash.as_ref()).await?)
}
