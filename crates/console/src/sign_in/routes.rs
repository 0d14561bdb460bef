//! `/sign-in`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::{Guest, Visitor, flows};
use elder_crypto::PasswordHasher;
use elder_http::Problem;
use elder_portal_users::pages;

use super::{
    Credentials, Form, Step,
    desk::{Asked, Desk, Visit},
};

/// The form that asks for an e-mail address. The query is that of `/authorize`, or names a `tenant`.
#[utoipa::path(get, path = "/sign-in")]
pub(crate) async fn show(
    _: Visitor,
    guest: Guest<flows::SignIn>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(&guest, &request).await?;
    desk.page(StatusCode::OK, &Asked::default())
}

/// Takes the form: an address is asked for its password, and both together sign in.
#[utoipa::path(post, path = "/sign-in")]
pub(crate) async fn submit(
    guest: Guest<flows::SignIn>,
    hasher: Data<PasswordHasher>,
    form: Form<Credentials>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(&guest, &visit.request).await?;
    let typed = form.0;
    if typed.email.trim().is_empty() {
        let alerts = [desk.words().email_needed.to_owned()];
        return desk.page(StatusCode::BAD_REQUEST, &Asked { alerts: &alerts, ..Asked::default() });
    }
    if typed.password.is_empty() {
        return desk.page(StatusCode::OK, &typed.asked(Step::Password));
    }
    match pages::sign_in(&guest, &hasher, &typed.login(desk.tenant())).await {
        Ok(signed_in) => {
            // Whoever was signed in here before would else stay so without anybody who has the cookie.
            if let Some(before) = visit.visitor.signed_in() {
                pages::sign_out(before).await?;
            }
            Ok(desk.admit(signed_in.cookie.expose()))
        }
        Err(error) => desk.refuse(&typed, error),
    }
}
