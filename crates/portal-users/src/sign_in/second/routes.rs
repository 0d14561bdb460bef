//! Routes of the second step of a sign-in.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Guest, flows};
use elder_http::{Json, Problem};
use elder_mfa::webauthn::RelyingParty;

use super::{FlowStep, MfaVerification, TotpEnrolment, WebauthnOptions, service};
use crate::sign_in::SignInAnswer;

/// Gives what a browser needs to prove a passkey or security key: the argument of `navigator.credentials.get()`.
#[utoipa::path(post, path = "/api/v2/auth/mfa/webauthn/options", tag = "Sign-in",
    operation_id = "auth.mfa.webauthn.options", request_body = FlowStep,
    responses((status = 200, description = "The options.", body = WebauthnOptions),
        (status = 401, description = "`invalid_flow`: it is over, or asks for something else."),
        (status = 409, description = "`conflict`: the person has no passkey, or the tenant takes none."),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to.")))]
pub(crate) async fn webauthn_options(
    guest: Guest<flows::SignIn>,
    relying_party: Data<RelyingParty>,
    body: Json<FlowStep>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::webauthn_options(&guest, &relying_party, &body.0.flow).await?))
}

/// Begins to set up an authenticator application in a sign-in that cannot go on without a factor. Send the code that it
/// shows to `/api/v2/auth/mfa/verify`.
#[utoipa::path(post, path = "/api/v2/auth/mfa/enrol/totp", tag = "Sign-in", operation_id = "auth.mfa.enrol.totp",
    request_body = FlowStep,
    responses((status = 200, description = "The secret, shown here and nowhere else.", body = TotpEnrolment),
        (status = 401, description = "`invalid_flow`: it is over, or asks for something else."),
        (status = 409, description = "`conflict`: the tenant takes no such codes.")))]
pub(crate) async fn enrol_totp(
    guest: Guest<flows::SignIn>,
    body: Json<FlowStep>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::enrol_totp(&guest, &body.0.flow).await?))
}

/// Gives what a browser needs to make a passkey in a sign-in that cannot go on without a factor. Send what it makes to
/// `/api/v2/auth/mfa/verify`.
#[utoipa::path(post, path = "/api/v2/auth/mfa/enrol/webauthn", tag = "Sign-in",
    operation_id = "auth.mfa.enrol.webauthn", request_body = FlowStep,
    responses((status = 200, description = "The options.", body = WebauthnOptions),
        (status = 401, description = "`invalid_flow`: it is over, or asks for something else."),
        (status = 409, description = "`conflict`: the tenant takes no passkeys."),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to.")))]
pub(crate) async fn enrol_webauthn(
    guest: Guest<flows::SignIn>,
    relying_party: Data<RelyingParty>,
    body: Json<FlowStep>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::enrol_webauthn(&guest, &relying_party, &body.0.flow).await?))
}

/// Ends a sign-in with a second factor.
#[utoipa::path(post, path = "/api/v2/auth/mfa/verify", tag = "Sign-in", operation_id = "auth.mfa.verify",
    request_body = MfaVerification,
    responses((status = 200, description = "The tokens of a new session.", body = SignInAnswer),
        (status = 400, description = "`validation_failed`: not exactly one proof."),
        (status = 401, description = "`invalid_proof`, whatever was wrong. `invalid_flow`: sign in again."),
        (status = 403, description = "`sso_required`: sign in by the tenant's provider."),
        (status = 409, description = "`session_limit`. `already_exists`: the authenticator is registered."),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to."),
        (status = 503, description = "`maintenance`.")))]
pub(crate) async fn verify(
    guest: Guest<flows::SignIn>,
    relying_party: Data<RelyingParty>,
    body: Json<MfaVerification>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::verify(&guest, &relying_party, body.0).await?))
}
