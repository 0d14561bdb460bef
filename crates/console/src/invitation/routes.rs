//! `/invitation`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::{Guest, Visitor, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Problem, Query};
use elder_kernel::{Coded as _, Secret};
use elder_portal_users::{
    Error,
    pages::{self, Acceptance},
};

use super::{Accepted, JoinPage};
use crate::{
    alerts::Alerts,
    fault::{Notice, status},
    form::Form,
    frame::Frame,
    reset::Link,
    setup::name,
};

/// The form for who was invited.
#[utoipa::path(get, path = "/invitation")]
pub(crate) async fn show(
    _: Visitor,
    guest: Guest<flows::Invitation>,
    link: Query<Link>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of_link(&request, &guest, &link.0.token).await?;
    form(&frame, StatusCode::OK, &link.0.token, "", &Alerts::default())
}

/// Makes the account.
#[utoipa::path(post, path = "/invitation")]
pub(crate) async fn submit(
    guest: Guest<flows::Invitation>,
    hasher: Data<PasswordHasher>,
    sent: Form<Accepted>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Accepted { token, full_name, password } = sent.0;
    let frame = Frame::of_link(&request, &guest, token.expose()).await?;
    let words = frame.words;
    let Some(named) = name(&full_name) else {
        let alerts = Alerts::beside("full_name", words.name_is_wrong);
        return form(&frame, StatusCode::BAD_REQUEST, token.expose(), &full_name, &alerts);
    };
    let acceptance = Acceptance { token: Secret::new(token.expose().clone()), full_name: named, password };
    match pages::accept(&guest, &hasher, acceptance).await {
        Ok(_) => {
            let link = Some(("/sign-in", words.sign_in));
            Notice::say(&frame, StatusCode::CREATED, [words.accept, words.accepted], link)
        }
        Err(error @ Error::InvalidLink) => {
            Notice::say(&frame, status(error.code()), [words.accept, words.invalid_link], None)
        }
        Err(error) => {
            let (status, alerts) = Alerts::of(error, words)?;
            form(&frame, status, token.expose(), &full_name, &alerts)
        }
    }
}

fn form(
    frame: &Frame,
    status: StatusCode,
    token: &str,
    full_name: &str,
    alerts: &Alerts,
) -> Result<HttpResponse, Problem> {
    let (title, action, token) = (frame.words.accept, "/invitation", Some(token));
    frame.page(status, &JoinPage { frame, title, action, token, email: "", full_name, alerts })
}
