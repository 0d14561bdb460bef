//! Routes by which people set up an authenticator application.

use actix_web::HttpResponse;
use elder_access::{Fresh, Myself};
use elder_http::{Json, Path, Problem, created, shown};

use super::{TotpCode, TotpEnrolment, service};
use crate::factor::{Factor, FactorId, NewFactor};

/// Begins to set up an authenticator application. What the answer shows is shown here and nowhere else.
#[utoipa::path(post, path = "/api/v2/me/mfa/totp", tag = "Own account", operation_id = "me.mfa.totp.begin",
    request_body = NewFactor,
    responses((status = 201, description = "The secret.", body = TotpEnrolment),
        (status = 409, description = "`conflict`: the tenant takes no such codes, or you have ten factors.")))]
pub(crate) async fn begin(myself: Fresh<Myself>, body: Json<NewFactor>) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let (enrolment, event) = service::begin(&tx, myself.user(), body.0.name).await?;
    tx.answer(event, created(&format!("/api/v2/me/mfa/factors/{}", enrolment.id), &enrolment)).await
}

/// Makes an authenticator application a second factor, by a code that it shows. Within 15 minutes.
#[utoipa::path(post, path = "/api/v2/me/mfa/totp/{factor_id}/confirm", tag = "Own account",
    operation_id = "me.mfa.totp.confirm", params(("factor_id" = FactorId, Path)), request_body = TotpCode,
    responses((status = 200, description = "The factor.", body = Factor),
        (status = 401, description = "`invalid_proof`: the code is another one."),
        (status = 404, description = "`not_found`: none is being set up, or not any more.")))]
pub(crate) async fn confirm(
    myself: Fresh<Myself>,
    id: Path<FactorId>,
    body: Json<TotpCode>,
) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let session = myself.principal().session;
    let (factor, event) = service::confirm_own(&tx, (myself.user(), session), id.0, &body.0.code).await?;
    tx.answer(event, shown(&factor)).await
}
