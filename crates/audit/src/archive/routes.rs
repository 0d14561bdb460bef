//! `/api/v2/audit/archives`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::AuditRead};
use elder_http::{ListQuery, Problem};
use elder_kernel::Page;

use super::{AuditArchive, AuditArchives, service};

/// Lists the archives of the tenant's audit log, the newest first. The operator reads one back with `elder audit restore`.
#[utoipa::path(get, path = "/api/v2/audit/archives", tag = "Audit retention", operation_id = "audit.archives.list",
    params(ListQuery<AuditArchives>),
    responses((status = 200, description = "A page of archives.", body = Page<AuditArchive>)))]
pub(crate) async fn list(
    access: Access<AuditRead>,
    query: ListQuery<AuditArchives>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}
