//! `/scim/v2/Groups`.

use actix_web::{HttpResponse, http::header};
use elder_access::{Access, Permission, markers};
use elder_http::{Json, Problem, no_content};
use elder_kernel::ScimGroup;
use elder_scim_protocol::{list::ListResponse, query::Query as Question, schema::GROUP_TYPE};

use super::service::{self, Patched};
use crate::{
    Error,
    resource::{
        Within,
        routes::{self, aim, finish, one},
    },
    wire::{
        Call, Document, MAX_RESULTS,
        document::{GroupDocument, ScimPatch, ScimSearch},
    },
};

/// Lists the groups of the directory. `displayName eq`, `externalId eq`, `id eq` and `members eq`, alone or joined to
/// more with `and`, are answered from an index; other filters read the whole directory.
#[utoipa::path(get, path = "/scim/v2/Groups", tag = "SCIM", operation_id = "scim.groups.list",
    params(("filter" = Option<String>, Query), ("sortBy" = Option<String>, Query),
        ("sortOrder" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("cursor" = Option<String>, Query), ("attributes" = Option<String>, Query),
        ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, description = "A page of groups.", body = ListResponse,
        content_type = "application/scim+json"),
        (status = 501, description = "`not_implemented`: the directory takes no groups.")))]
pub(crate) async fn list(access: Access<markers::ScimRead>, call: Call) -> Result<HttpResponse, Problem> {
    let question = call.question(&GROUP_TYPE)?;
    routes::list::<ScimGroup>(&access, &call, (within(&access)?, &question)).await
}

/// Lists groups without anything of the filter in the URL (RFC 7644 §3.4.3).
#[utoipa::path(post, path = "/scim/v2/Groups/.search", tag = "SCIM", operation_id = "scim.groups.search",
    request_body(content = ScimSearch, content_type = "application/scim+json"),
    responses((status = 200, description = "A page of groups.", body = ListResponse,
        content_type = "application/scim+json"),
        (status = 501, description = "`not_implemented`: the directory takes no groups.")))]
pub(crate) async fn search(
    access: Access<markers::ScimRead>,
    call: Call,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let asked = Question::from_search(&[&GROUP_TYPE], &body.0.0, MAX_RESULTS).map_err(Error::from)?;
    let question = asked.first().ok_or(Error::NotFound)?;
    routes::list::<ScimGroup>(&access, &call, (within(&access)?, question)).await
}

/// Creates a group. Members whom the directory does not have are left out.
#[utoipa::path(post, path = "/scim/v2/Groups", tag = "SCIM", operation_id = "scim.groups.create",
    request_body(content = GroupDocument, content_type = "application/scim+json"),
    responses((status = 201, description = "The group.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`): the displayName is taken."),
        (status = 501, description = "`not_implemented`: the directory takes no groups.")))]
pub(crate) async fn create(
    access: Access<markers::ScimWrite>,
    call: Call,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let (question, within) = (call.question(&GROUP_TYPE)?, within(&access)?);
    let tx = access.begin().await?;
    let (group, event) = service::create(&tx, within, &body.0.0).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, group.location(call.base_url())));
    finish(tx, &call, (within, &question, answer), (group, Some(event))).await
}

/// Gets a group. With `excludedAttributes=members` its members are not read.
#[utoipa::path(get, path = "/scim/v2/Groups/{id}", tag = "SCIM", operation_id = "scim.groups.get",
    params(("id" = String, Path)),
    responses((status = 200, description = "The group.", content_type = "application/scim+json"),
        (status = 304, description = "The client has this version."),
        (status = 501, description = "`not_implemented`: the directory takes no groups.")))]
pub(crate) async fn get(access: Access<markers::ScimRead>, call: Call) -> Result<HttpResponse, Problem> {
    one::<ScimGroup>(&access, &call, within(&access)?).await
}

/// Replaces a group with its members.
#[utoipa::path(put, path = "/scim/v2/Groups/{id}", tag = "SCIM", operation_id = "scim.groups.replace",
    params(("id" = String, Path)), request_body(content = GroupDocument, content_type = "application/scim+json"),
    responses((status = 200, description = "The group.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`): the displayName is taken."),
        (status = 412, description = "`version_mismatch`: the group has changed meanwhile."),
        (status = 501, description = "`not_implemented`: the directory takes no groups.")))]
pub(crate) async fn replace(
    access: Access<markers::ScimWrite>,
    call: Call,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let (question, within) = (call.question(&GROUP_TYPE)?, within(&access)?);
    let tx = access.begin().await?;
    let updated = service::replace(&tx, aim(within, &call)?, &body.0.0).await?;
    finish(tx, &call, (within, &question, HttpResponse::Ok()), updated).await
}

/// Changes a group by operations: all of them or none. It is answered without a body if the group is large, unless
/// `attributes` says what is wanted.
#[utoipa::path(patch, path = "/scim/v2/Groups/{id}", tag = "SCIM", operation_id = "scim.groups.patch",
    params(("id" = String, Path)), request_body(content = ScimPatch, content_type = "application/scim+json"),
    responses((status = 200, description = "The group.", content_type = "application/scim+json"),
        (status = 204, description = "It is done: the group is large, or the provider wants no body."),
        (status = 409, description = "`already_exists` (`uniqueness`): the displayName is taken."),
        (status = 412, description = "`version_mismatch`: the group has changed meanwhile."),
        (status = 501, description = "`not_implemented`: the directory takes no groups.")))]
pub(crate) async fn patch(
    access: Access<markers::ScimWrite>,
    call: Call,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let (question, within) = (call.question(&GROUP_TYPE)?, within(&access)?);
    let tx = access.begin().await?;
    let Patched { group, event, habits } = service::patch(&tx, aim(within, &call)?, &body.0.0).await?;
    let is_brief = !question.projection.names_attributes()
        && (habits.answers_group_patch_briefly() || service::is_large(&tx, within, group.id).await?);
    if is_brief {
        let answer = HttpResponse::NoContent().insert_header((header::ETAG, group.etag())).finish();
        return tx.answer(event, answer).await;
    }
    finish(tx, &call, (within, &question, HttpResponse::Ok()), (group, event)).await
}

/// Deletes a group. Its members stay.
#[utoipa::path(delete, path = "/scim/v2/Groups/{id}", tag = "SCIM", operation_id = "scim.groups.delete",
    params(("id" = String, Path)),
    responses((status = 204, description = "The group is gone."),
        (status = 412, description = "`version_mismatch`: the group has changed meanwhile."),
        (status = 501, description = "`not_implemented`: the directory takes no groups.")))]
pub(crate) async fn delete(access: Access<markers::ScimWrite>, call: Call) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, aim(within(&access)?, &call)?).await?;
    tx.answer(event, no_content()).await
}

/// The directory whose token was sent, if it takes groups.
fn within<P: Permission>(access: &Access<P>) -> Result<Within, Error> {
    let within = routes::within(access)?;
    if within.sync_groups { Ok(within) } else { Err(Error::NoGroups) }
}
