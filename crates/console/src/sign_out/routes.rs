//! `/sign-out`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use elder_access::Visitor;
use elder_http::{BrowserCookie, Problem};
use elder_portal_users::pages;

use super::Nothing;
use crate::{fault::Notice, form::Form, frame::Frame};

/// Has the browser forget what it kept of the pages, so that the back button shows none of them (P-39).
const CLEAR: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));

/// Ends the session of this browser.
#[utoipa::path(post, path = "/sign-out")]
pub(crate) async fn submit(
    visitor: Visitor,
    request: HttpRequest,
    _: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    if let Some(myself) = visitor.signed_in() {
        pages::sign_out(myself).await?;
    }
    let frame = Frame::of(&request, None, None);
    let words = frame.words;
    let link = Some(("/sign-in", words.sign_in));
    let said = [words.signed_out, words.signed_out_about];
    let mut answer = Notice::say(&frame, StatusCode::OK, said, link)?;
    let (name, value) = CLEAR;
    answer.headers_mut().insert(name, value);
    if let Some(cookie) = BrowserCookie::of(&request).clear() {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}
