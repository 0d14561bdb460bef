//! `/setup`, where the setup link leads.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::{Guest, Visitor, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Problem, Query};
use elder_portal_users::{Error, pages};
use serde::Deserialize;

use super::{Entries, is_setup_token};
use crate::{alerts::Alerts, fault::Notice, form::Form, frame::Frame};

/// What the setup link carries.
#[derive(Debug, Deserialize, garde::Validate)]
pub(crate) struct Link {
    /// The token that Elder printed at its first start.
    #[serde(default)]
    #[garde(length(max = 1_000))]
    token: String,
}

/// The form by which the first person becomes the platform's owner.
#[utoipa::path(get, path = "/setup")]
pub(crate) async fn show(
    _: Visitor,
    link: Query<Link>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of(&request, None, None);
    if is_setup_token(&link.0.token) {
        frame.page(StatusCode::OK, &Entries::empty(link.0.token).page(&frame, &Alerts::default()))
    } else {
        refused(&frame, Error::InvalidSetupToken)
    }
}

/// Takes the form; the same as `POST /api/v2/auth/setup`.
#[utoipa::path(post, path = "/setup")]
pub(crate) async fn submit(
    guest: Guest<flows::Setup>,
    hasher: Data<PasswordHasher>,
    form: Form<Entries>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (frame, entries) = (Frame::of(&request, None, None), form.0);
    if !is_setup_token(&entries.token) {
        return refused(&frame, Error::InvalidSetupToken);
    }
    let setup = match entries.setup(frame.words) {
        Ok(setup) => setup,
        Err(alerts) => return frame.page(StatusCode::BAD_REQUEST, &entries.page(&frame, &alerts)),
    };
    match pages::set_up(&guest, &hasher, setup).await {
        Ok(owner) => {
            let (title, link) = (frame.words.setup_is_done, Some(("/sign-in", frame.words.sign_in)));
            let words = frame.words.setup_owner.replace("{}", owner.email.typed());
            Notice::say(&frame, StatusCode::CREATED, [title, &words], link)
        }
        Err(error @ (Error::SetupDone | Error::InvalidSetupToken)) => refused(&frame, error),
        Err(error) => {
            let (status, alerts) = Alerts::of(error, frame.words)?;
            frame.page(status, &entries.page(&frame, &alerts))
        }
    }
}

/// What no other entry mends.
fn refused(frame: &Frame, error: Error) -> Result<HttpResponse, Problem> {
    let (status, alerts) = Alerts::of(error, frame.words)?;
    Notice::say(frame, status, [frame.words.setup, &alerts.sentences.join(" ")], None)
}
