//! `/api/v2/audit/legal-holds`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{LegalHoldsRead, LegalHoldsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, shown};
use elder_kernel::Page;

use super::{HoldRelease, LegalHold, LegalHoldId, LegalHolds, NewLegalHold, service};

/// Lists legal holds, the newest first; those that were released stay in the list. `filter=is_in_force eq true` leaves them out.
#[utoipa::path(get, path = "/api/v2/audit/legal-holds", tag = "Legal holds", operation_id = "audit.legal_holds.list",
    params(ListQuery<LegalHolds>),
    responses((status = 200, description = "A page of holds.", body = Page<LegalHold>)))]
pub(crate) async fn list(
    access: Access<LegalHoldsRead>,
    query: ListQuery<LegalHolds>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Puts a legal hold on an organization, on a user, or, if it names neither, on the whole tenant. From the answer on nothing
/// that it covers is deleted: not by retention, and not by anybody.
#[utoipa::path(post, path = "/api/v2/audit/legal-holds", tag = "Legal holds", operation_id = "audit.legal_holds.create",
    request_body = NewLegalHold,
    responses((status = 201, description = "The hold.", body = LegalHold),
        (status = 404, description = "`not_found`: no such organization or user, not even in the log.")))]
pub(crate) async fn create(
    access: Access<LegalHoldsWrite>,
    body: Json<NewLegalHold>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (hold, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/audit/legal-holds/{}", hold.id), &hold)).await
}

/// Shows a legal hold.
#[utoipa::path(get, path = "/api/v2/audit/legal-holds/{hold_id}", tag = "Legal holds",
    operation_id = "audit.legal_holds.get", params(("hold_id" = LegalHoldId, Path)),
    responses((status = 200, description = "The hold.", body = LegalHold),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<LegalHoldsRead>,
    id: Path<LegalHoldId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Asks that a legal hold be released, by who has signed in and not by a key. It stays in force until a second person approves.
#[utoipa::path(post, path = "/api/v2/audit/legal-holds/{hold_id}/release", tag = "Legal holds",
    operation_id = "audit.legal_holds.release", params(("hold_id" = LegalHoldId, Path)), request_body = HoldRelease,
    responses((status = 200, description = "The hold.", body = LegalHold),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is released already, or that is asked already.")))]
pub(crate) async fn release(
    access: Access<LegalHoldsWrite>,
    id: Path<LegalHoldId>,
    body: Json<HoldRelease>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (hold, event) = service::release(&tx, id.0, body.0.reason).await?;
    tx.answer(event, shown(&hold)).await
}

/// Releases a legal hold of which somebody else has asked it. What it alone kept from being deleted may go from now on; the hold
/// itself stays in the list. Who asked cannot, and no API key; where there is no other admin, who asked can after seven days.
#[utoipa::path(post, path = "/api/v2/audit/legal-holds/{hold_id}/release/approve", tag = "Legal holds",
    operation_id = "audit.legal_holds.release.approve", params(("hold_id" = LegalHoldId, Path)),
    responses((status = 200, description = "The hold.", body = LegalHold),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is released already, or nobody asks it.")))]
pub(crate) async fn approve(
    access: Access<LegalHoldsWrite>,
    id: Path<LegalHoldId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (hold, event) = service::approve(&tx, id.0).await?;
    tx.answer(event, shown(&hold)).await
}

/// Rejects that a legal hold be released, or takes that back. It stays in force.
#[utoipa::path(post, path = "/api/v2/audit/legal-holds/{hold_id}/release/reject", tag = "Legal holds",
    operation_id = "audit.legal_holds.release.reject", params(("hold_id" = LegalHoldId, Path)),
    responses((status = 200, description = "The hold.", body = LegalHold),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is released already, or nobody asks it.")))]
pub(crate) async fn reject(
    access: Access<LegalHoldsWrite>,
    id: Path<LegalHoldId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (hold, event) = service::reject(&tx, id.0).await?;
    tx.answer(event, shown(&hold)).await
}
