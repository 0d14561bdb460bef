//! Judges an attempt under a lock on its account, so that parallel guesses are judged one after the other.

mod repository;

use elder_access::{TenantTx, flows};
use elder_kernel::{Id, User};
use elder_mfa::{Method, Verdict};
use elder_tenancy::settings::TenantSettings;

use super::{
    Accepted, Guess, Proof, ProvesPassword, Refusal,
    decision::{decide, ensure_admissible},
};
use crate::{
    Error,
    account::Account,
    device::{DeviceId, DeviceToken},
};

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
        let device = repository::device(tx, tx.tenant(), user, token.id(), Some(token.hash())).await?;
        if let Some((_, attempted)) = &mut found {
            attempted.come_from(device);
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

/// The device of an account whose token was shown, where no password was judged with it.
pub(crate) async fn known_device<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    token: Option<DeviceToken>,
) -> Result<Option<DeviceId>, Error> {
    let Some(token) = token else { return Ok(None) };
    let found = repository::device(tx, tx.tenant(), user, token.id(), Some(token.hash())).await?;
    Ok(found.map(|device| device.id))
}

/// Decides whether a second factor is believed that comes from a `device` of the account, which `verify` looks at and uses
/// up under the lock on the account. A refusal is to be committed: a wrong one counts where a wrong password does, so that
/// a new flow gives no new tries (P-15).
pub(crate) async fn judge_factor<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    device: Option<DeviceId>,
    settings: &TenantSettings,
    guess: Guess,
    verify: impl Future<Output = Result<Verdict, elder_mfa::Error>>,
) -> Result<Result<(Account, Method), Refusal>, Error> {
    let Some((account, mut attempted)) = repository::lock(tx, tx.tenant(), user).await? else {
        return Ok(Err(Refusal::UnknownAccount));
    };
    if let Some(device) = device {
        attempted.come_from(repository::device(tx, tx.tenant(), user, device, None).await?);
    }
    let now = tx.seam().now();
    if let Err(refusal) = ensure_admissible(&attempted, guess, settings, tx.client(), now) {
        return Ok(Err(refusal));
    }
    match verify.await? {
        Verdict::Right(method) => Ok(Ok((account, method))),
        Verdict::Wrong(why) => {
            if guess == Guess::Possible {
                let tallies = attempted.tallies.after_failure(&settings.lockout, now);
                repository::keep(tx, tx.tenant(), user, &tallies).await?;
            }
            Ok(Err(Refusal::WrongFactor(why)))
        }
    }
}

/// Keeps a password as it is hashed today.
pub(crate) async fn rehashed(
    tx: &TenantTx<flows::SignIn>,
    user: Id<User>,
    proof: &Proof,
) -> Result<(), Error> {
    match &proof.rehash {
        Some(rehash) => Ok(repository::rehash(tx, tx.tenant(), user, rehash).await?),
        None => Ok(()),
    }
}

/// Notes a sign-in: what failed before, for strangers and on its device, counts no longer. A lock that strangers have
/// caused runs out by itself; else each sign-in of the owner would give them further guesses. Where nothing was proven
/// that could be guessed at, all counts on: else the sign-ins of a passkey's owner would give a stranger new tries at the
/// password.
pub(crate) async fn signed_in(
    tx: &TenantTx<flows::SignIn>,
    user: Id<User>,
    device: DeviceId,
    guess: Guess,
) -> Result<(), Error> {
    let now = tx.seam().now();
    match guess {
        Guess::Possible => repository::succeed(tx, tx.tenant(), user, device, now).await?,
        Guess::Impossible => repository::note(tx, tx.tenant(), user, now).await?,
    }
    Ok(())
}
