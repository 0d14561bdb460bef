//! The routes of an organization's members.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Fresh, Operations, Unoffered,
    markers::{MembersRead, MembersWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, no_content, shown};
use elder_kernel::Page;

use super::{Assignment, Error, Member, Members, Seat, batch::MemberBatch, service};
use crate::{grant::UserId, organization::OrganizationId};

/// Lists who has a role right in this organization.
#[utoipa::path(get, path = "/api/v2/organizations/{org_id}/members", tag = "Members", operation_id = "members.list",
    params(("org_id" = OrganizationId, Path, description = "The organization."), ListQuery<Members>),
    responses((status = 200, description = "A page of members.", body = Page<Member>)))]
pub(crate) async fn list(
    access: Access<MembersRead>,
    id: Path<OrganizationId>,
    query: ListQuery<Members>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, id.0, pager.selection()).await?)
}

/// Gives a user a role in an organization and those below it.
#[utoipa::path(put, path = "/api/v2/organizations/{org_id}/members/{user_id}", tag = "Members", operation_id = "members.assign",
    params(("org_id" = OrganizationId, Path, description = "The organization."),
        ("user_id" = UserId, Path, description = "The user.")),
    request_body = Assignment,
    responses((status = 200, description = "The member.", body = Member),
        (status = 403, description = "`grant_exceeds_own`: the role gives what the caller does not hold there.")))]
pub(crate) async fn assign(
    access: Fresh<Access<MembersWrite>>,
    path: Path<(OrganizationId, UserId)>,
    body: Json<Assignment>,
) -> Result<HttpResponse, Problem> {
    let given = super::given(&body.0).ok_or(Error::OneRole)?;
    let tx = access.begin().await?;
    let (member, event) = service::assign(&tx, access.grants(), seat(path.0), given).await?;
    tx.answer(event, shown(&member)).await
}

/// Takes a user's role in an organization away.
#[utoipa::path(delete, path = "/api/v2/organizations/{org_id}/members/{user_id}", tag = "Members", operation_id = "members.remove",
    params(("org_id" = OrganizationId, Path, description = "The organization."),
        ("user_id" = UserId, Path, description = "The user.")),
    responses((status = 204, description = "The role is taken."),
        (status = 403, description = "`grant_exceeds_own`: the role gives what the caller does not hold there.")))]
pub(crate) async fn remove(
    access: Access<MembersWrite>,
    path: Path<(OrganizationId, UserId)>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::remove(&tx, access.grants(), seat(path.0)).await?;
    tx.answer(event, no_content()).await
}

type BatchBody = BatchRequest<UserId, Unoffered, Assignment>;

/// Gives up to 1,000 users a role in an organization (`update`) or takes it (`delete`): all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/organizations/{org_id}/members/batch", tag = "Members", operation_id = "members.batch",
    params(("org_id" = OrganizationId, Path, description = "The organization.")), request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Fresh<Access<MembersWrite>>,
    organization: Path<OrganizationId>,
    operations: Operations<MemberBatch>,
) -> Result<HttpResponse, Problem> {
    let members = MemberBatch { organization: organization.0, own: access.grants().to_vec() };
    access.batch(&members, operations).await
}

fn seat((organization, user): (OrganizationId, UserId)) -> Seat {
    Seat { organization, user }
}
