//! `/register`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::{Guest, Visitor, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Problem, PublicUrl, Query};
use elder_kernel::Secret;
use elder_portal_users::pages::{self, NewRegistration};

use super::{Asking, Meant};
use crate::{
    alerts::Alerts,
    fault::Notice,
    form::Form,
    frame::{Frame, built_with},
    invitation::JoinPage,
    setup::name,
    words::Words,
};

/// The form for who asks. The query may name a `tenant`.
#[utoipa::path(get, path = "/register")]
pub(crate) async fn show(
    _: Visitor,
    guest: Guest<flows::Registration>,
    meant: Query<Meant>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let frame = Frame::of_tenant(&request, &guest, meant.0.tenant.as_deref()).await?;
    form(&frame, StatusCode::OK, &request, ["", ""], &Alerts::default())
}

/// Takes the wish; what comes of it is told by mail, whether there is an account already or not.
#[utoipa::path(post, path = "/register")]
pub(crate) async fn submit(
    guest: Guest<flows::Registration>,
    hasher: Data<PasswordHasher>,
    sent: Form<Asking>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (meant, asking) = (Meant::of(&request), sent.0);
    let frame = Frame::of_tenant(&request, &guest, meant.as_deref()).await?;
    let (words, typed) = (frame.words, [asking.email.as_str(), asking.full_name.as_str()]);
    let new = match registration(&asking, words, meant) {
        Ok(new) => new,
        Err(alerts) => return form(&frame, StatusCode::BAD_REQUEST, &request, typed, &alerts),
    };
    match pages::register(&guest, &hasher, built_with::<PublicUrl>(&request)?, new).await {
        Ok(()) => Notice::say(&frame, StatusCode::ACCEPTED, [words.register, words.register_done], None),
        Err(error) => {
            let (status, alerts) = Alerts::of(error, words)?;
            form(&frame, status, &request, typed, &alerts)
        }
    }
}

/// The same as a program would send it, or what is wrong with it.
fn registration(asking: &Asking, words: &Words, tenant: Option<String>) -> Result<NewRegistration, Alerts> {
    Ok(NewRegistration {
        email: asking.email.parse().map_err(|_| Alerts::beside("email", words.invalid_email))?,
        full_name: name(&asking.full_name).ok_or_else(|| Alerts::beside("full_name", words.name_is_wrong))?,
        password: Secret::new(asking.password.expose().clone()),
        tenant,
    })
}

fn form(
    frame: &Frame,
    status: StatusCode,
    request: &HttpRequest,
    [email, full_name]: [&str; 2],
    alerts: &Alerts,
) -> Result<HttpResponse, Problem> {
    let query = request.query_string();
    let action = if query.is_empty() { "/register".to_owned() } else { format!("/register?{query}") };
    let title = frame.words.register;
    frame.page(status, &JoinPage { frame, title, action: &action, token: None, email, full_name, alerts })
}
