//! Routes by which somebody who is signed in proves anew who they are.

use actix_web::{HttpResponse, web::Data};
use elder_access::Myself;
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem, shown};
use elder_mfa::webauthn::RelyingParty;

use super::{StepUp, SteppedUp, WebauthnOptions, service};
use crate::Error;

/// Gives what a browser needs to prove a passkey or security key: the argument of `navigator.credentials.get()`.
#[utoipa::path(post, path = "/api/v2/me/step-up/options", tag = "Own account", operation_id = "me.step_up.options",
    responses((status = 200, description = "The options.", body = WebauthnOptions),
        (status = 409, description = "`conflict`: you have no passkey, or the tenant takes none."),
        (status = 501, description = "`not_implemented`: the server has no name that passkeys could be bound to.")))]
pub(crate) async fn options(
    myself: Myself,
    relying_party: Data<RelyingParty>,
) -> Result<HttpResponse, Problem> {
    Ok(shown(&service::options(&myself, &relying_party).await?))
}

/// Proves anew who one is: by a second factor, or by the password if one has none. For 10 minutes the session then
/// passes what answers 401 `step_up_required`.
#[utoipa::path(post, path = "/api/v2/me/step-up", tag = "Own account", operation_id = "me.step_up",
    request_body = StepUp,
    responses((status = 200, description = "A new access token.", body = SteppedUp),
        (status = 400, description = "`validation_failed`: not exactly one proof."),
        (status = 401, description = "`invalid_proof`, whatever was wrong. `step_up_required`: a password is not \
            enough; `factors` says what is."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn prove(
    myself: Myself,
    hasher: Data<PasswordHasher>,
    relying_party: Data<RelyingParty>,
    body: Json<StepUp>,
) -> Result<HttpResponse, Problem> {
    let (tx, (stepped_up, event)) = match service::prove(&myself, &hasher, &relying_party, body.0).await {
        Err(Error::SecondFactorNeeded(factors)) => {
            let problem = Problem::from(Error::SecondFactorNeeded(Vec::new()));
            return Err(problem.with_member("factors", factors));
        }
        proven => proven?,
    };
    tx.answer(event, shown(&stepped_up)).await
}
