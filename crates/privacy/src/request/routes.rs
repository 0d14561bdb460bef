//! `/api/v2/privacy/requests`.

use actix_web::{HttpResponse, body::SizedStream, http::header};
use elder_access::{
    Access,
    markers::{PrivacyRead, PrivacyWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, shown};
use elder_kernel::Page;

use super::{
    NewPrivacyRequest, PrivacyRejection, PrivacyRequest, PrivacyRequestId, PrivacyRequests,
    service::{self, content},
};

/// Lists what was asked about people's data, the newest first, with what became of it.
#[utoipa::path(get, path = "/api/v2/privacy/requests", tag = "Privacy", operation_id = "privacy.requests.list",
    params(ListQuery<PrivacyRequests>),
    responses((status = 200, description = "A page of requests.", body = Page<PrivacyRequest>)))]
pub(crate) async fn list(
    access: Access<PrivacyRead>,
    query: ListQuery<PrivacyRequests>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Asks for a copy of all that is known of a person, or for their erasure. Nothing is done until somebody else has approved
/// it.
#[utoipa::path(post, path = "/api/v2/privacy/requests", tag = "Privacy", operation_id = "privacy.requests.create",
    request_body = NewPrivacyRequest,
    responses((status = 201, description = "The request, which waits for approval.", body = PrivacyRequest),
        (status = 404, description = "`not_found`: no such person, and for an erasure not in the log either."),
        (status = 409, description = "`already_exists`: the same is asked already. `legal_hold`. `last_admin`.")))]
pub(crate) async fn create(
    access: Access<PrivacyWrite>,
    body: Json<NewPrivacyRequest>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (request, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/privacy/requests/{}", request.id), &request)).await
}

/// Shows what was asked about a person, and what became of it.
#[utoipa::path(get, path = "/api/v2/privacy/requests/{request_id}", tag = "Privacy",
    operation_id = "privacy.requests.get", params(("request_id" = PrivacyRequestId, Path)),
    responses((status = 200, description = "The request.", body = PrivacyRequest),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<PrivacyRead>,
    id: Path<PrivacyRequestId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Approves what somebody else has asked; it is done right after. Neither who asked nor whom it is about can, and no API
/// key. Where there is no other admin, who asked can after seven days.
#[utoipa::path(post, path = "/api/v2/privacy/requests/{request_id}/approve", tag = "Privacy",
    operation_id = "privacy.requests.approve", params(("request_id" = PrivacyRequestId, Path)),
    responses((status = 200, description = "The request.", body = PrivacyRequest),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it was decided before. `legal_hold`. `last_admin`.")))]
pub(crate) async fn approve(
    access: Access<PrivacyWrite>,
    id: Path<PrivacyRequestId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (request, event) = service::approve(&tx, id.0).await?;
    tx.answer(event, shown(&request)).await
}

/// Rejects what was asked, or takes it back.
#[utoipa::path(post, path = "/api/v2/privacy/requests/{request_id}/reject", tag = "Privacy",
    operation_id = "privacy.requests.reject", params(("request_id" = PrivacyRequestId, Path)),
    request_body = PrivacyRejection,
    responses((status = 200, description = "The request.", body = PrivacyRequest),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it was decided before.")))]
pub(crate) async fn reject(
    access: Access<PrivacyWrite>,
    id: Path<PrivacyRequestId>,
    body: Json<PrivacyRejection>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (request, event) = service::reject(&tx, id.0, body.0.reason).await?;
    tx.answer(event, shown(&request)).await
}

/// Shows the certificate of an erasure: what was erased, when, who asked, who approved, what is kept and why. It is a note that
/// a key of the tenant's log has signed (C2SP signed-note).
#[utoipa::path(get, path = "/api/v2/privacy/requests/{request_id}/certificate", tag = "Privacy",
    operation_id = "privacy.requests.certificate", params(("request_id" = PrivacyRequestId, Path)),
    responses((status = 200, description = "The certificate.", content_type = "text/plain", body = String),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is no erasure, or not done.")))]
pub(crate) async fn certificate(
    access: Access<PrivacyRead>,
    id: Path<PrivacyRequestId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let note = service::certificate(&tx, id.0).await?;
    let name = format!("attachment; filename=\"erasure-{}.note\"", id.0);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(note))
}

/// Downloads the copy of all that is known of a person, within seven days. Each download is an event of the audit log.
#[utoipa::path(get, path = "/api/v2/privacy/requests/{request_id}/content", tag = "Privacy",
    operation_id = "privacy.requests.content", params(("request_id" = PrivacyRequestId, Path)),
    responses((status = 200, description = "The copy.", content_type = "*/*", body = String),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is no copy, not ready, or not there any more.")))]
pub(crate) async fn content(
    access: Access<PrivacyWrite>,
    id: Path<PrivacyRequestId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (size, event) = content::open(&tx, id.0).await?;
    let name = format!("attachment; filename=\"person-{}.json\"", id.0);
    let answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(SizedStream::new(size, Box::pin(content::pieces(access, id.0, size))));
    tx.answer(event, answer).await
}
