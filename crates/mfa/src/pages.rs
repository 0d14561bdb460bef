//! What Elder's own pages do with one's second factors: what the routes of the API do, for people at a browser.
//!
//! All that changes anything is for somebody who has proven a moment ago who they are: the caller has asked
//! `elder_access::Visitor::fresh`.

use elder_access::Myself;
use elder_kernel::Secret;

use crate::{
    Error, backup_code,
    factor::{self, Factor, FactorId, FactorPatch, MfaOverview},
    totp::{self, TotpEnrolment},
    webauthn::{self, NewPasskey, RelyingParty, WebauthnOptions},
};

pub use elder_api_types::mfa::BackupCodes;

/// Which second factors one has, and whether one must have any.
///
/// # Errors
/// [`Error::Database`].
pub async fn overview(myself: &Myself) -> Result<MfaOverview, Error> {
    factor::service::overview(&myself.read().await?, myself.user()).await
}

/// Gives a factor another name; nothing happens if it has that name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn rename(myself: &Myself, id: FactorId, name: String) -> Result<(), Error> {
    let tx = myself.write().await?;
    let patch = FactorPatch { name: Some(name) };
    match factor::service::rename(&tx, myself.user(), id, patch).await? {
        (_, Some(event)) => Ok(tx.commit(event).await?),
        (_, None) => Ok(()),
    }
}

/// Removes a factor.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(myself: &Myself, id: FactorId) -> Result<(), Error> {
    let tx = myself.write().await?;
    let event = factor::service::remove(&tx, myself.user(), id).await?;
    Ok(tx.commit(event).await?)
}

/// Begins to set up an authenticator application.
///
/// # Errors
/// [`Error::NotTaken`], [`Error::TooMany`].
pub async fn begin_totp(myself: &Myself) -> Result<TotpEnrolment, Error> {
    let tx = myself.write().await?;
    let (enrolment, event) = totp::service::begin(&tx, myself.user(), None).await?;
    tx.commit(event).await?;
    Ok(enrolment)
}

/// What an authenticator application has to be given, once more after a code that was not right.
///
/// # Errors
/// [`Error::NotFound`] if none waits for its first code.
pub async fn totp_again(myself: &Myself, id: FactorId) -> Result<TotpEnrolment, Error> {
    totp::service::again(&myself.write().await?, myself.user(), id).await
}

/// Makes an authenticator application a factor, by a code that it shows.
///
/// # Errors
/// [`Error::InvalidProof`]; [`Error::NotFound`] if none waits for it any more.
pub async fn confirm_totp(myself: &Myself, id: FactorId, code: &Secret<String>) -> Result<Factor, Error> {
    let tx = myself.write().await?;
    let session = myself.principal().session;
    let (factor, event) = totp::service::confirm_own(&tx, (myself.user(), session), id, code).await?;
    tx.commit(event).await?;
    Ok(factor)
}

/// What a browser needs to make a passkey. Nothing is stored.
///
/// # Errors
/// [`Error::NoRelyingParty`], [`Error::NotTaken`], [`Error::TooMany`].
pub async fn passkey_options(
    myself: &Myself,
    relying_party: &RelyingParty,
) -> Result<WebauthnOptions, Error> {
    let holder = (myself.user(), myself.principal().session.uuid());
    webauthn::service::registration(&myself.write().await?, relying_party, holder).await
}

/// Registers a passkey that the browser has made.
///
/// # Errors
/// [`Error::InvalidProof`], [`Error::Registered`], and those of [`passkey_options`].
pub async fn add_passkey(
    myself: &Myself,
    relying_party: &RelyingParty,
    new: NewPasskey,
) -> Result<Factor, Error> {
    let tx = myself.write().await?;
    let holder = (myself.user(), myself.principal().session);
    let (factor, event) = webauthn::service::register_own(&tx, relying_party, holder, new).await?;
    tx.commit(event).await?;
    Ok(factor)
}

/// Makes backup codes in the place of those before. Nothing shows them again.
///
/// # Errors
/// [`Error::NotTaken`].
pub async fn make_backup_codes(myself: &Myself) -> Result<BackupCodes, Error> {
    let tx = myself.write().await?;
    let (codes, event) = backup_code::service::make(&tx, myself.user()).await?;
    tx.commit(event).await?;
    Ok(codes)
}
