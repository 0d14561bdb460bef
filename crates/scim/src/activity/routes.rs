//! `/api/v2/directories/{dir_id}/activity`.

use actix_web::HttpResponse;
use elder_access::{Access, markers};
use elder_http::{ListQuery, Path, Problem};
use elder_kernel::Page;

use super::{DirectoryRequest, DirectoryRequests, service};
use crate::directory::DirectoryId;

/// Lists what was sent to a directory in the last seven days, and what became of it. A request is there within half a
/// minute. Nothing is kept of what was sent.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}/activity", tag = "Directories",
    operation_id = "directories.activity.list",
    params(("dir_id" = DirectoryId, Path), ListQuery<DirectoryRequests>),
    responses((status = 200, description = "A page of requests.", body = Page<DirectoryRequest>)))]
pub(crate) async fn list(
    access: Access<markers::DirectoriesRead>,
    directory: Path<DirectoryId>,
    query: ListQuery<DirectoryRequests>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, directory.0, pager.selection()).await?)
}
