//! `/sign-out`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use askama::Template;
use elder_access::{Myself, Visitor};
use elder_http::{BrowserCookie, Problem};
use elder_portal_users::pages;
use elder_sso::{
    Providers,
    session::{self, Leaving},
    sign_in::Onward,
};

use super::Nothing;
use crate::{
    fault::Notice,
    form::Form,
    frame::{Frame, built_with},
    words::Words,
};

/// Has the browser forget what it kept of the pages, so that the back button shows none of them (P-39).
const CLEAR: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));

/// Ends the session; says whose session at which provider is to end too, and how.
async fn sign_out(myself: &Myself, providers: &Providers) -> Result<Option<(String, Onward)>, Problem> {
    if let Some(Leaving { provider, onward }) = session::leave(myself, providers).await? {
        return Ok(onward.map(|onward| (provider, onward)));
    }
    pages::sign_out(myself).await?;
    Ok(None)
}

/// Says that somebody is signed out, and something else about it than that all is well.
pub(crate) fn stay(
    request: &HttpRequest,
    about: Option<fn(&Words) -> &'static str>,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of(request, None, None);
    let said =
        [frame.words.signed_out, about.map_or(frame.words.signed_out_about, |about| about(frame.words))];
    Notice::say(&frame, StatusCode::OK, said, Some(("/sign-in", frame.words.sign_in)))
}

/// Says that somebody is signed out here, and takes them to where they are not yet. It is a page and no redirection: a
/// browser would ask the policy of the page with the form whether it may follow.
fn leave(request: &HttpRequest, provider: &str, onward: &Onward) -> Result<HttpResponse, Problem> {
    let action = match onward {
        Onward::Go(_) => None,
        Onward::Post { action, .. } => Some(action.as_str()),
    };
    let frame = Frame::of(request, None, None).leading_to(action);
    let about = frame.words.sso_sign_out_there.replace("{}", provider);
    frame.page(StatusCode::OK, &SignedOutPage { frame: &frame, about: &about, onward })
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage<'a> {
    frame: &'a Frame,
    about: &'a str,
    onward: &'a Onward,
}

/// Ends the session of this browser.
#[utoipa::path(post, path = "/sign-out")]
pub(crate) async fn submit(
    visitor: Visitor,
    request: HttpRequest,
    _: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let onward = match visitor.signed_in() {
        Some(myself) => sign_out(myself, built_with(&request)?).await?,
        None => None,
    };
    let mut answer = match onward {
        Some((provider, onward)) => leave(&request, &provider, &onward)?,
        None => stay(&request, None)?,
    };
    let (name, value) = CLEAR;
    answer.headers_mut().insert(name, value);
    if let Some(cookie) = BrowserCookie::of(&request).clear() {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}
