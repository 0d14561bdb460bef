//! `/reset`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::{Guest, Visitor, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Problem, PublicUrl, Query};
use elder_kernel::{Coded as _, Secret};
use elder_portal_users::{
    Error,
    pages::{self, ForgottenPassword, PasswordReset},
};

use super::{Chosen, ForgotPage, Forgotten, Link, ResetPage};
use crate::{
    alerts::Alerts,
    fault::{Notice, status},
    form::Form,
    frame::{Frame, built_with},
};

/// The form for another password, to who has a link; else the one that asks for a link.
#[utoipa::path(get, path = "/reset")]
pub(crate) async fn show(
    _: Visitor,
    guest: Guest<flows::PasswordReset>,
    link: Query<Link>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of_link(&request, &guest, &link.0.token).await?;
    if link.0.token.is_empty() {
        return frame.page(StatusCode::OK, &ForgotPage { frame: &frame, alerts: &Alerts::default() });
    }
    let page = ResetPage { frame: &frame, token: &link.0.token, alerts: &Alerts::default() };
    frame.page(StatusCode::OK, &page)
}

/// Sends the link, and says the same whether there is an account.
#[utoipa::path(post, path = "/reset/link")]
pub(crate) async fn send_link(
    guest: Guest<flows::PasswordReset>,
    form: Form<Forgotten>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of(&request, None, None);
    let Ok(email) = form.0.email.parse() else {
        let alerts = Alerts::beside("email", frame.words.invalid_email);
        return frame.page(StatusCode::BAD_REQUEST, &ForgotPage { frame: &frame, alerts: &alerts });
    };
    let forgotten = ForgottenPassword { email, tenant: None };
    pages::forget(&guest, built_with::<PublicUrl>(&request)?, &forgotten).await?;
    Notice::say(&frame, StatusCode::ACCEPTED, [frame.words.forgot, frame.words.forgot_done], None)
}

/// Sets the password. It signs nobody in: whoever has a second factor is asked for it.
#[utoipa::path(post, path = "/reset")]
pub(crate) async fn submit(
    guest: Guest<flows::PasswordReset>,
    hasher: Data<PasswordHasher>,
    form: Form<Chosen>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Chosen { token, password } = form.0;
    let frame = Frame::of_link(&request, &guest, token.expose()).await?;
    let words = frame.words;
    let reset = PasswordReset { token: Secret::new(token.expose().clone()), password };
    match pages::reset(&guest, &hasher, reset).await {
        Ok(()) => {
            let link = Some(("/sign-in", words.sign_in));
            Notice::say(&frame, StatusCode::OK, [words.reset, words.reset_done], link)
        }
        Err(error @ Error::InvalidLink) => {
            let link = Some(("/reset", words.forgot));
            Notice::say(&frame, status(error.code()), [words.reset, words.invalid_link], link)
        }
        Err(error) => {
            let (status, alerts) = Alerts::of(error, words)?;
            frame.page(status, &ResetPage { frame: &frame, token: token.expose(), alerts: &alerts })
        }
    }
}
