//! `/sign-in`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use elder_access::{Guest, Visitor, flows};
use elder_crypto::PasswordHasher;
use elder_http::Problem;
use elder_portal_users::pages;

use super::{
    Credentials, Factor, Form, PasskeyProof, Step,
    desk::{Asked, Desk, Visit},
};
use crate::alerts::Alerts;

/// The form that asks for an e-mail address. The query is that of `/authorize`, or names a `tenant`, or says for which page
/// of the own account somebody comes.
#[utoipa::path(get, path = "/sign-in")]
pub(crate) async fn show(
    visitor: Visitor,
    guest: Guest<flows::SignIn>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(&guest, &request).await?;
    match desk.returning(&visitor).await? {
        Some(email) => {
            let asked = Asked { step: Step::Password, email: &email, ..Asked::default() };
            desk.page(StatusCode::OK, asked).await
        }
        None => desk.page(StatusCode::OK, Asked::default()).await,
    }
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
        let alerts = Alerts::beside("email", desk.words().email_needed);
        return desk.page(StatusCode::BAD_REQUEST, Asked { alerts, ..Asked::default() }).await;
    }
    if typed.password.is_empty() {
        return desk.page(StatusCode::OK, typed.asked(Step::Password)).await;
    }
    let login = typed.login(desk.tenant(), visit.device());
    match pages::sign_in(&guest, &hasher, desk.places, &login).await {
        Ok(stands) => desk.go_on(&visit.visitor, stands).await,
        Err(error) => desk.refuse(&typed, error).await,
    }
}

/// Signs in by a passkey and nothing else.
#[utoipa::path(post, path = "/sign-in/passkey")]
pub(crate) async fn submit_passkey(
    guest: Guest<flows::SignIn>,
    form: Form<PasskeyProof>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(&guest, &visit.request).await?;
    let sent = form.0.sign_in(visit.device());
    match pages::sign_in_by_passkey(&guest, desk.relying_party, desk.places, sent).await {
        Ok(stands) => desk.go_on(&visit.visitor, stands).await,
        Err(error) => desk.refuse_passkey(error).await,
    }
}

/// Takes the second step.
#[utoipa::path(post, path = "/sign-in/factor")]
pub(crate) async fn submit_factor(
    guest: Guest<flows::SignIn>,
    form: Form<Factor>,
    visit: Visit,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(&guest, &visit.request).await?;
    match pages::second_factor(&guest, desk.relying_party, form.0.verification()).await {
        Ok(stands) => desk.go_on(&visit.visitor, stands).await,
        Err(error) => desk.refuse_second(&form.0.flow, error).await,
    }
}
