//! The route of the setup link.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Guest, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem, created};

use super::{Setup, service};
use crate::account::Account;

/// Makes the first person the platform's owner, by the link that Elder printed at its first start.
#[utoipa::path(post, path = "/api/v2/auth/setup", tag = "Sign-in", operation_id = "auth.setup",
    request_body = Setup,
    responses((status = 201, description = "The owner.", body = Account),
        (status = 400, description = "`validation_failed`: the password breaks a rule."),
        (status = 401, description = "`invalid_credentials`: the link is not valid (any more)."),
        (status = 409, description = "`setup_done`: the platform has its owner.")))]
pub(crate) async fn set_up(
    guest: Guest<flows::Setup>,
    hasher: Data<PasswordHasher>,
    body: Json<Setup>,
) -> Result<HttpResponse, Problem> {
    let owner = service::set_up(&guest, &hasher, body.0).await?;
    Ok(created(&format!("/api/v2/users/{}", owner.id), &owner))
}
