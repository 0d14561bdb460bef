//! `/api/v2/auth/discover`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Guest, flows};
use elder_http::{Json, Problem, PublicUrl};
use elder_mfa::webauthn::RelyingParty;

use super::{SignInMethod, WayIn, service};

/// Says which way somebody signs in. An address that nobody has gets the same answer as one of an account with a password.
#[utoipa::path(post, path = "/api/v2/auth/discover", tag = "Sign-in", operation_id = "auth.discover",
    request_body = WayIn,
    responses((status = 200, description = "The way.", body = SignInMethod)))]
pub(crate) async fn discover(
    guest: Guest<flows::SignIn>,
    public: Data<PublicUrl>,
    relying_party: Data<RelyingParty>,
    body: Json<WayIn>,
) -> Result<HttpResponse, Problem> {
    let way = match service::by_email(&guest, &body.0.email).await? {
        Some(idp) => SignInMethod::Redirect { url: format!("{}{}", public.0, idp.path()), idp },
        None => SignInMethod::Password { passkey: relying_party.asks() },
    };
    Ok(HttpResponse::Ok().json(way))
}
