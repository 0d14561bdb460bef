//! `/verify` and `/email-change`, where the links of mails lead.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use elder_access::{Guest, Visitor, flows};
use elder_http::{Problem, Query};
use elder_portal_users::pages;

use super::{Pressed, VerifyPage, words_of};
use crate::{alerts::Alerts, fault::Notice, form::Form, frame::Frame, reset::Link};

/// A button, to prove an address.
#[utoipa::path(get, path = "/verify")]
pub(crate) async fn show(
    _: Visitor,
    guest: Guest<flows::EmailProof>,
    link: Query<Link>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    button(&guest, &request, ["/verify", &link.0.token]).await
}

/// Proves the address.
#[utoipa::path(post, path = "/verify")]
pub(crate) async fn submit(
    guest: Guest<flows::EmailProof>,
    form: Form<Pressed>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    open(&guest, &form.0, &request).await
}

/// A button, to agree to another address.
#[utoipa::path(get, path = "/email-change")]
pub(crate) async fn show_change(
    _: Visitor,
    guest: Guest<flows::EmailProof>,
    link: Query<Link>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    button(&guest, &request, ["/email-change", &link.0.token]).await
}

/// Agrees to the change.
#[utoipa::path(post, path = "/email-change")]
pub(crate) async fn submit_change(
    guest: Guest<flows::EmailProof>,
    form: Form<Pressed>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    open(&guest, &form.0, &request).await
}

async fn button(
    guest: &Guest<flows::EmailProof>,
    request: &HttpRequest,
    [action, token]: [&str; 2],
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of_link(request, guest, token).await?;
    frame.page(StatusCode::OK, &VerifyPage { frame: &frame, action, token })
}

async fn open(
    guest: &Guest<flows::EmailProof>,
    pressed: &Pressed,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of_link(request, guest, pressed.token.expose()).await?;
    let words = frame.words;
    match pages::open_link(guest, &pressed.token).await {
        Ok(proven) => {
            let link = Some(("/sign-in", words.sign_in));
            Notice::say(&frame, StatusCode::OK, [words.confirm, words_of(proven.outcome, words)], link)
        }
        Err(error) => {
            let (status, alerts) = Alerts::of(error, words)?;
            Notice::say(&frame, status, [words.confirm, &alerts.sentences.join(" ")], None)
        }
    }
}
