//! `/api/v2/audit/restored-events`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::AuditRead};
use elder_http::{ListQuery, Problem};
use elder_kernel::Page;

use super::{RestoredAuditEvent, RestoredEvents, service};

/// Lists events that were read back from archives, the newest first. Filters are those of the log itself.
#[utoipa::path(get, path = "/api/v2/audit/restored-events", tag = "Audit log",
    operation_id = "audit.restored_events.list", params(ListQuery<RestoredEvents>),
    responses((status = 200, description = "A page of events.", body = Page<RestoredAuditEvent>)))]
pub(crate) async fn list(
    access: Access<AuditRead>,
    query: ListQuery<RestoredEvents>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}
