//! `/sso/saml`: what a browser brings from a provider that speaks SAML, and what the provider is told of Elder.

use actix_web::{HttpResponse, http::header};
use elder_access::{Guest, flows};
use elder_api_types::IdentityProviderId;
use elder_http::{BrowserCookie, Path, Problem, UrlEncoded};
use elder_sso::{
    Error, Providers,
    sign_in::{Failed, LogoutMessage, finish_assertion, logged_out, metadata, take_assertion},
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

/// Ends the sessions that a provider wishes to end, by redirect; or says that whoever is back from there is signed out.
#[utoipa::path(get, path = "/sso/saml/{idp_id}/slo")]
pub(crate) async fn slo_by_redirect(
    (sso, guest): (Guest<flows::SingleSignOn>, Guest<flows::SignIn>),
    id: Path<IdentityProviderId>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let query = visit.request.query_string().to_owned();
    let is_wish = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "SAMLRequest");
    let message = is_wish.then_some(LogoutMessage::Query(&query));
    log_out((&sso, &guest), id.0, &visit, message).await
}

/// The same by a form.
#[utoipa::path(post, path = "/sso/saml/{idp_id}/slo")]
pub(crate) async fn slo_by_form(
    (sso, guest): (Guest<flows::SingleSignOn>, Guest<flows::SignIn>),
    id: Path<IdentityProviderId>,
    visit: Visit,
    message: UrlEncoded<Message>,
) -> Result<HttpResponse, Problem> {
    let message = message.0;
    let wish =
        (!message.request.is_empty()).then(|| LogoutMessage::Form(&message.request, message.relay_state()));
    log_out((&sso, &guest), id.0, &visit, wish).await
}

/// What a provider answers to a wish of Elder's changes nothing: who has signed out is signed out.
async fn log_out(
    (sso, guest): (&Guest<flows::SingleSignOn>, &Guest<flows::SignIn>),
    id: IdentityProviderId,
    visit: &Visit,
    message: Option<LogoutMessage<'_>>,
) -> Result<HttpResponse, Problem> {
    let request = &visit.request;
    let Some(message) = message else {
        return stay(request);
    };
    let providers: &Providers = built_with(request)?;
    match logged_out(sso, providers, id, message).await {
        Ok(back) => onward(request, back),
        Err(why @ (Error::Saml(_) | Error::Refused(_))) => {
            let failed = Failed { tenant: None, provider: None, query: String::new(), why };
            explain(guest, request, failed).await
        }
        Err(error) => Err(error.into()),
    }
}
