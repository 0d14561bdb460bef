//! Signing in at a browser: by a password or a passkey, with a second step where one is needed.

use elder_access::{
    Action, Event, Guest, flows,
    session::{self as gate, RefreshFault},
};
use elder_api_types::{settings::SecondFactor, sign_in::SignInAnswer};
use elder_crypto::{OpaqueToken, PasswordHasher};
use elder_kernel::Secret;
use elder_mfa::webauthn::RelyingParty;

use super::{
    Challenge, ChallengeStatus, Login, MfaVerification, PasskeySignIn, TotpEnrolment, Vouched,
    WebauthnOptions,
};
use crate::{
    Error,
    account::Account,
    risk::Places,
    sign_in::{self, second},
};

/// Where a sign-in at a browser stands.
#[derive(Debug)]
pub enum SignIn {
    /// At its end.
    Done(Box<AtBrowser>),
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
    places: &Places,
    login: &Login,
) -> Result<SignIn, Error> {
    kept(guest, sign_in::service::sign_in(guest, hasher, places, login).await?).await
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
    kept(guest, second::service::verify(guest, relying_party, sent).await?).await
}

/// What a browser needs to sign somebody in by a passkey alone; none where no passkey could be bound to the server's name.
///
/// # Errors
/// [`Error::Database`].
pub async fn passkey_options(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
) -> Result<Option<WebauthnOptions>, Error> {
    where_possible(sign_in::passkey::service::options(guest, relying_party).await)
}

/// Signs somebody in by a passkey, like `POST /api/v2/auth/passkey/verify`.
///
/// # Errors
/// As the route: [`Error::InvalidProof`], whatever was wrong; [`Error::TooManySessions`], [`Error::Maintenance`].
pub async fn sign_in_by_passkey(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
    places: &Places,
    sent: PasskeySignIn,
) -> Result<SignIn, Error> {
    kept(guest, sign_in::passkey::service::verify(guest, relying_party, places, sent).await?).await
}

/// Signs somebody in for whom an identity provider has vouched.
///
/// # Errors
/// [`Error::InvalidCredentials`] if the account, its tenant or the network may not; [`Error::TooManySessions`],
/// [`Error::Maintenance`].
pub async fn sign_in_by_provider(
    guest: &Guest<flows::SignIn>,
    places: &Places,
    vouched: Vouched,
    device: Option<&Secret<String>>,
) -> Result<SignIn, Error> {
    kept(guest, sign_in::provider::service::verify(guest, places, vouched, device).await?).await
}

/// What a page needs to ask for the second step of a sign-in.
pub struct SecondStep {
    /// Goes back with the proof.
    pub flow: Secret<String>,
    /// Whether the person has no factor yet and must set one up.
    pub is_enrolment: bool,
    /// Whether something can be typed: a code of an authenticator application, or a backup code.
    pub takes_code: bool,
    /// What an authenticator application has to be given, if it is to be set up.
    pub totp: Option<TotpEnrolment>,
    /// What the browser needs to ask for a passkey, or to make one.
    pub passkey: Option<WebauthnOptions>,
}

impl SecondStep {
    /// Prepares what a sign-in waits for. An authenticator application is set up anew each time.
    ///
    /// # Errors
    /// [`Error::Mfa`] if the sign-in has ended.
    pub async fn begin(
        guest: &Guest<flows::SignIn>,
        relying_party: &RelyingParty,
        challenge: Challenge,
    ) -> Result<Self, Error> {
        let step = Self::of(guest, relying_party, challenge).await?;
        let totp = if step.is_enrolment && step.takes_code {
            Some(second::service::enrol_totp(guest, &step.flow).await?)
        } else {
            None
        };
        Ok(Self { totp, ..step })
    }

    /// Prepares it without setting anything up.
    async fn of(
        guest: &Guest<flows::SignIn>,
        relying_party: &RelyingParty,
        challenge: Challenge,
    ) -> Result<Self, Error> {
        let Challenge { status, flow, factors, .. } = challenge;
        let (flow, is_enrolment) = (Secret::new(flow), status == ChallengeStatus::MfaEnrolmentRequired);
        let takes_code = factors.iter().any(|factor| *factor != SecondFactor::Webauthn);
        let passkey = match (factors.contains(&SecondFactor::Webauthn), is_enrolment) {
            (false, _) => None,
            (true, true) => {
                where_possible(second::service::enrol_webauthn(guest, relying_party, &flow).await)?
            }
            (true, false) => {
                where_possible(second::service::webauthn_options(guest, relying_party, &flow).await)?
            }
        };
        Ok(Self { flow, is_enrolment, takes_code, totp: None, passkey })
    }
}

/// What a sign-in still waits for after a proof that was refused.
///
/// # Errors
/// [`Error::Mfa`] if the sign-in has ended.
pub async fn again(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
    flow: &Secret<String>,
) -> Result<SecondStep, Error> {
    let challenge = second::service::standing(guest, flow).await?;
    let step = SecondStep::of(guest, relying_party, challenge).await?;
    let is_shown = step.is_enrolment && step.takes_code;
    let totp = if is_shown { second::service::totp_again(guest, flow).await? } else { None };
    Ok(SecondStep { totp, ..step })
}

fn where_possible(options: Result<WebauthnOptions, Error>) -> Result<Option<WebauthnOptions>, Error> {
    match options {
        Err(Error::Mfa(elder_mfa::Error::NoRelyingParty)) => Ok(None),
        options => options.map(Some),
    }
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
    let device = signed_in.device_token.map(Secret::new);
    Ok(SignIn::Done(Box::new(AtBrowser { user, cookie, device })))
}
