//! What mailed links lead to, and asking for one.

use elder_access::{Guest, flows};
use elder_crypto::PasswordHasher;
use elder_http::PublicUrl;
use elder_kernel::Secret;

use super::{Acceptance, ForgottenPassword, NewRegistration, PasswordReset, ProvenEmail, Setup};
use crate::{Error, account::Account, email, password_reset, registration, setup};

/// Makes the platform's owner from a setup link.
///
/// # Errors
/// [`Error::InvalidSetupToken`], [`Error::SetupDone`], [`Error::WeakPassword`].
pub async fn set_up(
    guest: &Guest<flows::Setup>,
    hasher: &PasswordHasher,
    setup: Setup,
) -> Result<Account, Error> {
    setup::service::set_up(guest, hasher, setup).await
}

/// Mails a link to each active account of an address, like `POST /api/v2/auth/password/forgot`.
///
/// # Errors
/// [`Error::Database`].
pub async fn forget(
    guest: &Guest<flows::PasswordReset>,
    public: &PublicUrl,
    forgotten: &ForgottenPassword,
) -> Result<(), Error> {
    password_reset::service::forget(guest, public, forgotten).await
}

/// Sets another password by the token of a mailed link, and ends all sessions.
///
/// # Errors
/// [`Error::InvalidLink`], [`Error::WeakPassword`], [`Error::NetworkForbidden`], [`Error::Busy`].
pub async fn reset(
    guest: &Guest<flows::PasswordReset>,
    hasher: &PasswordHasher,
    reset: PasswordReset,
) -> Result<(), Error> {
    password_reset::service::reset(guest, hasher, reset).await
}

/// Takes the token of a mailed link that concerns an address.
///
/// # Errors
/// [`Error::InvalidLink`], [`Error::EmailTaken`], [`Error::NetworkForbidden`].
pub async fn open_link(
    guest: &Guest<flows::EmailProof>,
    token: &Secret<String>,
) -> Result<ProvenEmail, Error> {
    email::service::open(guest, token).await
}

/// Accepts an invitation by the token of its link.
///
/// # Errors
/// [`Error::InvalidLink`], [`Error::WeakPassword`], [`Error::EmailTaken`], [`Error::Busy`].
pub async fn accept(
    guest: &Guest<flows::Invitation>,
    hasher: &PasswordHasher,
    acceptance: Acceptance,
) -> Result<Account, Error> {
    registration::service::accept(guest, hasher, acceptance).await
}

/// Asks for an account; whatever comes of it is told by mail.
///
/// # Errors
/// [`Error::WeakPassword`], [`Error::Busy`].
pub async fn register(
    guest: &Guest<flows::Registration>,
    hasher: &PasswordHasher,
    public: &PublicUrl,
    new: NewRegistration,
) -> Result<(), Error> {
    registration::service::register(guest, hasher, public, new).await
}
