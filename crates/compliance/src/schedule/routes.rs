//! `/api/v2/compliance/schedules`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Access, Fresh,
    markers::{ComplianceRead, ComplianceWrite},
};
use elder_audit::Targets;
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    ComplianceSchedule, ComplianceScheduleId, ComplianceSchedulePatch, ComplianceSchedules,
    NewComplianceSchedule, service,
};

/// Lists schedules of reports.
#[utoipa::path(get, path = "/api/v2/compliance/schedules", tag = "Compliance schedules",
    operation_id = "compliance.schedules.list", params(ListQuery<ComplianceSchedules>),
    responses((status = 200, description = "A page of schedules.", body = Page<ComplianceSchedule>)))]
pub(crate) async fn list(
    access: Access<ComplianceRead>,
    query: ListQuery<ComplianceSchedules>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Has reports made on schedule, by the right of who asks for it: it stands still when that ends.
#[utoipa::path(post, path = "/api/v2/compliance/schedules", tag = "Compliance schedules",
    operation_id = "compliance.schedules.create", request_body = NewComplianceSchedule,
    responses((status = 201, description = "The schedule.", body = ComplianceSchedule),
        (status = 400, description = "`validation_failed`: there is no such template, day or time zone, a recipient is no \
            user, or the URL may not be called or has no good secret."),
        (status = 409, description = "`already_exists`: another schedule has the name; `conflict`: the tenant has 20, or \
            no person asks.")))]
pub(crate) async fn create(
    access: Fresh<Access<ComplianceWrite>>,
    targets: Data<Targets>,
    body: Json<NewComplianceSchedule>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (schedule, event) = service::create(&tx, &targets, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/compliance/schedules/{}", schedule.id), &schedule)).await
}

/// Shows a schedule: when the next report is made, and what came of the last.
#[utoipa::path(get, path = "/api/v2/compliance/schedules/{schedule_id}", tag = "Compliance schedules",
    operation_id = "compliance.schedules.get", params(("schedule_id" = ComplianceScheduleId, Path)),
    responses((status = 200, description = "The schedule.", body = ComplianceSchedule),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<ComplianceRead>,
    id: Path<ComplianceScheduleId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Changes a schedule, pauses it, or sets it going: then it belongs to who does.
#[utoipa::path(patch, path = "/api/v2/compliance/schedules/{schedule_id}", tag = "Compliance schedules",
    operation_id = "compliance.schedules.update", params(("schedule_id" = ComplianceScheduleId, Path)),
    request_body = ComplianceSchedulePatch,
    responses((status = 200, description = "The schedule.", body = ComplianceSchedule),
        (status = 400, description = "`validation_failed`: there is no such time zone."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`: another schedule has the name; `conflict`: no person asks.")))]
pub(crate) async fn update(
    access: Access<ComplianceWrite>,
    id: Path<ComplianceScheduleId>,
    body: Json<ComplianceSchedulePatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (schedule, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&schedule)).await
}

/// Ends a schedule. Reports that were made stay until they expire.
#[utoipa::path(delete, path = "/api/v2/compliance/schedules/{schedule_id}", tag = "Compliance schedules",
    operation_id = "compliance.schedules.delete", params(("schedule_id" = ComplianceScheduleId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<ComplianceWrite>,
    id: Path<ComplianceScheduleId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
