//! `/setup`, where the setup link leads.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form},
};
use elder_access::{Guest, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Problem, Public, Query};
use elder_kernel::Coded as _;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Entries, is_setup_token, notice, words};
use crate::{Error, setup::service};

/// The page loads nothing and runs nothing; its form is sent to nobody but Elder.
const POLICY: &str = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the setup link carries.
#[derive(Debug, Deserialize, garde::Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Link {
    /// The token that Elder printed at its first start.
    #[serde(default)]
    #[garde(length(max = 1_000))]
    token: String,
}

/// The form by which the first person becomes the platform's owner.
#[utoipa::path(get, path = "/setup", tag = "Sign-in", operation_id = "setup.page", params(Link),
    responses((status = 200, description = "A page for people.", content_type = "text/html"),
        (status = 403, description = "A page that says that the link is not valid.", content_type = "text/html")))]
pub(crate) async fn show(_: Public, link: Query<Link>) -> HttpResponse {
    if is_setup_token(&link.0.token) {
        page(StatusCode::OK, Entries::empty(link.0.token).form(&[]))
    } else {
        refused(&Error::InvalidSetupToken)
    }
}

/// Takes the form; the same as `POST /api/v2/auth/setup`.
#[utoipa::path(post, path = "/setup", tag = "Sign-in", operation_id = "setup.submit",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 201, description = "A page that says that it is done.", content_type = "text/html"),
        (status = 400, description = "The form again, with what is wrong.", content_type = "text/html"),
        (status = 403, description = "The link is not valid (any more).", content_type = "text/html"),
        (status = 409, description = "The platform has its owner.", content_type = "text/html"),
        (status = 413, description = "The form is too large.", content_type = "text/html"),
        (status = 415, description = "This is no form.", content_type = "text/html")))]
pub(crate) async fn submit(
    guest: Guest<flows::Setup>,
    hasher: Data<PasswordHasher>,
    entries: Result<Form<Entries>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => return Ok(unread(&error)),
    };
    if !is_setup_token(&entries.token) {
        return Ok(refused(&Error::InvalidSetupToken));
    }
    let setup = match entries.setup() {
        Ok(setup) => setup,
        Err(wrong) => return Ok(page(StatusCode::BAD_REQUEST, entries.form(&[wrong]))),
    };
    match service::set_up(&guest, &hasher, setup).await {
        Ok(owner) => {
            let done = format!("{} owns this platform now and may sign in.", owner.email.typed());
            Ok(page(StatusCode::CREATED, notice("Elder is set up", &done)))
        }
        Err(error @ (Error::SetupDone | Error::InvalidSetupToken)) => Ok(refused(&error)),
        Err(error) if error.code().status() < 500 => Ok(page(status(&error), entries.form(&words(&error)))),
        Err(error) => Err(error.into()),
    }
}

/// Not by the page's own form, which a browser sends as it should be.
fn unread(error: &actix_web::Error) -> HttpResponse {
    let words = "The form could not be read. Open the setup link again and send the form of that page.";
    page(error.as_response_error().status_code(), notice("Elder cannot be set up with this form", words))
}

/// What no other entry mends.
fn refused(error: &Error) -> HttpResponse {
    page(status(error), notice("Elder cannot be set up with this link", &words(error).join(" ")))
}

fn status(error: &Error) -> StatusCode {
    match StatusCode::from_u16(error.code().status()) {
        // That would ask a browser for a credential by a header (RFC 9110 §15.5.2), and there is none to ask for.
        Ok(StatusCode::UNAUTHORIZED) => StatusCode::FORBIDDEN,
        Ok(status) => status,
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

fn page(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html)
}
