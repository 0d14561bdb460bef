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
    link: Query<Link>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    button(&request, "/verify", &link.0.token)
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
    link: Query<Link>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    button(&request, "/email-change", &link.0.token)
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

fn button(request: &HttpRequest, action: &str, token: &str) -> Result<HttpResponse, Problem> {
    let frame = Frame::of(request, None, None);
    frame.page(StatusCode::OK, &VerifyPage { frame: &frame, action, token })
}

async fn open(
    guest: &Guest<flows::EmailProof>,
    pressed: &Pressed,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of(request, None, None);
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
