//! How a browser goes on to a provider: by an address, or by a form that it posts there.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use elder_http::Problem;
use elder_sso::sign_in::Onward;

use crate::{fault::see_other, frame::Frame};

#[derive(Template)]
#[template(path = "onward.html")]
struct OnwardPage<'a> {
    frame: &'a Frame,
    action: &'a str,
    fields: &'a [(&'static str, String)],
}

/// Sends the browser on. A form is posted by whoever sits there: the pages run no script.
pub(crate) fn onward(request: &HttpRequest, onward: Onward) -> Result<HttpResponse, Problem> {
    match onward {
        Onward::Go(url) => Ok(see_other(&url)),
        Onward::Post { action, fields } => {
            let frame = Frame::of(request, None, None).leading_to(Some(&action));
            frame.page(StatusCode::OK, &OnwardPage { frame: &frame, action: &action, fields: &fields })
        }
    }
}
