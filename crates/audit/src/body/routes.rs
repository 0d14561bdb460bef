//! `/api/v2/audit/events/{event_id}/body`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::AuditBodiesRead};
use elder_http::{Path, Problem, shown};

use super::{AuditBody, service};
use crate::event::AuditEventId;

/// Shows what was sent and answered in a call of the API (`api.called`), where the tenant keeps that (`audit_api_bodies`) and for as
/// long as it does. Secrets are not in it. Each reading is an event of the audit log.
#[utoipa::path(get, path = "/api/v2/audit/events/{event_id}/body", tag = "Audit log", operation_id = "audit.events.body",
    params(("event_id" = AuditEventId, Path)),
    responses((status = 200, description = "What is kept.", body = AuditBody),
        (status = 404, description = "`not_found`: also where nothing was kept of the call, or is any more.")))]
pub(crate) async fn get(
    access: Access<AuditBodiesRead>,
    id: Path<AuditEventId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (body, event) = service::read(&tx, id.0).await?;
    tx.answer(event, shown(&body)).await
}
