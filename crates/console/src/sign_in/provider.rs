//! `/sso`: to an identity provider, and back from it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use elder_access::{Guest, flows};
use elder_api_types::{IdentityProviderId, discovery::KnownIdp};
use elder_http::{BrowserCookie, Path, Problem, RequestMeta};
use elder_portal_users::pages::{self, Vouched};
use elder_sso::{
    Error, Fault, Providers, Refusal,
    sign_in::{Arrived, Begun, Coming, Failed, begin, begin_trial, finish},
};
use form_urlencoded::Serializer;
use serde::Deserialize;

use super::{
    desk::{Desk, Visit},
    onward::onward,
    trial,
};
use crate::{
    fault::{Notice, see_page},
    frame::{Frame, built_with},
    place::Place,
    words::Words,
};

/// The parameter that takes an address along to the provider.
const HINT: &str = "login_hint";

/// A way to sign in by a provider.
#[derive(Debug)]
pub(super) struct ByProvider {
    pub(super) path: String,
    pub(super) label: String,
}

impl ByProvider {
    /// For somebody who came with `query`, and may have typed an address.
    pub(super) fn of(idp: &KnownIdp, label: &str, query: &str, email: &str) -> Self {
        let mut onward = Serializer::new(query.to_owned());
        if !email.is_empty() {
            onward.append_pair(HINT, email);
        }
        let path = format!("{}?{}", idp.path(), onward.finish());
        Self { path, label: label.replace("{}", &idp.name) }
    }
}

/// Reads the query of a way to a provider: that of the sign-in page, and the address.
fn coming(query: &str) -> Coming {
    let mut coming = Coming::default();
    let mut onward = Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == HINT {
            coming.login_hint = Some(value.into_owned());
            continue;
        }
        // Who comes for a page of their account has been asked to prove anew who they are.
        coming.again |= name == "for";
        onward.append_pair(&name, &value);
    }
    coming.query = onward.finish();
    coming
}

/// Sends somebody to an identity provider. The query is that of the sign-in page, and `login_hint`.
#[utoipa::path(get, path = "/sso/oidc/authorize/{idp_id}")]
pub(crate) async fn authorize(
    sso: Guest<flows::SingleSignOn>,
    guest: Guest<flows::SignIn>,
    id: Path<IdentityProviderId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    send(&sso, &guest, id.0, &request).await
}

/// Sends somebody to an identity provider that speaks SAML. The query is that of the sign-in page.
#[utoipa::path(get, path = "/sso/saml/{idp_id}/login")]
pub(crate) async fn login(
    sso: Guest<flows::SingleSignOn>,
    guest: Guest<flows::SignIn>,
    id: Path<IdentityProviderId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    send(&sso, &guest, id.0, &request).await
}

/// The token of a trial.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfTrial {
    token: String,
}

/// Begins a trial, in the browser of who has asked for it.
#[utoipa::path(get, path = "/sso/test")]
pub(crate) async fn test(
    sso: Guest<flows::SingleSignOn>,
    guest: Guest<flows::SignIn>,
    request: HttpRequest,
    query: actix_web::web::Query<OfTrial>,
) -> Result<HttpResponse, Problem> {
    let begun = begin_trial(&sso, built_with::<Providers>(&request)?, &query.token).await;
    go(&guest, &request, begun).await
}

async fn send(
    sso: &Guest<flows::SingleSignOn>,
    guest: &Guest<flows::SignIn>,
    id: IdentityProviderId,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let providers: &Providers = built_with(request)?;
    go(guest, request, begin(sso, providers, id, coming(request.query_string())).await).await
}

async fn go(
    guest: &Guest<flows::SignIn>,
    request: &HttpRequest,
    begun: Result<Begun, Failed>,
) -> Result<HttpResponse, Problem> {
    match begun {
        Ok(begun) => {
            let mut answer = onward(request, begun.onward)?;
            set(&mut answer, BrowserCookie::of_single_sign_on(request).set(begun.cookie.expose()));
            Ok(answer)
        }
        Err(failed) => explain(guest, request, failed).await,
    }
}

/// Takes in who is back from an identity provider (OpenID Connect Core §3.1.2.5). Who is signed in already stays so unless
/// this sign-in comes to its end (O-24).
#[utoipa::path(get, path = "/sso/oidc/callback")]
pub(crate) async fn callback(
    sso: Guest<flows::SingleSignOn>,
    guest: Guest<flows::SignIn>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let request = &visit.request;
    let (providers, cookie): (&Providers, _) =
        (built_with(request)?, BrowserCookie::of_single_sign_on(request));
    let arrived = finish(&sso, providers, request.query_string(), cookie.read(request)).await;
    receive(&guest, &visit, arrived).await
}

/// Lets in who is back, or says why not.
pub(super) async fn receive(
    guest: &Guest<flows::SignIn>,
    visit: &Visit,
    arrived: Result<Arrived, Failed>,
) -> Result<HttpResponse, Problem> {
    let request = &visit.request;
    let cookie = BrowserCookie::of_single_sign_on(request);
    let mut answer = match arrived {
        Ok(Arrived::ToLink) => {
            // The cookie stays until the account's owner has said whether it is theirs.
            let mut answer = see_page(request, Place::Link.path());
            set(&mut answer, cookie.read(request).and_then(|value| cookie.set(value)));
            return Ok(answer);
        }
        Ok(Arrived::Tried(tried)) => trial::page(request, &tried)?,
        // Nobody is signed in to another's account behind their back (S-22).
        Ok(Arrived::Vouched { vouched, is_unsolicited: true, .. }) if is_another(visit, &vouched) => {
            let frame = Frame::of(request, None, None);
            let said = [frame.words.sso_failed_here, frame.words.sso_another_signed_in];
            Notice::say(&frame, StatusCode::CONFLICT, said, Some(("/account", frame.words.account)))?
        }
        Ok(Arrived::Vouched { vouched, query, .. }) => {
            let (desk, device) = (Desk::open_again(guest, request, &query).await?, visit.device());
            match pages::sign_in_by_provider(guest, desk.places, vouched, device.as_ref()).await {
                Ok(stands) => desk.go_on(&visit.visitor, stands).await?,
                Err(error) => desk.refuse_vouched(error).await?,
            }
        }
        // Nobody takes a browser's own sign-in from it by sending it here with another's answer.
        Err(failed) if failed.why.is_of_another() => return explain(guest, request, failed).await,
        Err(failed) => explain(guest, request, failed).await?,
    };
    set(&mut answer, cookie.clear());
    Ok(answer)
}

fn is_another(visit: &Visit, vouched: &Vouched) -> bool {
    visit.visitor.signed_in().is_some_and(|myself| myself.user() != vouched.user())
}

/// Adds a cookie.
pub(super) fn set(answer: &mut HttpResponse, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Says in plain words why nobody was signed in, under the number by which an admin finds the event. Nothing of it is what
/// the provider has written (O-24).
pub(super) async fn explain(
    guest: &Guest<flows::SignIn>,
    request: &HttpRequest,
    failed: Failed,
) -> Result<HttpResponse, Problem> {
    let Failed { tenant, provider, query, why } = failed;
    if why.reason().is_none() {
        return Err(why.into());
    }
    let frame = Frame::of(request, Frame::brand(guest, tenant).await?, None);
    let words = frame.words;
    let provider = provider.as_deref().unwrap_or(words.sso_somewhere);
    let title = words.sso_failed.replace("{}", provider);
    let again = if query.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?{query}") };
    let id = RequestMeta::of(request).id;
    let notice = Notice {
        frame: &frame,
        title: &title,
        words: about(words, &why),
        request_id: Some(&id),
        link: Some((&again, words.to_sign_in)),
    };
    frame.page(StatusCode::FORBIDDEN, &notice)
}

fn about(words: &'static Words, why: &Error) -> &'static str {
    use elder_oidc::{OidcError, Refusal as Protocol};
    match why {
        Error::Refused(Refusal::NotAwaited) => words.sso_not_awaited,
        error if error.is_of_another() => words.sso_not_awaited,
        Error::Refused(Refusal::AccountExists | Refusal::LinkedToAnother) => words.sso_account_exists,
        Error::Refused(Refusal::InvitationWaits) => words.sso_invited,
        Error::Refused(_) => words.sso_not_admitted,
        Error::Protocol(
            OidcError::Call { .. }
            | OidcError::Refused(Protocol::ProviderUnavailable | Protocol::AnswerStatus),
        ) => words.sso_unreachable,
        Error::Protocol(OidcError::Refused(Protocol::Denied | Protocol::InteractionRequired)) => {
            words.sso_declined
        }
        Error::Saml(Fault::StatusDenied | Fault::StatusNoPassive) => words.sso_declined,
        Error::Saml(Fault::InResponseTo | Fault::Unsolicited) => words.sso_not_awaited,
        _ => words.sso_failed_about,
    }
}
