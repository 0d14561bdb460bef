//! `/api/v2/global/audit/events`.

use actix_web::HttpResponse;
use elder_access::{Operator, markers::PlatformAuditRead};
use elder_http::{ListQuery, Problem};
use elder_kernel::Page;

use super::{GlobalAuditEvent, GlobalAuditEvents, service};

/// Lists events of the audit logs of all tenants, the newest first.
#[utoipa::path(get, path = "/api/v2/global/audit/events", tag = "Global audit log",
    operation_id = "global.audit.events.list", params(ListQuery<GlobalAuditEvents>),
    responses((status = 200, description = "A page of events.", body = Page<GlobalAuditEvent>)))]
pub(crate) async fn list(
    operator: Operator<PlatformAuditRead>,
    query: ListQuery<GlobalAuditEvents>,
) -> Result<HttpResponse, Problem> {
    let pager = operator.pager(&query)?;
    pager.answer(service::list(&operator.begin().await?, pager.selection()).await?)
}
