//! Routes of addresses.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Access, Guest, Myself, flows, markers};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Path, Problem, PublicUrl, accepted};
use elder_kernel::{Id, User};

use super::{OpenedLink, OwnEmail, ProvenEmail, service};
use crate::account::UserId;

/// Takes the token of a mailed link: proves an address, makes the account that somebody asked for, or agrees to a change.
#[utoipa::path(post, path = "/api/v2/auth/email/verify", tag = "Sign-in", operation_id = "auth.verify_email",
    request_body = OpenedLink,
    responses((status = 200, description = "What that has led to.", body = ProvenEmail),
        (status = 401, description = "`invalid_link`."),
        (status = 403, description = "`network_forbidden`; the link stays good."),
        (status = 409, description = "`already_exists`: another account of the tenant has got the address; `managed_by_directory`.")))]
pub(crate) async fn verify(
    guest: Guest<flows::EmailProof>,
    body: Json<OpenedLink>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::open(&guest, &body.0.token).await?))
}

/// Asks for another own address. It takes effect once the links in both mails, to the old and to the new one, were opened.
#[utoipa::path(post, path = "/api/v2/me/email", tag = "Own account", operation_id = "me.change_email",
    request_body = OwnEmail,
    responses((status = 202, description = "Both addresses get a mail; an earlier change that is open is over."),
        (status = 400, description = "`validation_failed`: the password is another one, or the tenant takes no address there."),
        (status = 409, description = "`managed_by_directory`; `conflict`: it is the address already."),
        (status = 429, description = "`rate_limited`: one of the addresses has got enough such mails."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn change_own(
    myself: Myself,
    hasher: Data<PasswordHasher>,
    public: Data<PublicUrl>,
    body: Json<OwnEmail>,
) -> Result<HttpResponse, Problem> {
    let (tx, event) = service::ask_change(&myself, &hasher, &public, body.0).await?;
    tx.answer(event, accepted()).await
}

/// Has the link sent again that proves the own address; nothing happens if it is proven.
#[utoipa::path(post, path = "/api/v2/me/email/verification", tag = "Own account",
    operation_id = "me.verify_email",
    responses((status = 202, description = "The address gets a mail, unless it is proven."),
        (status = 429, description = "`rate_limited`: the address has got enough such mails.")))]
pub(crate) async fn ask_own_verification(
    myself: Myself,
    public: Data<PublicUrl>,
) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let event = service::ask_verification(&tx, &public, myself.user()).await?;
    tx.answer(event, accepted()).await
}

/// Has a user sent the link that proves their address; nothing happens if it is proven.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/email/verification", tag = "Users",
    operation_id = "users.verify_email", params(("user_id" = UserId, Path)),
    responses((status = 202, description = "The address gets a mail, unless it is proven."),
        (status = 404, description = "`not_found`."),
        (status = 429, description = "`rate_limited`: the address has got enough such mails.")))]
pub(crate) async fn ask_verification(
    access: Access<markers::UsersWrite>,
    path: Path<Id<User>>,
    public: Data<PublicUrl>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::ask_verification(&tx, &public, path.0).await?;
    tx.answer(event, accepted()).await
}
