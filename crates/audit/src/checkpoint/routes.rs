//! `/api/v2/audit/checkpoints` and `/api/v2/audit/keys`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::AuditRead};
use elder_http::{ListQuery, Problem, shown};
use elder_kernel::Page;

use super::{AuditCheckpoint, AuditCheckpoints, AuditKeys, service};

/// Lists the signed checkpoints of the tenant's audit log, the newest first. Keep one of them elsewhere: it is what the log
/// can be held to.
#[utoipa::path(get, path = "/api/v2/audit/checkpoints", tag = "Audit log", operation_id = "audit.checkpoints.list",
    params(ListQuery<AuditCheckpoints>),
    responses((status = 200, description = "A page of checkpoints.", body = Page<AuditCheckpoint>)))]
pub(crate) async fn list(
    access: Access<AuditRead>,
    query: ListQuery<AuditCheckpoints>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Shows the keys by which the checkpoints of the tenant's audit log are verified, the newest first.
#[utoipa::path(get, path = "/api/v2/audit/keys", tag = "Audit log", operation_id = "audit.keys.list",
    responses((status = 200, description = "The keys.", body = AuditKeys)))]
pub(crate) async fn keys(access: Access<AuditRead>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::keys(&tx).await?))
}
