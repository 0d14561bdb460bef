//! `/account/devices`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use elder_access::Visitor;
use elder_http::{Problem, Query};
use elder_portal_users::{Error, pages};

use super::{Ending, ShownDevice, ShownSession, Withdrawal};
use crate::{
    account::{Desk, Done, Saved},
    form::Form,
    frame::Frame,
    place::Place,
};

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage<'a> {
    frame: &'a Frame,
    place: Place,
    devices: Vec<ShownDevice>,
    sessions: Vec<ShownSession>,
    saved: Option<&'static str>,
}

/// Shows the own devices and sessions.
#[utoipa::path(get, path = "/account/devices")]
pub(crate) async fn show(
    visitor: Visitor,
    done: Query<Done>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    let frame = &desk.frame;
    let devices = pages::devices(desk.myself).await?.into_iter().map(ShownDevice::from).collect();
    let sessions = pages::sessions(desk.myself).await?;
    let sessions = sessions.into_iter().map(|session| ShownSession::of(session, frame.words)).collect();
    let (place, saved) = (Place::Devices, done.0.words(&desk));
    frame.page(StatusCode::OK, &DevicesPage { frame, place, devices, sessions, saved })
}

/// Ends one of the other sessions.
#[utoipa::path(post, path = "/account/sessions/end")]
pub(crate) async fn end_session(
    visitor: Visitor,
    form: Form<Ending>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    gone(pages::end_session(desk.myself, form.0.session).await)?;
    Ok(desk.done(Saved::Session))
}

/// Withdraws a device.
#[utoipa::path(post, path = "/account/devices/withdraw")]
pub(crate) async fn withdraw(
    visitor: Visitor,
    form: Form<Withdrawal>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    gone(pages::withdraw_device(desk.myself, form.0.device).await)?;
    Ok(desk.done(Saved::Device))
}

/// What has gone meanwhile is as good as ended now.
fn gone(ended: Result<(), Error>) -> Result<(), Error> {
    match ended {
        Err(Error::NotFound) => Ok(()),
        ended => ended,
    }
}
