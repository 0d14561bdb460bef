//! Routes by which people register passkeys and security keys.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Fresh, Myself};
use elder_http::{Json, Problem, created, shown};

use super::{NewPasskey, RelyingParty, WebauthnOptions, service};
use crate::factor::Factor;

/// Gives what a browser needs to make a passkey: the argument of `navigator.credentials.create()`.
#[utoipa::path(post, path = "/api/v2/me/mfa/webauthn/options", tag = "Own account",
    operation_id = "me.mfa.webauthn.options",
    responses((status = 200, description = "The options.", body = WebauthnOptions),
        (status = 409, description = "`conflict`: the tenant takes no passkeys, or you have ten factors."),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to.")))]
pub(crate) async fn options(
    myself: Fresh<Myself>,
    relying_party: Data<RelyingParty>,
) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let holder = myself.principal().session.uuid();
    Ok(shown(&service::registration(&tx, &relying_party, (myself.user(), holder)).await?))
}

/// Registers a passkey that the browser has made.
#[utoipa::path(post, path = "/api/v2/me/mfa/webauthn", tag = "Own account",
    operation_id = "me.mfa.webauthn.register", request_body = NewPasskey,
    responses((status = 201, description = "The factor.", body = Factor),
        (status = 401, description = "`invalid_proof`: the credential does not answer the challenge."),
        (status = 409, description = "`already_exists`: it is registered. `conflict`: the tenant takes no passkeys."),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to.")))]
pub(crate) async fn register(
    myself: Fresh<Myself>,
    relying_party: Data<RelyingParty>,
    body: Json<NewPasskey>,
) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let session = myself.principal().session;
    let (factor, event) =
        service::register_own(&tx, &relying_party, (myself.user(), session), body.0).await?;
    tx.answer(event, created(&format!("/api/v2/me/mfa/factors/{}", factor.id), &factor)).await
}
