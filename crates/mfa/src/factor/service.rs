//! What may happen to second factors, whatever their kind.

mod repository;

use chrono::TimeDelta;
use elder_access::{Action, Change, Changes, Event, OwnWrite, TenantTx};
use elder_kernel::{Id, User};
use elder_mail::{Content, NewMail, enqueue};
use elder_tenancy::settings;

use super::{Factor, FactorId, FactorPatch, MOST, MfaOverview};
use crate::{Error, ProvesFactors, ReadsFactors, ResetsFactors, policy};

/// What somebody has, and what is demanded of them.
///
/// # Errors
/// [`Error::NotFound`] for who is unknown here.
pub async fn overview<A: ReadsFactors>(tx: &TenantTx<A>, user: Id<User>) -> Result<MfaOverview, Error> {
    let policy = settings::of(tx).await?.mfa;
    let (is_required, asked_at) = policy::service::standing(tx, &policy, user).await?;
    Ok(MfaOverview {
        is_required,
        due_at: asked_at.map(|asked_at| asked_at + TimeDelta::days(policy.grace_days.into())),
        factors: repository::list(tx, tx.tenant(), user).await?,
        backup_codes_left: repository::codes_left(tx, tx.tenant(), user).await?,
    })
}

/// Gives a factor another name; no event if it has that name.
pub(crate) async fn rename(
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
pub(crate) async fn remove(tx: &TenantTx<OwnWrite>, user: Id<User>, id: FactorId) -> Result<Event, Error> {
    let factor = repository::lock(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)?;
    tx.expect(&factor)?;
    repository::remove(tx, tx.tenant(), id).await?;
    if repository::list(tx, tx.tenant(), user).await?.is_empty() {
        repository::remove_codes(tx, tx.tenant(), user).await?;
    }
    tell(tx, user, &Content::FactorRemoved { factor: factor.name.clone(), time: tx.seam().now() }).await?;
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

/// Refuses one factor too many.
pub(crate) async fn ensure_room<A: ProvesFactors>(tx: &TenantTx<A>, user: Id<User>) -> Result<(), Error> {
    let has = repository::list(tx, tx.tenant(), user).await?.len();
    if i64::try_from(has).is_ok_and(|has| has < MOST) { Ok(()) } else { Err(Error::TooMany) }
}

/// A factor that has just been set up, of which its owner is told.
pub(crate) async fn added<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    id: FactorId,
) -> Result<Change<Factor>, Error> {
    let factor = repository::lock(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)?;
    tell(tx, user, &Content::FactorAdded { factor: factor.name.clone(), time: tx.seam().now() }).await?;
    let event = Event::on(Action::FactorAdded, id).with("kind", factor.kind).with("name", &factor.name);
    Ok((factor, event))
}

/// Writes to somebody that what they prove who they are with has changed, if the tenant wants it told.
pub(crate) async fn tell<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    content: &Content,
) -> Result<(), Error> {
    if !settings::of(tx).await?.notification.credential_changes {
        return Ok(());
    }
    let Some((to, locale)) = repository::reader(tx, tx.tenant(), user).await? else { return Ok(()) };
    let mail = NewMail { to: &to, locale: locale.as_ref(), content };
    match enqueue(tx, &mail).await {
        // An address that no mail reaches is no reason to refuse what would be told.
        Ok(_) | Err(elder_mail::Error::NoAddress) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
