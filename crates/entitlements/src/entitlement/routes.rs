//! `/api/v2/entitlements`.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Operations,
    markers::{EntitlementsRead, EntitlementsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    Entitlement, EntitlementId, EntitlementPatch, Entitlements, NewEntitlement, batch::EntitlementBatch,
    service,
};

/// Lists the catalogue: what people may be given in the tenant's own applications.
#[utoipa::path(get, path = "/api/v2/entitlements", tag = "Entitlements", operation_id = "entitlements.list",
    params(ListQuery<Entitlements>),
    responses((status = 200, description = "A page of entitlements.", body = Page<Entitlement>)))]
pub(crate) async fn list(
    access: Access<EntitlementsRead>,
    query: ListQuery<Entitlements>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Adds a role or an entitlement to the catalogue. Of whom a directory says it already, holds it.
#[utoipa::path(post, path = "/api/v2/entitlements", tag = "Entitlements", operation_id = "entitlements.create",
    request_body = NewEntitlement,
    responses((status = 201, description = "The entitlement.", body = Entitlement),
        (status = 404, description = "`not_found`: there is no such directory."),
        (status = 409, description = "`already_exists`: the catalogue has this value; `conflict`: it is full.")))]
pub(crate) async fn create(
    access: Access<EntitlementsWrite>,
    body: Json<NewEntitlement>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (entitlement, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/entitlements/{}", entitlement.id), &entitlement)).await
}

type BatchBody = BatchRequest<EntitlementId, NewEntitlement, EntitlementPatch>;

/// Adds, changes and deletes up to 1,000 entitlements: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/entitlements/batch", tag = "Entitlements", operation_id = "entitlements.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<EntitlementsWrite>,
    operations: Operations<EntitlementBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&EntitlementBatch, operations).await
}

/// Shows an entitlement.
#[utoipa::path(get, path = "/api/v2/entitlements/{entitlement_id}", tag = "Entitlements",
    operation_id = "entitlements.get", params(("entitlement_id" = EntitlementId, Path)),
    responses((status = 200, description = "The entitlement.", body = Entitlement),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<EntitlementsRead>,
    id: Path<EntitlementId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Changes an entitlement. Nobody loses it by that.
#[utoipa::path(patch, path = "/api/v2/entitlements/{entitlement_id}", tag = "Entitlements",
    operation_id = "entitlements.update", params(("entitlement_id" = EntitlementId, Path)),
    request_body = EntitlementPatch,
    responses((status = 200, description = "The entitlement.", body = Entitlement),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn update(
    access: Access<EntitlementsWrite>,
    id: Path<EntitlementId>,
    body: Json<EntitlementPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (entitlement, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&entitlement)).await
}

/// Deletes an entitlement that nobody holds.
#[utoipa::path(delete, path = "/api/v2/entitlements/{entitlement_id}", tag = "Entitlements",
    operation_id = "entitlements.delete", params(("entitlement_id" = EntitlementId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: somebody holds it.")))]
pub(crate) async fn delete(
    access: Access<EntitlementsWrite>,
    id: Path<EntitlementId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
