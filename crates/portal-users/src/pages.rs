//! What Elder's own pages do with accounts: what the routes of the API do, for people at a browser.

use elder_access::{
    Action, Event, Guest, Myself, flows,
    session::{self as gate, EndReason, RefreshFault},
};
use elder_crypto::{OpaqueToken, PasswordHasher};
use elder_http::PublicUrl;
use elder_kernel::{
    Id, Limit, Secret, Session,
    collection::{Asked, Selection},
};

use elder_api_types::sign_in::SignInAnswer;
use elder_mfa::webauthn::RelyingParty;

pub use elder_api_types::{
    email_proof::{EmailOutcome, ProvenEmail},
    me::{Me, MePatch, OwnPassword},
    mfa::{MfaVerification, TotpEnrolment},
    password_reset::{ForgottenPassword, PasswordReset},
    registration::{Acceptance, NewRegistration},
    session::SessionView,
    setup::Setup,
    sign_in::{Challenge, ChallengeStatus, Login},
};

use crate::{
    Error,
    account::{self, Account},
    email, me, password_reset, registration, session,
    session::Sessions,
    setup, sign_in,
};

/// Where a sign-in at a browser stands.
#[derive(Debug)]
pub enum SignIn {
    /// At its end.
    Done(AtBrowser),
    /// Before another step.
    Next(Challenge),
}

/// Somebody who has signed in at a browser.
#[derive(Debug)]
pub struct AtBrowser {
    /// Who.
    pub user: Account,
    /// The value of the browser's cookie.
    pub cookie: Secret<String>,
    /// What shows at the next sign-in that the person was here before; given once a device.
    pub device: Option<Secret<String>>,
}

/// Signs somebody in at a browser, like `POST /api/v2/auth/login`, but without handing out any token.
///
/// # Errors
/// As the route: [`Error::InvalidCredentials`], whatever was wrong; [`Error::TenantRequired`],
/// [`Error::PasswordExpired`], [`Error::WeakPassword`], [`Error::TooManySessions`], [`Error::Maintenance`],
/// [`Error::Busy`].
pub async fn sign_in(
    guest: &Guest<flows::SignIn>,
    hasher: &PasswordHasher,
    login: &Login,
) -> Result<SignIn, Error> {
    kept(guest, sign_in::service::sign_in(guest, hasher, login).await?).await
}

/// Goes on with a second factor, like `POST /api/v2/auth/mfa/verify`.
///
/// # Errors
/// As the route: [`Error::InvalidProof`]; [`Error::Mfa`] if the sign-in has ended.
pub async fn second_factor(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
    sent: MfaVerification,
) -> Result<SignIn, Error> {
    kept(guest, sign_in::second::service::verify(guest, relying_party, sent).await?).await
}

/// Begins to set up an authenticator application in a sign-in that cannot go on without.
///
/// # Errors
/// [`Error::Mfa`] if the sign-in has ended, or the tenant takes no such codes.
pub async fn enrol(guest: &Guest<flows::SignIn>, flow: &Secret<String>) -> Result<TotpEnrolment, Error> {
    sign_in::second::service::enrol_totp(guest, flow).await
}

/// Gives a session that has started into the care of the browser, before anybody has seen its tokens.
async fn kept(guest: &Guest<flows::SignIn>, answer: SignInAnswer) -> Result<SignIn, Error> {
    let signed_in = match answer {
        SignInAnswer::SignedIn(signed_in) => signed_in,
        SignInAnswer::Challenge(challenge) => return Ok(SignIn::Next(challenge)),
    };
    let refresh = OpaqueToken::parse(&signed_in.tokens.refresh_token).map_err(|_| RefreshFault::Invalid)?;
    let tx = guest.begin(refresh.tenant).await?;
    let cookie = gate::keep_in_browser(&tx, &refresh).await?;
    let user = signed_in.user;
    tx.commit(Event::on(Action::BrowserSignedIn, signed_in.tokens.session_id).with("user", user.id)).await?;
    Ok(SignIn::Done(AtBrowser { user, cookie, device: signed_in.device_token.map(Secret::new) }))
}

/// Ends the session of this browser.
///
/// # Errors
/// [`Error::Database`].
pub async fn sign_out(myself: &Myself) -> Result<(), Error> {
    let own = myself.principal().session;
    let tx = myself.write().await?;
    gate::end(&tx, own, EndReason::SignedOut).await?;
    Ok(tx.commit(Event::on(Action::SignedOut, own)).await?)
}

/// Profile, tenant and roles.
///
/// # Errors
/// [`Error::Database`].
pub async fn profile(myself: &Myself) -> Result<Me, Error> {
    me::service::profile(&myself.read().await?, myself).await
}

/// Changes the own profile.
///
/// # Errors
/// [`Error::ManagedByDirectory`].
pub async fn update(myself: &Myself, patch: MePatch) -> Result<Account, Error> {
    let tx = myself.write().await?;
    let (user, changes) = account::service::update(&tx, myself.user(), patch.into()).await?;
    if let Some(event) = account::event::updated(&user, changes) {
        tx.commit(event).await?;
    }
    Ok(user)
}

/// Changes the own password and ends all other sessions.
///
/// # Errors
/// [`Error::WrongPassword`], [`Error::WeakPassword`], [`Error::Busy`].
pub async fn change_password(
    myself: &Myself,
    hasher: &PasswordHasher,
    change: OwnPassword,
) -> Result<(), Error> {
    me::service::change_password(myself, hasher, change).await
}

/// The own sessions, the one that was used last first; no more than a page of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn sessions(myself: &Myself) -> Result<Vec<SessionView>, Error> {
    let asked = Asked { limit: Limit::LARGEST, sort: Some("-last_seen_at".to_owned()), ..Asked::default() };
    let newest = Selection::read::<Sessions>(&asked).map_err(|_| Error::NotFound)?;
    let tx = myself.read().await?;
    let current = Some(myself.principal().session);
    Ok(session::service::list(&tx, myself.user(), current, &newest).await?.rows)
}

/// Ends one of the own sessions.
///
/// # Errors
/// [`Error::NotFound`] if it has ended before or is none of one's own.
pub async fn end_session(myself: &Myself, id: Id<Session>) -> Result<(), Error> {
    let tx = myself.write().await?;
    session::service::end(&tx, myself.user(), id, EndReason::Revoked).await?;
    Ok(tx.commit(Event::on(Action::SignedOut, id)).await?)
}

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
