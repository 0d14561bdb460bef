//! `/api/v2/users/{user_id}/entitlements`.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Operations, Unoffered,
    markers::{EntitlementsAssign, EntitlementsRead},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content};
use elder_kernel::Page;

use super::{
    Assignments, EntitlementAssignment, EntitlementAssignmentId, NewEntitlementAssignment, UserId,
    batch::AssignmentBatch, service,
};

/// Lists what a user holds, by directories and by what was given here.
#[utoipa::path(get, path = "/api/v2/users/{user_id}/entitlements", tag = "Entitlements",
    operation_id = "users.entitlements.list", params(("user_id" = UserId, Path), ListQuery<Assignments>),
    responses((status = 200, description = "A page of assignments.", body = Page<EntitlementAssignment>)))]
pub(crate) async fn list(
    access: Access<EntitlementsRead>,
    user: Path<UserId>,
    query: ListQuery<Assignments>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, user.0, pager.selection()).await?)
}

/// Gives a user an entitlement, beside those that a directory gives them.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/entitlements", tag = "Entitlements",
    operation_id = "users.entitlements.create", params(("user_id" = UserId, Path)),
    request_body = NewEntitlementAssignment,
    responses((status = 201, description = "The assignment.", body = EntitlementAssignment),
        (status = 409, description = "`already_exists`: the user was given it already; `conflict`: it is given to \
            nobody any more; `managed_by_directory`: a directory alone gives it; `entitlement_exhausted`: as many hold \
            it as may; `sod_conflict`: nobody may hold it together with what the user holds.")))]
pub(crate) async fn create(
    access: Access<EntitlementsAssign>,
    user: Path<UserId>,
    body: Json<NewEntitlementAssignment>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (assignment, event) = service::create(&tx, user.0, &body.0).await?;
    let place = format!("/api/v2/users/{}/entitlements/{}", user.0, assignment.id);
    tx.answer(event, created(&place, &assignment)).await
}

type BatchBody = BatchRequest<EntitlementAssignmentId, NewEntitlementAssignment, Unoffered>;

/// Gives and takes up to 1,000 entitlements of a user: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/entitlements/batch", tag = "Entitlements",
    operation_id = "users.entitlements.batch", params(("user_id" = UserId, Path)), request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<EntitlementsAssign>,
    user: Path<UserId>,
    operations: Operations<AssignmentBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&AssignmentBatch(user.0), operations).await
}

/// Takes from a user what was given to them here.
#[utoipa::path(delete, path = "/api/v2/users/{user_id}/entitlements/{assignment_id}", tag = "Entitlements",
    operation_id = "users.entitlements.delete",
    params(("user_id" = UserId, Path), ("assignment_id" = EntitlementAssignmentId, Path)),
    responses((status = 204, description = "They hold it no more, unless a directory gives it to them too."),
        (status = 409, description = "`managed_by_directory`: a directory gives it.")))]
pub(crate) async fn delete(
    access: Access<EntitlementsAssign>,
    path: Path<(UserId, EntitlementAssignmentId)>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, path.0).await?;
    tx.answer(event, no_content()).await
}
