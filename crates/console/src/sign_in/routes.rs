//! `/sign-in`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::{Guest, Visitor, flows};
use elder_crypto::PasswordHasher;
use elder_http::Problem;
use elder_mfa::webauthn::RelyingParty;
use elder_portal_users::pages;

use super::{
    Credentials, Factor, Form, Step,
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
    let login = typed.login(desk.tenant(), visit.device());
    match pages::sign_in(&guest, &hasher, &login).await {
        Ok(stands) => desk.go_on(&guest, &visit.visitor, stands).await,
        Err(error) => desk.refuse(&typed, error),
    }
}

/// Takes the second step.
#[utoipa::path(post, path = "/sign-in/factor")]
pub(crate) async fn submit_factor(
    guest: Guest<flows::SignIn>,
    relying_party: Data<RelyingParty>,
    form: Form<Factor>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(&guest, &visit.request).await?;
    match pages::second_factor(&guest, &relying_party, form.0.verification()).await {
        Ok(stands) => desk.go_on(&guest, &visit.visitor, stands).await,
        Err(error) => desk.refuse_factor(form.0.flow.expose(), error),
    }
}
