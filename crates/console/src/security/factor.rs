//! `/account/security/…`, where second factors are set up.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use elder_access::Visitor;
use elder_api_types::FactorId;
use elder_http::Problem;
use elder_mfa::pages as factors;
use elder_portal_users::Error;

use super::{FirstCode, MadePasskey, routes::refuse};
use crate::{
    account::{Desk, Saved},
    alerts::{Alerts, FORM},
    form::Form,
    frame::{Frame, built_with},
    passkey::Passkey,
    place::Place,
    qr::Qr,
    sign_out::Nothing,
};

#[derive(Template)]
#[template(path = "authenticator.html")]
struct AuthenticatorPage<'a> {
    frame: &'a Frame,
    place: Place,
    factor: FactorId,
    /// Shown until its first code was right.
    qr: Option<Qr<'a>>,
    alerts: &'a Alerts,
}

#[derive(Template)]
#[template(path = "passkey_page.html")]
struct PasskeyPage<'a> {
    frame: &'a Frame,
    place: Place,
    passkey: Option<Passkey<'a>>,
    alerts: &'a Alerts,
}

/// Begins to set up an authenticator application, and shows its secret.
#[utoipa::path(post, path = "/account/security/authenticator")]
pub(crate) async fn begin_authenticator(
    visitor: Visitor,
    _: Form<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    match factors::begin_totp(desk.myself).await {
        Ok(begun) => {
            let (frame, place, qr) = (&desk.frame, Place::Security, Some(Qr::of(&begun)));
            let alerts = &Alerts::default();
            frame.page(StatusCode::OK, &AuthenticatorPage { frame, place, factor: begun.id, qr, alerts })
        }
        Err(error) => refuse(&desk, error.into()).await,
    }
}

/// Makes it a factor by the first code that it shows.
#[utoipa::path(post, path = "/account/security/authenticator/confirm")]
pub(crate) async fn confirm_authenticator(
    visitor: Visitor,
    form: Form<FirstCode>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    let FirstCode { factor, code } = form.0;
    let Err(error) = factors::confirm_totp(desk.myself, factor, &code).await else {
        return Ok(desk.done(Saved::FactorAdded));
    };
    let (status, alerts) = Alerts::of(error.into(), desk.frame.words)?;
    let (frame, place, alerts) = (&desk.frame, Place::Security, &alerts);
    let begun = match factors::totp_again(desk.myself, factor).await {
        Err(elder_mfa::Error::NotFound) => None,
        begun => Some(begun.map_err(Error::from)?),
    };
    let qr = begun.as_ref().map(Qr::of);
    frame.page(status, &AuthenticatorPage { frame, place, factor, qr, alerts })
}

/// The page on which the browser makes a passkey.
#[utoipa::path(get, path = "/account/security/passkey")]
pub(crate) async fn show_passkey(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    passkey_page(&desk, StatusCode::OK, &Alerts::default()).await
}

/// Takes the passkey.
#[utoipa::path(post, path = "/account/security/passkey")]
pub(crate) async fn add_passkey(
    visitor: Visitor,
    form: Form<MadePasskey>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    let new = match form.0.new_passkey(desk.frame.words) {
        Ok(new) => new,
        Err(alerts) => return passkey_page(&desk, StatusCode::BAD_REQUEST, &alerts).await,
    };
    match factors::add_passkey(desk.myself, built_with(&request)?, new).await.map_err(Error::from) {
        Ok(_) => Ok(desk.done(Saved::FactorAdded)),
        Err(error) => {
            let is_wrong = matches!(error, Error::InvalidProof);
            let (status, alerts) = Alerts::of(error, desk.frame.words)?;
            let failed = Alerts::beside(FORM, desk.frame.words.passkey_failed);
            passkey_page(&desk, status, if is_wrong { &failed } else { &alerts }).await
        }
    }
}

/// The page, with a new challenge; without one where no passkey can be made.
async fn passkey_page(desk: &Desk<'_>, status: StatusCode, alerts: &Alerts) -> Result<HttpResponse, Problem> {
    let (frame, place) = (&desk.frame, Place::Security);
    let made = factors::passkey_options(desk.myself, built_with(desk.request)?).await;
    let options = match made.map_err(Error::from) {
        Ok(options) => options,
        Err(error) => {
            let (status, alerts) = Alerts::of(error, frame.words)?;
            return frame.page(status, &PasskeyPage { frame, place, passkey: None, alerts: &alerts });
        }
    };
    let passkey = Passkey::create(&options, "/account/security/passkey", frame.words.set_up_passkey)?;
    let passkey = Some(passkey.named());
    frame.page_with_script(status, &PasskeyPage { frame, place, passkey, alerts })
}
