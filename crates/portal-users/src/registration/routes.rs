//! Routes by which people get accounts.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Guest, flows};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem, PublicUrl, accepted, created};

use super::{Acceptance, NewRegistration, service};
use crate::account::Account;

/// Asks for an account. It is made when the link in the mail is opened; the answer is the same whether there is a mail.
#[utoipa::path(post, path = "/api/v2/auth/register", tag = "Sign-in", operation_id = "auth.register",
    request_body = NewRegistration,
    responses((status = 202, description = "Whatever comes of it is told by mail."),
        (status = 400, description = "`validation_failed`: the password breaks a rule."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn register(
    guest: Guest<flows::Registration>,
    hasher: Data<PasswordHasher>,
    public: Data<PublicUrl>,
    body: Json<NewRegistration>,
) -> Result<HttpResponse, Problem> {
    service::register(&guest, &hasher, &public, body.0).await?;
    Ok(accepted())
}

/// Accepts an invitation by the token of its link: makes the account with the roles that were promised.
#[utoipa::path(post, path = "/api/v2/auth/invitations/accept", tag = "Sign-in",
    operation_id = "auth.accept_invitation", request_body = Acceptance,
    responses((status = 201, description = "The account: sign in with it.", body = Account),
        (status = 400, description = "`validation_failed`: the password breaks a rule; the link stays good."),
        (status = 401, description = "`invalid_link`: also if whoever invites may not give the roles any more."),
        (status = 403, description = "`network_forbidden`; the link stays good."),
        (status = 409, description = "`already_exists`: a user has the address by now."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn accept(
    guest: Guest<flows::Invitation>,
    hasher: Data<PasswordHasher>,
    body: Json<Acceptance>,
) -> Result<HttpResponse, Problem> {
    let account = service::accept(&guest, &hasher, body.0).await?;
    Ok(created(&format!("/api/v2/users/{}", account.id), &account))
}
