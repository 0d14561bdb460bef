//! `/api/v2/entitlement-conflicts`.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Operations,
    markers::{EntitlementsRead, EntitlementsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    Conflicts, EntitlementConflict, EntitlementConflictId, EntitlementConflictPatch, EntitlementViolation,
    NewEntitlementConflict, Violations, batch::ConflictBatch, service,
};

/// Lists the rules that keep entitlements apart.
#[utoipa::path(get, path = "/api/v2/entitlement-conflicts", tag = "Entitlements",
    operation_id = "entitlement_conflicts.list", params(ListQuery<Conflicts>),
    responses((status = 200, description = "A page of rules.", body = Page<EntitlementConflict>)))]
pub(crate) async fn list(
    access: Access<EntitlementsRead>,
    query: ListQuery<Conflicts>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Makes a rule that nobody may hold some entitlements together. It takes nothing from anybody: who breaks it already is
/// listed at `violations`.
#[utoipa::path(post, path = "/api/v2/entitlement-conflicts", tag = "Entitlements",
    operation_id = "entitlement_conflicts.create", request_body = NewEntitlementConflict,
    responses((status = 201, description = "The rule.", body = EntitlementConflict),
        (status = 404, description = "`not_found`: there is no such entitlement."),
        (status = 409, description = "`already_exists`: another one has this name.")))]
pub(crate) async fn create(
    access: Access<EntitlementsWrite>,
    body: Json<NewEntitlementConflict>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (rule, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/entitlement-conflicts/{}", rule.id), &rule)).await
}

type BatchBody = BatchRequest<EntitlementConflictId, NewEntitlementConflict, EntitlementConflictPatch>;

/// Makes, changes and deletes up to 1,000 rules: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/entitlement-conflicts/batch", tag = "Entitlements",
    operation_id = "entitlement_conflicts.batch", request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<EntitlementsWrite>,
    operations: Operations<ConflictBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&ConflictBatch, operations).await
}

/// Shows a rule.
#[utoipa::path(get, path = "/api/v2/entitlement-conflicts/{conflict_id}", tag = "Entitlements",
    operation_id = "entitlement_conflicts.get", params(("conflict_id" = EntitlementConflictId, Path)),
    responses((status = 200, description = "The rule.", body = EntitlementConflict),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<EntitlementsRead>,
    id: Path<EntitlementConflictId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Lists who holds more than a rule allows, since before there was the rule.
#[utoipa::path(get, path = "/api/v2/entitlement-conflicts/{conflict_id}/violations", tag = "Entitlements",
    operation_id = "entitlement_conflicts.violations",
    params(("conflict_id" = EntitlementConflictId, Path), ListQuery<Violations>),
    responses((status = 200, description = "A page of people.", body = Page<EntitlementViolation>)))]
pub(crate) async fn violations(
    access: Access<EntitlementsRead>,
    id: Path<EntitlementConflictId>,
    query: ListQuery<Violations>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::violations(&tx, id.0, pager.selection()).await?)
}

/// Changes a rule, for whatever is given from then on.
#[utoipa::path(patch, path = "/api/v2/entitlement-conflicts/{conflict_id}", tag = "Entitlements",
    operation_id = "entitlement_conflicts.update", params(("conflict_id" = EntitlementConflictId, Path)),
    request_body = EntitlementConflictPatch,
    responses((status = 200, description = "The rule.", body = EntitlementConflict),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`: another one has this name.")))]
pub(crate) async fn update(
    access: Access<EntitlementsWrite>,
    id: Path<EntitlementConflictId>,
    body: Json<EntitlementConflictPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (rule, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&rule)).await
}

/// Deletes a rule.
#[utoipa::path(delete, path = "/api/v2/entitlement-conflicts/{conflict_id}", tag = "Entitlements",
    operation_id = "entitlement_conflicts.delete", params(("conflict_id" = EntitlementConflictId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<EntitlementsWrite>,
    id: Path<EntitlementConflictId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
