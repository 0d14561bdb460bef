//! `/api/v2/audit/events/{event_id}/proof` and `/api/v2/audit/checkpoints/consistency`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::AuditRead};
use elder_http::{Path, Problem, Query, shown};

use super::{AuditConsistency, AuditProof, ConsistencyQuery, service};
use crate::event::AuditEventId;

/// Proves that an event is in the tenant's audit log, as it was when the newest checkpoint was signed. Whoever has the key
/// (`/api/v2/audit/keys`) can verify it without this server: `elder audit verify --export`.
#[utoipa::path(get, path = "/api/v2/audit/events/{event_id}/proof", tag = "Audit log",
    operation_id = "audit.events.proof", params(("event_id" = AuditEventId, Path)),
    responses((status = 200, description = "The event with its proof.", body = AuditProof),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is not sealed yet; ask again in a second.")))]
pub(crate) async fn inclusion(
    access: Access<AuditRead>,
    id: Path<AuditEventId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::inclusion(&tx, id.0).await?))
}

/// Proves that the log at one checkpoint begins the log at a later one: nothing before was changed or taken away.
#[utoipa::path(get, path = "/api/v2/audit/checkpoints/consistency", tag = "Audit log",
    operation_id = "audit.checkpoints.consistency", params(ConsistencyQuery),
    responses((status = 200, description = "The proof.", body = AuditConsistency),
        (status = 400, description = "`invalid_parameter`: `from` is larger than `to`."),
        (status = 404, description = "`not_found`: there is no checkpoint of that size.")))]
pub(crate) async fn consistency(
    access: Access<AuditRead>,
    query: Query<ConsistencyQuery>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::consistency(&tx, &query.0).await?))
}
