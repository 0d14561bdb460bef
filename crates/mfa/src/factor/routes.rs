//! Routes of one's own second factors.

use actix_web::HttpResponse;
use elder_access::{Fresh, Myself};
use elder_http::{Json, Path, Problem, no_content, shown};

use super::{Factor, FactorId, FactorPatch, MfaOverview, service};

/// Shows which second factors one has, and whether one must have any.
#[utoipa::path(get, path = "/api/v2/me/mfa", tag = "Own account", operation_id = "me.mfa.get",
    responses((status = 200, description = "The factors.", body = MfaOverview)))]
pub(crate) async fn get(myself: Myself) -> Result<HttpResponse, Problem> {
    let tx = myself.read().await?;
    Ok(shown(&service::overview(&tx, myself.user()).await?))
}

/// Gives one of the own factors another name.
#[utoipa::path(patch, path = "/api/v2/me/mfa/factors/{factor_id}", tag = "Own account",
    operation_id = "me.mfa.factors.update", params(("factor_id" = FactorId, Path)), request_body = FactorPatch,
    responses((status = 200, description = "The factor.", body = Factor),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn update(
    myself: Myself,
    id: Path<FactorId>,
    body: Json<FactorPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let (factor, event) = service::rename(&tx, myself.user(), id.0, body.0).await?;
    tx.answer(event, shown(&factor)).await
}

/// Removes one of the own factors. With the last one the backup codes go.
#[utoipa::path(delete, path = "/api/v2/me/mfa/factors/{factor_id}", tag = "Own account",
    operation_id = "me.mfa.factors.delete", params(("factor_id" = FactorId, Path)),
    responses((status = 204, description = "It proves nothing any more."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(myself: Fresh<Myself>, id: Path<FactorId>) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let event = service::remove(&tx, myself.user(), id.0).await?;
    tx.answer(event, no_content()).await
}
