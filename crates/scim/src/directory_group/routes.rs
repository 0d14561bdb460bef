//! `/api/v2/directories/{dir_id}/groups`.

use actix_web::HttpResponse;
use elder_access::{Access, markers};
use elder_http::{ListQuery, Path, Problem};
use elder_kernel::Page;

use super::{
    DirectoryGroup, DirectoryGroupMember, DirectoryGroupMembers, DirectoryGroups, ScimGroupId, service,
};
use crate::directory::DirectoryId;

/// Lists the groups that a directory has pushed. `member_of eq "…"` finds those that are in a group themselves.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}/groups", tag = "Directories",
    operation_id = "directories.groups.list", params(("dir_id" = DirectoryId, Path), ListQuery<DirectoryGroups>),
    responses((status = 200, description = "A page of groups.", body = Page<DirectoryGroup>)))]
pub(crate) async fn list(
    access: Access<markers::DirectoriesRead>,
    directory: Path<DirectoryId>,
    query: ListQuery<DirectoryGroups>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, directory.0, pager.selection()).await?)
}

/// Lists the people whom a directory has put into a group. Who is in a group that is in this one is not among them.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}/groups/{group_id}/members", tag = "Directories",
    operation_id = "directories.groups.members.list",
    params(("dir_id" = DirectoryId, Path), ("group_id" = ScimGroupId, Path), ListQuery<DirectoryGroupMembers>),
    responses((status = 200, description = "A page of members.", body = Page<DirectoryGroupMember>)))]
pub(crate) async fn members(
    access: Access<markers::UsersRead>,
    path: Path<(DirectoryId, ScimGroupId)>,
    query: ListQuery<DirectoryGroupMembers>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::members(&tx, path.0, pager.selection()).await?)
}
