//! What may happen to second factors, whatever their kind.

mod repository;

use chrono::TimeDelta;
use elder_access::{Action, Change, Changes, Event, OwnWrite, TenantTx};
use elder_kernel::{Id, User};
use elder_tenancy::settings;
use uuid::Uuid;

use super::{Factor, FactorId, FactorPatch, MOST, MfaOverview};
use crate::{
    Error, Method, Presented, ProvesFactors, ReadsFactors, ResetsFactors, Verdict, backup_code,
    policy::{self, MfaSettings},
    totp,
    webauthn::{self, NewPasskey, RelyingParty},
};

/// What somebody has, and what is demanded of them.
///
/// # Errors
/// [`Error::NotFound`] for who is unknown here.
pub async fn overview<A: ReadsFactors>(tx: &TenantTx<A>, user: Id<User>) -> Result<MfaOverview, Error> {
    let policy = settings::of(tx).await?.mfa;
    let (person, asked_at) = repository::owner(tx, tx.tenant(), user).await?.ok_or(Error::NotFound)?;
    Ok(MfaOverview {
        is_required: policy::requires(&policy, &person),
        due_at: asked_at.map(|asked_at| asked_at + TimeDelta::days(policy.grace_days.into())),
        factors: repository::list(tx, tx.tenant(), user).await?,
        backup_codes_left: repository::codes_left(tx, tx.tenant(), user).await?,
    })
}

/// Gives a factor another name; no event if it has that name.
pub(super) async fn rename(
    tx: &TenantTx<OwnWrite>,
    user: Id<User>,
    id: FactorId,
    patch: FactorPatch,
) -> Result<(Factor, Option<Event>), Error> {
    let before = repository::lock(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let name = patch.name.unwrap_or_else(|| before.name.clone());
    let changes = Changes::default().field("name", &before.name, &name);
    if changes.is_empty() {
        return Ok((before, None));
    }
    repository::rename(tx, tx.tenant(), id, &name).await?;
    let event = Event::on(Action::FactorRenamed, id).changed(changes);
    Ok((Factor { name, ..before }, Some(event)))
}

/// Removes a factor.
pub(super) async fn remove(tx: &TenantTx<OwnWrite>, user: Id<User>, id: FactorId) -> Result<Event, Error> {
    let factor = repository::lock(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)?;
    tx.expect(&factor)?;
    repository::remove(tx, tx.tenant(), id).await?;
    if repository::list(tx, tx.tenant(), user).await?.is_empty() {
        repository::remove_codes(tx, tx.tenant(), user).await?;
    }
    Ok(Event::on(Action::FactorRemoved, id).with("kind", factor.kind).with("name", factor.name))
}

/// Takes everything away that somebody has besides a password. Their sessions are the caller's to end.
///
/// # Errors
/// [`Error::Database`].
pub async fn reset<A: ResetsFactors>(tx: &TenantTx<A>, user: Id<User>) -> Result<Change<u64>, Error> {
    let removed = repository::remove_all(tx, tx.tenant(), user).await?;
    repository::remove_codes(tx, tx.tenant(), user).await?;
    Ok((removed, Event::on(Action::FactorsReset, user).with("factors", removed)))
}

/// Looks whether a proof is right, and uses it up. What is asked here was guessed at under the account's counter: the
/// caller has locked the account. `holder` is the flow or the session that the proof is for.
///
/// # Errors
/// [`Error::NoRelyingParty`], [`Error::Database`]; whatever is wrong with the proof itself is a [`Verdict`].
pub async fn verify<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
    policy: &MfaSettings,
    presented: Presented,
) -> Result<Verdict, Error> {
    if !policy.takes(presented.kind()) {
        return Ok(Verdict::Wrong("factor_not_taken"));
    }
    match presented {
        Presented::Code(code) => totp::service::verify(tx, user, &code).await,
        Presented::BackupCode(code) => backup_code::service::verify(tx, user, &code).await,
        Presented::Credential { ceremony, credential } => {
            webauthn::service::verify(tx, relying_party, (user, holder), &ceremony, credential).await
        }
    }
}

/// Sets up the factor that a sign-in cannot go on without, by its first proof. `pending` is the authenticator
/// application that was begun in the flow `holder`.
///
/// # Errors
/// [`Error::Registered`], [`Error::NotTaken`], [`Error::Database`]; whatever is wrong with the proof itself is a
/// [`Verdict`].
pub async fn enrol<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
    pending: Option<FactorId>,
    presented: Presented,
) -> Result<Verdict, Error> {
    let (enrolled, method) = match (presented, pending) {
        (Presented::Code(code), Some(id)) => {
            (totp::service::confirm(tx, user, id, &code).await, Method::Totp)
        }
        (Presented::Credential { ceremony, credential }, _) => {
            let new = NewPasskey { name: None, ceremony, credential };
            let registered = webauthn::service::register(tx, relying_party, (user, holder), new).await;
            (registered, Method::Passkey { is_synced: false })
        }
        (Presented::Code(_) | Presented::BackupCode(_), _) => return Ok(Verdict::Wrong("nothing_begun")),
    };
    match enrolled {
        Ok(_) => Ok(Verdict::Right(method)),
        Err(Error::InvalidProof | Error::NotFound) => Ok(Verdict::Wrong("wrong_first_proof")),
        Err(other) => Err(other),
    }
}

/// Refuses one factor too many.
pub(crate) async fn ensure_room<A: ProvesFactors>(tx: &TenantTx<A>, user: Id<User>) -> Result<(), Error> {
    let has = repository::list(tx, tx.tenant(), user).await?.len();
    if i64::try_from(has).is_ok_and(|has| has < MOST) { Ok(()) } else { Err(Error::TooMany) }
}

/// A factor that has just been set up.
pub(crate) async fn get<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    id: FactorId,
) -> Result<Factor, Error> {
    repository::lock(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)
}
