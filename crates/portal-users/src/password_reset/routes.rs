//! Routes of forgotten passwords.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Guest, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem, PublicUrl, accepted, no_content};

use super::{ForgottenPassword, PasswordReset, service};

/// Mails a link to each active account of an address. The answer is the same whether there is any.
#[utoipa::path(post, path = "/api/v2/auth/password/forgot", tag = "Sign-in", operation_id = "auth.forget_password",
    request_body = ForgottenPassword,
    responses((status = 202, description = "Whatever comes of it is told by mail.")))]
pub(crate) async fn forget(
    guest: Guest<flows::PasswordReset>,
    public: Data<PublicUrl>,
    body: Json<ForgottenPassword>,
) -> Result<HttpResponse, Problem> {
    service::forget(&guest, &public, &body.0).await?;
    Ok(accepted())
}

/// Sets another password by the token of a mailed link, and ends all sessions. It signs nobody in.
#[utoipa::path(post, path = "/api/v2/auth/password/reset", tag = "Sign-in", operation_id = "auth.reset_password",
    request_body = PasswordReset,
    responses((status = 204, description = "The password is set: sign in with it."),
        (status = 400, description = "`validation_failed`: the password breaks a rule; the link stays good."),
        (status = 401, description = "`invalid_link`."),
        (status = 403, description = "`network_forbidden`; the link stays good."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn reset(
    guest: Guest<flows::PasswordReset>,
    hasher: Data<PasswordHasher>,
    body: Json<PasswordReset>,
) -> Result<HttpResponse, Problem> {
    service::reset(&guest, &hasher, body.0).await?;
    Ok(no_content())
}
