//! `/api/v2/audit/exports`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{AuditExportsRead, AuditExportsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{AuditExport, AuditExportId, AuditExports, NewAuditExport, service};
use crate::file::{self, Wanted};

/// Lists exports of the audit log that are not expired.
#[utoipa::path(get, path = "/api/v2/audit/exports", tag = "Audit exports", operation_id = "audit.exports.list",
    params(ListQuery<AuditExports>),
    responses((status = 200, description = "A page of exports.", body = Page<AuditExport>)))]
pub(crate) async fn list(
    access: Access<AuditExportsRead>,
    query: ListQuery<AuditExports>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Has a file made of the audit log. It holds what was sealed when its writing began; ask for its `state` until that is
/// `completed`. It is kept for 7 days.
#[utoipa::path(post, path = "/api/v2/audit/exports", tag = "Audit exports", operation_id = "audit.exports.create",
    request_body = NewAuditExport,
    responses((status = 201, description = "The export, which waits to be written.", body = AuditExport),
        (status = 400, description = "`invalid_filter`; `invalid_parameter`: `from` is not before `to`, or `proofs` \
            are asked for with another format than `ndjson`."),
        (status = 409, description = "`conflict`: the tenant has 10 exports; delete one.")))]
pub(crate) async fn create(
    access: Access<AuditExportsWrite>,
    body: Json<NewAuditExport>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (export, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/audit/exports/{}", export.id), &export)).await
}

/// Shows an export and how far it is.
#[utoipa::path(get, path = "/api/v2/audit/exports/{export_id}", tag = "Audit exports",
    operation_id = "audit.exports.get", params(("export_id" = AuditExportId, Path)),
    responses((status = 200, description = "The export.", body = AuditExport),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<AuditExportsRead>,
    id: Path<AuditExportId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Downloads the file of an export that is completed. A download that broke off goes on with `Range: bytes=…-` and
/// `If-Range`; each request is an event of the audit log.
#[utoipa::path(get, path = "/api/v2/audit/exports/{export_id}/content", tag = "Audit exports",
    operation_id = "audit.exports.content",
    params(("export_id" = AuditExportId, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes (RFC 9110 §14.2).", example = "bytes=1048576-"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` of the file whose part is wanted.")),
    responses((status = 200, description = "The file.", content_type = "*/*", body = String),
        (status = 206, description = "The part that was asked for.", content_type = "*/*", body = String),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is not completed."),
        (status = 416, description = "`range_not_satisfiable`: the file ends before.")))]
pub(crate) async fn content(
    access: Access<AuditExportsWrite>,
    id: Path<AuditExportId>,
    wanted: Wanted,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let ((file, part), event) = service::open(&tx, id.0, |file| wanted.part_of(file)).await?;
    tx.answer(event, file::answer(file, part, access)).await
}

/// Deletes an export and its file. One that is being written is given up.
#[utoipa::path(delete, path = "/api/v2/audit/exports/{export_id}", tag = "Audit exports",
    operation_id = "audit.exports.delete", params(("export_id" = AuditExportId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<AuditExportsWrite>,
    id: Path<AuditExportId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
