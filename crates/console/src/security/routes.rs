//! `/account/security`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use elder_access::Visitor;
use elder_crypto::PasswordHasher;
use elder_http::{Problem, Query};
use elder_mfa::pages as factors;
use elder_portal_users::{Error, pages};

use super::{Passwords, Removal, Renaming, ShownFactors, label};
use crate::{
    account::{Desk, Done, Saved},
    alerts::Alerts,
    form::Form,
    frame::Frame,
    place::Place,
    sign_out::Nothing,
};

#[derive(Template)]
#[template(path = "security.html")]
struct SecurityPage<'a> {
    frame: &'a Frame,
    place: Place,
    email: &'a str,
    own: ShownFactors,
    saved: Option<&'static str>,
    alerts: &'a Alerts,
}

#[derive(Template)]
#[template(path = "backup_codes.html")]
struct CodesPage<'a> {
    frame: &'a Frame,
    place: Place,
    codes: &'a [String],
}

/// Shows how one signs in.
#[utoipa::path(get, path = "/account/security")]
pub(crate) async fn show(
    visitor: Visitor,
    done: Query<Done>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    page(&desk, StatusCode::OK, done.0.words(&desk), &Alerts::default()).await
}

/// Changes the password and ends all other sessions.
#[utoipa::path(post, path = "/account/security/password")]
pub(crate) async fn set_password(
    visitor: Visitor,
    hasher: Data<PasswordHasher>,
    form: Form<Passwords>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    let done = pages::change_password(desk.myself, &hasher, form.0.into()).await;
    answer(&desk, done, Saved::Password).await
}

/// Gives a factor another name.
#[utoipa::path(post, path = "/account/security/factors/rename")]
pub(crate) async fn rename_factor(
    visitor: Visitor,
    form: Form<Renaming>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    match label(&form.0.name, desk.frame.words) {
        Ok(name) => {
            let done = factors::rename(desk.myself, form.0.factor, name).await;
            answer(&desk, done.map_err(Error::from), Saved::FactorRenamed).await
        }
        Err(alerts) => page(&desk, StatusCode::BAD_REQUEST, None, &alerts).await,
    }
}

/// Removes a factor. One that has gone meanwhile is as good as removed now.
#[utoipa::path(post, path = "/account/security/factors/remove")]
pub(crate) async fn remove_factor(
    visitor: Visitor,
    form: Form<Removal>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    let done = match factors::remove(desk.myself, form.0.factor).await.map_err(Error::from) {
        Err(Error::NotFound) => Ok(()),
        done => done,
    };
    answer(&desk, done, Saved::FactorRemoved).await
}

/// Makes backup codes and shows them once.
#[utoipa::path(post, path = "/account/security/backup-codes")]
pub(crate) async fn make_backup_codes(
    visitor: Visitor,
    _: Form<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    match factors::make_backup_codes(desk.myself).await {
        Ok(made) => {
            let (frame, place) = (&desk.frame, Place::Security);
            frame.page(StatusCode::OK, &CodesPage { frame, place, codes: &made.codes })
        }
        Err(error) => refuse(&desk, error.into()).await,
    }
}

/// Back to the page, or the page again with what was wrong.
async fn answer(desk: &Desk<'_>, done: Result<(), Error>, saved: Saved) -> Result<HttpResponse, Problem> {
    match done {
        Ok(()) => Ok(desk.done(saved)),
        Err(error) => refuse(desk, error).await,
    }
}

pub(super) async fn refuse(desk: &Desk<'_>, error: Error) -> Result<HttpResponse, Problem> {
    let (status, alerts) = Alerts::of(error, desk.frame.words)?;
    page(desk, status, None, &alerts).await
}

async fn page(
    desk: &Desk<'_>,
    status: StatusCode,
    saved: Option<&'static str>,
    alerts: &Alerts,
) -> Result<HttpResponse, Problem> {
    let Desk { me, frame, .. } = desk;
    let own = ShownFactors::of(factors::overview(desk.myself).await?, frame.words);
    let (place, email) = (Place::Security, me.user.email.typed());
    frame.page(status, &SecurityPage { frame, place, email, own, saved, alerts })
}
