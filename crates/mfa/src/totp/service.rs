//! What may happen to an authenticator application.

mod repository;

use chrono::TimeDelta;
use elder_access::{Action, Change, Event, OwnWrite, TenantTx, session};
use elder_api_types::settings::SecondFactor;
use elder_kernel::{Factor as Kind, Id, Secret, Session, User};
use elder_tenancy::settings;

use self::repository::Stored;
use super::{Labelled, SECRET_LENGTH, TotpEnrolment, step_of};
use crate::{
    Error, Method, ProvesFactors, Verdict, amr,
    factor::{self, Factor, FactorId},
};

/// How long a secret that was shown waits for its first code.
const CONFIRMED_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// Draws a secret for somebody, in the place of one that is not confirmed yet.
///
/// # Errors
/// [`Error::NotTaken`], [`Error::TooMany`].
pub async fn begin<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    name: Option<String>,
) -> Result<Change<TotpEnrolment>, Error> {
    if !settings::of(tx).await?.mfa.takes(SecondFactor::Totp) {
        return Err(Error::NotTaken(SecondFactor::Totp));
    }
    factor::service::ensure_room(tx, user).await?;
    let label = repository::label(tx, tx.tenant(), user).await?.ok_or(Error::NotFound)?;
    let (id, secret) = (tx.seam().id::<Kind>(), tx.seam().random.bytes::<SECRET_LENGTH>());
    let labelled = Labelled::new(&secret, &label.tenant, &label.email)?;
    let name = name.unwrap_or_else(|| "Authenticator".to_owned());
    repository::forget_unconfirmed(tx, tx.tenant(), user).await?;
    let sealed = tx.seal(&place(id), &secret);
    repository::insert(tx, tx.tenant(), (user, id), &name, sealed, tx.seam().now()).await?;
    Ok((shown(id, &labelled)?, Event::on(Action::FactorStarted, id).with("kind", SecondFactor::Totp)))
}

/// Shows its owner once more a secret whose first code was not right: else an application that has not taken it must begin
/// anew. A secret that is a factor by now is shown to nobody.
///
/// # Errors
/// [`Error::NotFound`] if none waits for its first code.
pub async fn again<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    id: FactorId,
) -> Result<TotpEnrolment, Error> {
    let stored = waiting(tx, user, id).await?;
    let label = repository::label(tx, tx.tenant(), user).await?.ok_or(Error::NotFound)?;
    let secret = Secret::new(tx.unseal(&place(id), &stored.sealed_secret)?);
    shown(id, &Labelled::new(secret.expose(), &label.tenant, &label.email)?)
}

fn shown(id: FactorId, labelled: &Labelled) -> Result<TotpEnrolment, Error> {
    Ok(TotpEnrolment { id, secret: labelled.secret(), uri: labelled.uri()?, qr_svg: labelled.qr_svg()? })
}

/// A secret that waits for its first code.
async fn waiting<A: ProvesFactors>(tx: &TenantTx<A>, user: Id<User>, id: FactorId) -> Result<Stored, Error> {
    let since = tx.seam().now() - CONFIRMED_WITHIN;
    repository::unconfirmed(tx, tx.tenant(), user, id, since).await?.ok_or(Error::NotFound)
}

/// Makes a secret a factor: its owner's application shows the right code.
///
/// # Errors
/// [`Error::NotFound`] if none waits for it, [`Error::InvalidProof`].
pub async fn confirm<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    id: FactorId,
    code: &Secret<String>,
) -> Result<Change<Factor>, Error> {
    let stored = waiting(tx, user, id).await?;
    let step = step(tx, &stored, code)?.ok_or(Error::InvalidProof)?;
    repository::confirm(tx, tx.tenant(), id, step, tx.seam().now()).await?;
    factor::service::added(tx, user, id).await
}

/// Makes a secret a factor of who is signed in. The code proves that they have it, so the session counts as stepped up:
/// else they would have to wait for the next code to go on.
pub(crate) async fn confirm_own(
    tx: &TenantTx<OwnWrite>,
    (user, session): (Id<User>, Id<Session>),
    id: FactorId,
    code: &Secret<String>,
) -> Result<Change<Factor>, Error> {
    let (factor, event) = confirm(tx, user, id, code).await?;
    session::step_up(tx, user, session, amr(&[Method::Totp])).await?;
    Ok((factor, event))
}

/// Looks whether a code is right, and uses up its step and those before it (RFC 6238 §5.2): of many who send it at once
/// one gets in.
pub(crate) async fn verify<A: ProvesFactors>(
    tx: &TenantTx<A>,
    user: Id<User>,
    code: &Secret<String>,
) -> Result<Verdict, Error> {
    for stored in repository::confirmed(tx, tx.tenant(), user).await? {
        let Some(step) = step(tx, &stored, code)? else { continue };
        let is_new = repository::use_step(tx, tx.tenant(), stored.id, step, tx.seam().now()).await?;
        return Ok(if is_new { Verdict::Right(Method::Totp) } else { Verdict::Wrong("used_code") });
    }
    Ok(Verdict::Wrong("wrong_code"))
}

fn step<A: ProvesFactors>(
    tx: &TenantTx<A>,
    stored: &Stored,
    code: &Secret<String>,
) -> Result<Option<i64>, Error> {
    let secret = Secret::new(tx.unseal(&place(stored.id), &stored.sealed_secret)?);
    Ok(step_of(secret.expose(), code, tx.seam().now())?)
}

fn place(id: FactorId) -> String {
    format!("mfa_factors/sealed_secret/{id}")
}
