//! `/api/v2/compliance/reports`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{ComplianceRead, ComplianceWrite},
};
use elder_audit::file::{self, Wanted};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{ComplianceReport, ComplianceReportId, ComplianceReports, NewComplianceReport, service};

/// Lists reports for auditors that are not expired.
#[utoipa::path(get, path = "/api/v2/compliance/reports", tag = "Compliance reports",
    operation_id = "compliance.reports.list", params(ListQuery<ComplianceReports>),
    responses((status = 200, description = "A page of reports.", body = Page<ComplianceReport>)))]
pub(crate) async fn list(
    access: Access<ComplianceRead>,
    query: ListQuery<ComplianceReports>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Has a report made. It tells of what was sealed when its writing began; ask for its `state` until that is `completed`. It
/// is kept for 30 days.
#[utoipa::path(post, path = "/api/v2/compliance/reports", tag = "Compliance reports",
    operation_id = "compliance.reports.create", request_body = NewComplianceReport,
    responses((status = 201, description = "The report, which waits to be written.", body = ComplianceReport),
        (status = 400, description = "`invalid_parameter`: `from` is not before `to`."),
        (status = 409, description = "`conflict`: the tenant has 50 reports; delete one.")))]
pub(crate) async fn create(
    access: Access<ComplianceWrite>,
    body: Json<NewComplianceReport>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (report, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/compliance/reports/{}", report.id), &report)).await
}

/// Shows a report and how far it is.
#[utoipa::path(get, path = "/api/v2/compliance/reports/{report_id}", tag = "Compliance reports",
    operation_id = "compliance.reports.get", params(("report_id" = ComplianceReportId, Path)),
    responses((status = 200, description = "The report.", body = ComplianceReport),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<ComplianceRead>,
    id: Path<ComplianceReportId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Downloads the file of a report that is completed. A download that broke off goes on with `Range: bytes=…-` and
/// `If-Range`; each request is an event of the audit log.
#[utoipa::path(get, path = "/api/v2/compliance/reports/{report_id}/content", tag = "Compliance reports",
    operation_id = "compliance.reports.content",
    params(("report_id" = ComplianceReportId, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes (RFC 9110 §14.2).", example = "bytes=1048576-"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` of the file whose part is wanted.")),
    responses((status = 200, description = "The file.", content_type = "*/*", body = String),
        (status = 206, description = "The part that was asked for.", content_type = "*/*", body = String),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is not completed."),
        (status = 416, description = "`range_not_satisfiable`: the file ends before.")))]
pub(crate) async fn content(
    access: Access<ComplianceWrite>,
    id: Path<ComplianceReportId>,
    wanted: Wanted,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let ((file, part), event) = service::open(&tx, id.0, |file| wanted.part_of(file)).await?;
    tx.answer(event, file::answer(file, part, access)).await
}

/// Deletes a report and its file. One that is being written is given up.
#[utoipa::path(delete, path = "/api/v2/compliance/reports/{report_id}", tag = "Compliance reports",
    operation_id = "compliance.reports.delete", params(("report_id" = ComplianceReportId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<ComplianceWrite>,
    id: Path<ComplianceReportId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
