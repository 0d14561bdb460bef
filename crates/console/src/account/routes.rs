//! `/account`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::Visitor;
use elder_crypto::PasswordHasher;
use elder_http::{Problem, Query};
use elder_kernel::Coded as _;
use elder_portal_users::{Error, pages};
use serde::Deserialize;

use super::{Desk, Ending, Passwords, Profile, Saved};
use crate::{
    fault::{see_page, status},
    form::Form,
};

/// What was done just now, to be said on the page.
#[derive(Debug, Deserialize, garde::Validate)]
pub(crate) struct Done {
    #[garde(skip)]
    saved: Option<Saved>,
}

/// Shows the own account.
#[utoipa::path(get, path = "/account")]
pub(crate) async fn show(
    visitor: Visitor,
    done: Query<Done>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    Desk::open(visitor.myself()?, &request).await?.page(StatusCode::OK, done.0.saved, &[]).await
}

/// Changes name and language.
#[utoipa::path(post, path = "/account/profile")]
pub(crate) async fn set_profile(
    visitor: Visitor,
    form: Form<Profile>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    let patch = match form.0.patch(desk.frame.words) {
        Ok(patch) => patch,
        Err(wrong) => return desk.page(StatusCode::BAD_REQUEST, None, &[wrong.to_owned()]).await,
    };
    desk.answer(pages::update(desk.myself, patch).await.map(drop), "profile").await
}

/// Changes the password and ends all other sessions.
#[utoipa::path(post, path = "/account/password")]
pub(crate) async fn set_password(
    visitor: Visitor,
    hasher: Data<PasswordHasher>,
    form: Form<Passwords>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    desk.answer(pages::change_password(desk.myself, &hasher, form.0.into()).await, "password").await
}

/// Ends one of the other sessions.
#[utoipa::path(post, path = "/account/sessions/end")]
pub(crate) async fn end_session(
    visitor: Visitor,
    form: Form<Ending>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    // One that has ended meanwhile is as good as ended now.
    let ended = match pages::end_session(desk.myself, form.0.session).await {
        Err(Error::NotFound) => Ok(()),
        ended => ended,
    };
    desk.answer(ended, "session").await
}

impl Desk<'_> {
    /// Back to the page, or the page again with what was wrong.
    async fn answer(&self, done: Result<(), Error>, what: &str) -> Result<HttpResponse, Problem> {
        let Err(error) = done else { return Ok(see_page(self.request, &format!("/account?saved={what}"))) };
        match self.frame.words.alerts(&error) {
            Some(alerts) => self.page(status(error.code()), None, &alerts).await,
            None => Err(error.into()),
        }
    }
}
