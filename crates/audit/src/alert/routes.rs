//! `/api/v2/audit/alerts`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Access, Fresh,
    markers::{AuditAlertsRead, AuditAlertsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    AuditAlert, AuditAlertFiring, AuditAlertFirings, AuditAlertId, AuditAlertPatch, AuditAlertTest,
    AuditAlerts, NewAuditAlert, service,
};
use crate::stream::Targets;

/// Lists the alerts of the tenant's audit log, with the health of their channels.
#[utoipa::path(get, path = "/api/v2/audit/alerts", tag = "Audit alerts", operation_id = "audit.alerts.list",
    params(ListQuery<AuditAlerts>),
    responses((status = 200, description = "A page of alerts.", body = Page<AuditAlert>)))]
pub(crate) async fn list(
    access: Access<AuditAlertsRead>,
    query: ListQuery<AuditAlerts>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Has somebody told when the audit log shows as many events of a kind as `threshold` within a window. Events count that are
/// sealed from now on, each once.
#[utoipa::path(post, path = "/api/v2/audit/alerts", tag = "Audit alerts", operation_id = "audit.alerts.create",
    request_body = NewAuditAlert,
    responses((status = 201, description = "The alert.", body = AuditAlert),
        (status = 400, description = "`invalid_filter`; `validation_failed`: the channel may not be used, its secret is \
            missing or of no use, or `search_id` is of no shared search."),
        (status = 409, description = "`already_exists`: another alert has the name; `conflict`: the tenant has 50.")))]
pub(crate) async fn create(
    access: Fresh<Access<AuditAlertsWrite>>,
    targets: Data<Targets>,
    body: Json<NewAuditAlert>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (alert, event) = service::create(&tx, &targets, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/audit/alerts/{}", alert.id), &alert)).await
}

/// Shows an alert: how much of the log it has looked at, and how its channel is.
#[utoipa::path(get, path = "/api/v2/audit/alerts/{alert_id}", tag = "Audit alerts",
    operation_id = "audit.alerts.get", params(("alert_id" = AuditAlertId, Path)),
    responses((status = 200, description = "The alert.", body = AuditAlert),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<AuditAlertsRead>,
    id: Path<AuditAlertId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Lists when an alert has fired, and by which events; the last 90 days.
#[utoipa::path(get, path = "/api/v2/audit/alerts/{alert_id}/firings", tag = "Audit alerts",
    operation_id = "audit.alerts.firings", params(("alert_id" = AuditAlertId, Path), ListQuery<AuditAlertFirings>),
    responses((status = 200, description = "A page of firings.", body = Page<AuditAlertFiring>),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn firings(
    access: Access<AuditAlertsRead>,
    id: Path<AuditAlertId>,
    query: ListQuery<AuditAlertFirings>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::firings(&access.begin().await?, id.0, pager.selection()).await?)
}

/// Changes an alert. What it has counted and not fired yet is forgotten if it is to count something else.
#[utoipa::path(patch, path = "/api/v2/audit/alerts/{alert_id}", tag = "Audit alerts",
    operation_id = "audit.alerts.update", params(("alert_id" = AuditAlertId, Path)),
    request_body = AuditAlertPatch,
    responses((status = 200, description = "The alert.", body = AuditAlert),
        (status = 400, description = "`invalid_filter`; `validation_failed`: the channel may not be used, its secret is \
            missing or of no use, or `search_id` is of no shared search."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`: another alert has the name.")))]
pub(crate) async fn update(
    access: Fresh<Access<AuditAlertsWrite>>,
    targets: Data<Targets>,
    id: Path<AuditAlertId>,
    body: Json<AuditAlertPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (alert, event) = service::update(&tx, &targets, id.0, body.0).await?;
    tx.answer(event, shown(&alert)).await
}

/// Deletes an alert and its history.
#[utoipa::path(delete, path = "/api/v2/audit/alerts/{alert_id}", tag = "Audit alerts",
    operation_id = "audit.alerts.delete", params(("alert_id" = AuditAlertId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<AuditAlertsWrite>,
    id: Path<AuditAlertId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Sends a test by the channel of an alert: calls its webhook, or puts a mail to each address into the queue. The alert
/// itself stays as it is.
#[utoipa::path(post, path = "/api/v2/audit/alerts/{alert_id}/test", tag = "Audit alerts",
    operation_id = "audit.alerts.test", params(("alert_id" = AuditAlertId, Path)),
    responses((status = 200, description = "What came of it.", body = AuditAlertTest),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn test(
    access: Access<AuditAlertsWrite>,
    targets: Data<Targets>,
    id: Path<AuditAlertId>,
) -> Result<HttpResponse, Problem> {
    let tried = {
        let tx = access.begin().await?;
        service::tried(&tx, id.0).await?
    };
    let called = tried.call(&targets).await;
    let tx = access.begin().await?;
    let (test, event) = tried.done(&tx, called).await?;
    tx.answer(event, shown(&test)).await
}
