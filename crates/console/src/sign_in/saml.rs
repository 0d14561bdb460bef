//! `/sso/saml`: what a browser brings from a provider that speaks SAML, and what the provider is told of Elder.

use actix_web::{HttpRequest, HttpResponse, http::header};
use elder_access::{Guest, flows};
use elder_api_types::IdentityProviderId;
use elder_http::{BrowserCookie, Path, Problem, UrlEncoded};
use elder_sso::{
    Error, Providers,
    session::{LeftThere, LogoutMessage, logged_out, logout_answered},
    sign_in::{Failed, finish_assertion, metadata, take_assertion},
};
use serde::Deserialize;

use super::{
    desk::Visit,
    onward::onward,
    provider::{explain, receive, set},
};
use crate::{fault::see_page, frame::built_with, sign_out::routes::stay};

/// The form of a provider's page (SAML bindings §3.5.4). Providers add fields of their own.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "SAMLRequest", default)]
    request: String,
    #[serde(rename = "SAMLResponse", default)]
    response: String,
    #[serde(rename = "RelayState", default)]
    relay_state: String,
}

impl Message {
    /// What came beside it, if anything did.
    fn relay_state(&self) -> Option<&str> {
        Some(self.relay_state.as_str()).filter(|relay| !relay.is_empty())
    }
}

/// Shows what a provider must know of Elder (SAML metadata §2.4.4).
#[utoipa::path(get, path = "/sso/saml/{idp_id}/metadata")]
pub(crate) async fn show_metadata(
    sso: Guest<flows::SingleSignOn>,
    id: Path<IdentityProviderId>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let providers: &Providers = built_with(&visit.request)?;
    let xml = metadata(&sso, providers, id.0).await?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/samlmetadata+xml")).body(xml))
}

/// Takes in the answer of a provider. The browser then comes again with its cookie, which a form of another site's page does
/// not bring.
#[utoipa::path(post, path = "/sso/saml/{idp_id}/acs")]
pub(crate) async fn take_answer(
    (sso, guest): (Guest<flows::SingleSignOn>, Guest<flows::SignIn>),
    id: Path<IdentityProviderId>,
    visit: Visit,
    message: UrlEncoded<Message>,
) -> Result<HttpResponse, Problem> {
    let request = &visit.request;
    let providers: &Providers = built_with(request)?;
    let message = message.0;
    match take_assertion(&sso, providers, id.0, (&message.response, message.relay_state())).await {
        Ok(taken) => {
            let mut answer = see_page(request, &format!("/sso/saml/{}/acs", id.0));
            let cookie = BrowserCookie::of_single_sign_on(request);
            set(&mut answer, taken.cookie.and_then(|value| cookie.set(value.expose())));
            Ok(answer)
        }
        Err(failed) => explain(&guest, request, failed).await,
    }
}

/// Signs in whose answer was taken in, in the browser that was sent away for it (S-21).
#[utoipa::path(get, path = "/sso/saml/{idp_id}/acs")]
pub(crate) async fn arrive(
    (sso, guest): (Guest<flows::SingleSignOn>, Guest<flows::SignIn>),
    id: Path<IdentityProviderId>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let cookie = BrowserCookie::of_single_sign_on(&visit.request).read(&visit.request);
    let arrived = finish_assertion(&sso, id.0, cookie).await;
    receive(&guest, &visit, arrived).await
}

/// Ends the sessions that a provider wishes to end, by redirect; or reads what it answers to a wish of Elder's.
#[utoipa::path(get, path = "/sso/saml/{idp_id}/slo")]
pub(crate) async fn slo_by_redirect(
    (sso, guest): (Guest<flows::SingleSignOn>, Guest<flows::SignIn>),
    id: Path<IdentityProviderId>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let query = visit.request.query_string().to_owned();
    let field = |field: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == field).map(|(_, value)| value.into_owned())
    };
    let message = LogoutMessage::Query(&query);
    if field("SAMLRequest").is_some() {
        return log_out((&sso, &guest), id.0, &visit, message).await;
    }
    let message = field("SAMLResponse").is_some().then_some(message);
    come_back((&sso, &guest), id.0, &visit, (message, field("RelayState").as_deref())).await
}

/// The same by a form.
#[utoipa::path(post, path = "/sso/saml/{idp_id}/slo")]
pub(crate) async fn slo_by_form(
    (sso, guest): (Guest<flows::SingleSignOn>, Guest<flows::SignIn>),
    id: Path<IdentityProviderId>,
    visit: Visit,
    message: UrlEncoded<Message>,
) -> Result<HttpResponse, Problem> {
    let (message, doors) = (message.0, (&sso, &guest));
    let relay = message.relay_state();
    if !message.request.is_empty() {
        return log_out(doors, id.0, &visit, LogoutMessage::Form(&message.request, relay)).await;
    }
    let answer = (!message.response.is_empty()).then(|| LogoutMessage::Form(&message.response, relay));
    come_back(doors, id.0, &visit, (answer, relay)).await
}

async fn log_out(
    (sso, guest): (&Guest<flows::SingleSignOn>, &Guest<flows::SignIn>),
    id: IdentityProviderId,
    visit: &Visit,
    message: LogoutMessage<'_>,
) -> Result<HttpResponse, Problem> {
    let request = &visit.request;
    let providers: &Providers = built_with(request)?;
    match logged_out(sso, providers, id, message).await {
        Ok(back) => onward(request, back),
        Err(why) => refuse(guest, request, why).await,
    }
}

/// Says that whoever is back from their provider is signed out, and whether they are so there.
async fn come_back(
    (sso, guest): (&Guest<flows::SingleSignOn>, &Guest<flows::SignIn>),
    id: IdentityProviderId,
    visit: &Visit,
    (message, relay): (Option<LogoutMessage<'_>>, Option<&str>),
) -> Result<HttpResponse, Problem> {
    let request = &visit.request;
    let Some(message) = message else { return stay(request, None) };
    let providers: &Providers = built_with(request)?;
    match logout_answered(sso, providers, id, (message, relay)).await {
        Ok(LeftThere::NotEverywhere) => stay(request, Some(|words| words.sso_signed_out_not_there)),
        Ok(LeftThere::Everywhere | LeftThere::NotAsked) => stay(request, None),
        Err(why) => refuse(guest, request, why).await,
    }
}

async fn refuse(
    guest: &Guest<flows::SignIn>,
    request: &HttpRequest,
    why: Error,
) -> Result<HttpResponse, Problem> {
    explain(guest, request, Failed { tenant: None, provider: None, query: String::new(), why }).await
}
