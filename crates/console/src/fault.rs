//! Pages that say that something cannot be done: what a problem document is to a program.

use actix_web::{
    HttpRequest, HttpResponse, ResponseError as _,
    http::{StatusCode, header},
};
use askama::Template;
use elder_access::is_page;
use elder_http::{Problem, ProblemStyle};
use elder_kernel::ErrorCode;
use serde_json::{Map, Value};

use crate::{
    frame::{Frame, base},
    place::Place,
    words::Words,
};

/// How problems are worded for people at a browser.
pub const PROBLEMS: ProblemStyle = ProblemStyle { applies: is_for_a_person, answer: answered };

/// A page that says one thing.
#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) title: &'a str,
    pub(crate) words: &'a str,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) link: Option<(&'a str, &'a str)>,
}

impl<'a> Notice<'a> {
    /// A page that says so, and where to go on.
    pub(crate) fn say(
        frame: &'a Frame,
        status: StatusCode,
        [title, words]: [&'a str; 2],
        link: Option<(&'a str, &'a str)>,
    ) -> Result<HttpResponse, Problem> {
        frame.page(status, &Self { frame, title, words, request_id: None, link })
    }
}

/// Sends a browser to another page of Elder's, which it gets by GET.
pub(crate) fn see_page(request: &HttpRequest, path: &str) -> HttpResponse {
    see_other(&format!("{}{path}", base(request)))
}

/// Sends a browser elsewhere.
pub(crate) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

/// The status of a page that says so. 401 would ask the browser for a credential by a header (RFC 9110 §15.5.2), and
/// there is none to ask for.
pub(crate) fn status(code: ErrorCode) -> StatusCode {
    match StatusCode::from_u16(code.status()) {
        Ok(StatusCode::UNAUTHORIZED) => StatusCode::FORBIDDEN,
        Ok(status) => status,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Where somebody signs in who comes for this page.
fn sign_in_for(place: Place) -> String {
    if place == Place::Account { "/sign-in".to_owned() } else { format!("/sign-in?for={place}") }
}

fn is_for_a_person(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    is_page(request.path()) && accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

#[expect(clippy::needless_pass_by_value, reason = "`ProblemStyle` gives the document away")]
fn answered(request: &HttpRequest, problem: &Problem, document: Map<String, Value>) -> HttpResponse {
    // Who signs in anew has proven who they are.
    if matches!(problem.code(), ErrorCode::Unauthenticated | ErrorCode::StepUpRequired) {
        return see_page(request, &sign_in_for(Place::of(request.path())));
    }
    let frame = Frame::of(request, None, None);
    let words = explained(frame.words, problem);
    let id = document.get("request_id").and_then(Value::as_str);
    let notice = Notice {
        frame: &frame,
        title: title(frame.words, problem.code()),
        words: &words,
        request_id: id.filter(|_| problem.is_fault_of_server()),
        link: (problem.code() == ErrorCode::CrossSite).then_some((request.path(), frame.words.ask_again)),
    };
    frame.page(status(problem.code()), &notice).unwrap_or_else(|problem| problem.error_response())
}

fn title(words: &Words, code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NotFound | ErrorCode::RouteNotFound | ErrorCode::MethodNotAllowed => words.not_found,
        ErrorCode::InvalidId | ErrorCode::InvalidParameter | ErrorCode::UnregisteredUri => {
            words.link_is_wrong
        }
        ErrorCode::RateLimited => words.rate_limited,
        ErrorCode::Maintenance => words.maintenance,
        code if code.status() >= 500 => words.failed,
        code if code.status() == 403 => words.not_allowed,
        _ => words.unreadable,
    }
}

fn explained(words: &Words, problem: &Problem) -> String {
    match problem.code() {
        ErrorCode::NotFound | ErrorCode::RouteNotFound => words.not_found_about.to_owned(),
        ErrorCode::UnregisteredUri => words.not_registered.to_owned(),
        ErrorCode::CrossSite => words.cross_site.to_owned(),
        ErrorCode::NetworkForbidden => words.network.to_owned(),
        ErrorCode::Busy => words.busy.to_owned(),
        ErrorCode::RateLimited => {
            let seconds = problem.retry_after().unwrap_or(60);
            words.rate_limited_about.replace("{}", &seconds.to_string())
        }
        ErrorCode::InternalError | ErrorCode::Unavailable => words.failed_about.to_owned(),
        _ => problem.detail().to_owned(),
    }
}
