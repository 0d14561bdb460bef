//! `/api/v2/users/{user_id}/groups`.

use actix_web::HttpResponse;
use elder_access::{Access, markers::UsersRead};
use elder_http::{ListQuery, Path, Problem};
use elder_kernel::Page;

use super::{UserGroup, UserGroups, UserId, service};

/// Lists the groups that a user is in, and by whose word: a directory's, also by a group that is in another, or that of the
/// rules of an identity provider. Those of a provider that is not active, and of a directory that syncs no groups, do not count.
#[utoipa::path(get, path = "/api/v2/users/{user_id}/groups", tag = "Users", operation_id = "users.groups.list",
    params(("user_id" = UserId, Path), ListQuery<UserGroups>),
    responses((status = 200, description = "A page of groups.", body = Page<UserGroup>)))]
pub(crate) async fn list(
    access: Access<UsersRead>,
    user: Path<UserId>,
    query: ListQuery<UserGroups>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, user.0, pager.selection()).await?)
}
