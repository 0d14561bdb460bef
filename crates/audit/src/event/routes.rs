//! `/api/v2/audit/events`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::AuditRead};
use elder_api_types::audit::EventsQuery;
use elder_http::{ListQuery, Path, Problem, shown};
use elder_kernel::Page;

use super::{AuditEvent, AuditEventId, AuditEvents, service};

/// Lists events of the tenant's audit log, the newest first. A time range: `filter=timestamp ge "2026-11-01T00:00:00Z" and
/// timestamp lt "2026-12-01T00:00:00Z"`.
#[utoipa::path(get, path = "/api/v2/audit/events", tag = "Audit log", operation_id = "audit.events.list",
    params(ListQuery<AuditEvents, EventsQuery>),
    responses((status = 200, description = "A page of events.", body = Page<AuditEvent>)))]
pub(crate) async fn list(
    access: Access<AuditRead>,
    query: ListQuery<AuditEvents, EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::found(&access.begin().await?, pager.selection(), query.more.q.as_deref()).await?)
}

/// Shows an event of the tenant's audit log.
#[utoipa::path(get, path = "/api/v2/audit/events/{event_id}", tag = "Audit log", operation_id = "audit.events.get",
    params(("event_id" = AuditEventId, Path)),
    responses((status = 200, description = "The event.", body = AuditEvent),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(access: Access<AuditRead>, id: Path<AuditEventId>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}
