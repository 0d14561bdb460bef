//! Judges an attempt under a lock on its account, so that parallel guesses are judged one after the other.

mod repository;

use elder_access::{TenantTx, flows};
use elder_kernel::{Id, User};
use elder_mfa::Verdict;
use elder_tenancy::settings::TenantSettings;

use super::{
    Accepted, Guess, KnownDevice, Origin, Proof, Proved, ProvesPassword, Refusal,
    decision::{assess, decide, ensure_admissible},
};
use crate::{Error, account::Account, device::DeviceId, risk::Demand};

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
    let mut found = repository::lock(tx, tx.tenant(), user, settings).await?;
    // Read under the lock on the account, even if there is no such account: what is sent alone decides how many
    // statements are made.
    let device = known_device(tx, user, &proof.origin).await?;
    if let Some((_, attempted)) = &mut found {
        attempted.come_from(device);
    }
    let attempted = found.as_ref().map(|(_, attempted)| attempted);
    match decide(attempted, proof, settings, tx.client(), tx.seam().now()) {
        (Ok(accepted), _) => Ok(found.map(|(account, _)| (account, accepted)).ok_or(Refusal::UnknownAccount)),
        (Err(refusal), tallies) => {
            repository::keep(tx, tx.tenant(), user, &tallies).await?;
            Ok(Err(refusal))
        }
    }
}

/// The device of the account that an attempt comes from.
async fn known_device<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    origin: &Origin,
) -> Result<Option<KnownDevice>, Error> {
    let tenant = tx.tenant();
    Ok(match origin {
        Origin::Anywhere { device: Some(token), .. } => {
            repository::device(tx, tenant, user, token.id(), Some(token.hash())).await?
        }
        Origin::Flow(Some(device)) => repository::device(tx, tenant, user, *device, None).await?,
        Origin::Session(session) => repository::device_of_session(tx, tenant, user, *session).await?,
        Origin::Anywhere { device: None, .. } | Origin::Flow(None) => None,
    })
}

/// Decides whether a second factor is believed, which `verify` looks at and uses up under the lock on the account. A
/// refusal is to be committed: a wrong one counts where a wrong password does, so that a new flow gives no new tries
/// (P-15).
pub(crate) async fn judge_factor<A: ProvesPassword>(
    tx: &TenantTx<A>,
    user: Id<User>,
    origin: &Origin,
    settings: &TenantSettings,
    guess: Guess,
    verify: impl Future<Output = Result<Verdict, elder_mfa::Error>>,
) -> Result<Result<Proved, Refusal>, Error> {
    let Some((account, mut attempted)) = repository::lock(tx, tx.tenant(), user, settings).await? else {
        return Ok(Err(Refusal::UnknownAccount));
    };
    let device = known_device(tx, user, origin).await?;
    attempted.come_from(device);
    let now = tx.seam().now();
    if let Err(refusal) = ensure_admissible(&attempted, guess, settings, tx.client(), now) {
        return Ok(Err(refusal));
    }
    let why = match verify.await? {
        Verdict::Right(method) => {
            let risk = assess(&attempted, origin, settings, tx.client(), now);
            if risk.demand(&settings.risk) == Demand::Refusal {
                return Ok(Err(Refusal::Risk(risk)));
            }
            let device = device.map(|device| device.id);
            return Ok(Ok(Proved { account, method, device, risk }));
        }
        Verdict::Wrong(why) => why,
    };
    if guess == Guess::Possible {
        let tallies = attempted.tallies.after_failure(&settings.lockout, now);
        repository::keep(tx, tx.tenant(), user, &tallies).await?;
        return Ok(Err(Refusal::WrongFactor { why, locks_until: tallies.lock_begun() }));
    }
    Ok(Err(Refusal::WrongFactor { why, locks_until: None }))
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
