//! Routes of the sign-in with a passkey.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Guest, flows};
use elder_http::{Json, Problem};
use elder_mfa::webauthn::RelyingParty;

use super::{PasskeySignIn, WebauthnOptions, service};
use crate::{risk::Places, sign_in::SignInAnswer};

/// Gives what a browser needs to sign somebody in by a passkey: the argument of `navigator.credentials.get()`. Nobody is
/// named: the passkey says whose it is.
#[utoipa::path(post, path = "/api/v2/auth/passkey/options", tag = "Sign-in", operation_id = "auth.passkey.options",
    responses((status = 200, description = "The options.", body = WebauthnOptions),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to.")))]
pub(crate) async fn options(
    guest: Guest<flows::SignIn>,
    relying_party: Data<RelyingParty>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::options(&guest, &relying_party).await?))
}

/// Signs in with a passkey. It is two factors by itself, and no lock of the password keeps it out.
#[utoipa::path(post, path = "/api/v2/auth/passkey/verify", tag = "Sign-in", operation_id = "auth.passkey.verify",
    request_body = PasskeySignIn,
    responses((status = 200, description = "The tokens of a new session.", body = SignInAnswer),
        (status = 401, description = "`invalid_proof`, whatever was wrong."),
        (status = 403, description = "`sso_required`: sign in by the tenant's provider."),
        (status = 409, description = "`session_limit`."),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to."),
        (status = 503, description = "`maintenance`.")))]
pub(crate) async fn verify(
    guest: Guest<flows::SignIn>,
    relying_party: Data<RelyingParty>,
    places: Data<Places>,
    body: Json<PasskeySignIn>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::verify(&guest, &relying_party, &places, body.0).await?))
}
