//! `/api/v2/compliance/templates`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{ComplianceRead, ComplianceWrite},
};
use elder_api_types::compliance_report::ComplianceReport;
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    ComplianceTemplate, ComplianceTemplateId, ComplianceTemplatePatch, ComplianceTemplates,
    NewComplianceTemplate, service,
};

/// Lists templates of reports.
#[utoipa::path(get, path = "/api/v2/compliance/templates", tag = "Compliance templates",
    operation_id = "compliance.templates.list", params(ListQuery<ComplianceTemplates>),
    responses((status = 200, description = "A page of templates.", body = Page<ComplianceTemplate>)))]
pub(crate) async fn list(
    access: Access<ComplianceRead>,
    query: ListQuery<ComplianceTemplates>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Makes a template: what a report is to tell of, of whom, and of which time before it is asked for.
#[utoipa::path(post, path = "/api/v2/compliance/templates", tag = "Compliance templates",
    operation_id = "compliance.templates.create", request_body = NewComplianceTemplate,
    responses((status = 201, description = "The template.", body = ComplianceTemplate),
        (status = 409, description = "`already_exists`: another template has the name; `conflict`: the tenant has 100.")))]
pub(crate) async fn create(
    access: Access<ComplianceWrite>,
    body: Json<NewComplianceTemplate>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (template, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/compliance/templates/{}", template.id), &template)).await
}

/// Shows a template.
#[utoipa::path(get, path = "/api/v2/compliance/templates/{template_id}", tag = "Compliance templates",
    operation_id = "compliance.templates.get", params(("template_id" = ComplianceTemplateId, Path)),
    responses((status = 200, description = "The template.", body = ComplianceTemplate),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<ComplianceRead>,
    id: Path<ComplianceTemplateId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Changes a template. Reports that are there stay as they are.
#[utoipa::path(patch, path = "/api/v2/compliance/templates/{template_id}", tag = "Compliance templates",
    operation_id = "compliance.templates.update", params(("template_id" = ComplianceTemplateId, Path)),
    request_body = ComplianceTemplatePatch,
    responses((status = 200, description = "The template.", body = ComplianceTemplate),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`: another template has the name.")))]
pub(crate) async fn update(
    access: Access<ComplianceWrite>,
    id: Path<ComplianceTemplateId>,
    body: Json<ComplianceTemplatePatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (template, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&template)).await
}

/// Deletes a template. One by which a schedule goes stays.
#[utoipa::path(delete, path = "/api/v2/compliance/templates/{template_id}", tag = "Compliance templates",
    operation_id = "compliance.templates.delete", params(("template_id" = ComplianceTemplateId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: a schedule goes by it.")))]
pub(crate) async fn delete(
    access: Access<ComplianceWrite>,
    id: Path<ComplianceTemplateId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Has a report made by a template, of the time that it names by the calendar of UTC.
#[utoipa::path(post, path = "/api/v2/compliance/templates/{template_id}/reports", tag = "Compliance templates",
    operation_id = "compliance.templates.report", params(("template_id" = ComplianceTemplateId, Path)),
    responses((status = 201, description = "The report, which waits to be written.", body = ComplianceReport),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: the tenant has 50 reports; delete one.")))]
pub(crate) async fn report(
    access: Access<ComplianceWrite>,
    id: Path<ComplianceTemplateId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (report, event) = service::report(&tx, id.0).await?;
    tx.answer(event, created(&format!("/api/v2/compliance/reports/{}", report.id), &report)).await
}
