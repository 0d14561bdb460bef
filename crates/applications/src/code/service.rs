//! What may happen to codes: issued to who is signed in, redeemed once.

mod repository;

use chrono::TimeDelta;
use elder_access::{
    Action, Event, Guest, Myself, Outcome, TenantTx, flows,
    session::{self, EndReason},
};
use elder_crypto::{OpaqueToken, Parsed, TokenKind};
use elder_kernel::TenantId;
use elder_portal_users::Tokens;

use self::repository::{Code, Taken};
use super::{Authorization, CodeExchange, fits, with_parameters};
use crate::{
    Error,
    application::{Application, service::anywhere},
};

/// How long a code is good: it travels through one redirect (RFC 6749 §4.1.2 allows ten minutes).
const LASTS: TimeDelta = TimeDelta::seconds(60);
/// How long one that is used or too old is remembered, so that its use is noticed.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Somebody whom an application sends, before it is known who they are.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The tenant of the application.
    pub tenant: TenantId,
    /// The application.
    pub application: Application,
    request: Authorization,
}

impl Asking {
    /// Where the person will return to.
    pub fn redirect_uri(&self) -> &str {
        &self.request.redirect_uri
    }
}

/// Finds out which application asks. Nothing is sent to a URI that it has not registered (W-33).
///
/// # Errors
/// [`Error::NotFound`] for an application that is unknown or whose tenant is not active, [`Error::NotRegistered`].
pub async fn ask(guest: &Guest<flows::SignIn>, request: Authorization) -> Result<Asking, Error> {
    let (tenant, application) = anywhere(guest, request.application).await?;
    if !application.redirect_uris.contains(&request.redirect_uri) {
        return Err(Error::NotRegistered);
    }
    Ok(Asking { tenant, application, request })
}

/// Issues a code for somebody who is signed in to the application's tenant, and gives the URI to return to with it, with
/// `state`, and with the issuer (RFC 9207).
///
/// # Errors
/// [`Error::NotFound`] if the application belongs to another tenant, or is gone.
pub async fn issue(myself: &Myself, asking: &Asking) -> Result<String, Error> {
    if myself.tenant() != asking.tenant {
        return Err(Error::NotFound);
    }
    let tx = myself.write().await?;
    let (id, now) = (tx.seam().uuid(), tx.seam().now());
    let (text, hash) = OpaqueToken::mint(TokenKind::AuthorizationCode, tx.tenant(), id, &tx.seam().random);
    let code = Code {
        id,
        application: asking.application.id,
        browser: myself.principal().session,
        hash,
        redirect_uri: asking.request.redirect_uri.clone(),
        challenge: asking.request.code_challenge.clone(),
        expires_at: now + LASTS,
    };
    repository::forget(&tx, tx.tenant(), code.browser, now - REMEMBERED).await?;
    repository::insert(&tx, tx.tenant(), &code, now).await?;
    let event = Event::on(Action::CodeIssued, code.application).with("user", myself.user());
    tx.commit(event).await?;
    let parameters =
        [("code", text.expose().as_str()), ("state", &asking.request.state), ("iss", myself.issuer())];
    Ok(with_parameters(&code.redirect_uri, &parameters))
}

/// Exchanges a code for the tokens of a new session. The first attempt uses it up, whether it fits or not.
pub(super) async fn exchange(
    guest: &Guest<flows::CodeExchange>,
    sent: &CodeExchange,
) -> Result<Tokens, Error> {
    let token = OpaqueToken::parse(sent.code.expose()).ok();
    let token = token.filter(|token| token.kind == TokenKind::AuthorizationCode).ok_or(Error::InvalidCode)?;
    let tx = guest.begin(token.tenant).await?;
    let Some(taken) = repository::take(&tx, tx.tenant(), &token, tx.seam().now()).await? else {
        return Err(used(tx, &token).await?);
    };
    let fault = if tx.seam().now() >= taken.expires_at {
        Some("expired")
    } else if !fits(&sent.code_verifier, &taken.challenge) {
        Some("wrong_verifier")
    } else if sent.redirect_uri != taken.redirect_uri {
        Some("wrong_redirect_uri")
    } else {
        None
    };
    if let Some(reason) = fault {
        return refuse(tx, &taken, reason, Error::InvalidCode).await;
    }
    match elder_portal_users::go_on(guest, &tx, taken.browser).await {
        Ok(tokens) => {
            repository::note_session(&tx, tx.tenant(), &token, tokens.session_id).await?;
            let event = Event::on(Action::SignedIn, tokens.session_id);
            tx.commit(event.with("user", taken.user).with("application", taken.application)).await?;
            Ok(tokens)
        }
        Err(elder_portal_users::Error::InvalidCredentials) => {
            refuse(tx, &taken, "signed_out", Error::InvalidCode).await
        }
        Err(error @ elder_portal_users::Error::NetworkForbidden) => {
            refuse(tx, &taken, "network_forbidden", error.into()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes down why a code was not good, which uses it up.
async fn refuse<T>(
    tx: TenantTx<flows::CodeExchange>,
    taken: &Taken,
    reason: &str,
    error: Error,
) -> Result<T, Error> {
    tx.commit(Event::on(Action::CodeRefused, taken.application).ended(Outcome::Failure, reason)).await?;
    Err(error)
}

/// A code that cannot be taken. If it was taken before, two have it: the session that came of it ends (RFC 6749
/// §4.1.2).
async fn used(tx: TenantTx<flows::CodeExchange>, token: &Parsed) -> Result<Error, Error> {
    let Some((application, came_of_it)) = repository::used(&tx, tx.tenant(), token).await? else {
        return Ok(Error::InvalidCode);
    };
    if let Some(session) = came_of_it {
        session::end(&tx, session, EndReason::CodeReused).await?;
    }
    let event = Event::on(Action::CodeRefused, application).ended(Outcome::Failure, "used_before");
    tx.commit(event).await?;
    Ok(Error::InvalidCode)
}
