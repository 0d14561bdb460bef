//! `/scim/v2/Users`.

use actix_web::{HttpResponse, http::header, web::Data};
use elder_access::{Access, markers};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem, no_content};
use elder_kernel::User;
use elder_scim_protocol::{list::ListResponse, query::Query as Question, schema::USER_TYPE};

use super::service;
use crate::{
    Error,
    resource::routes::{self, aim, finish, one, within},
    valve::service::heed,
    wire::{
        Call, Document, MAX_RESULTS,
        document::{ScimPatch, ScimSearch, ScimUser},
    },
};

/// Lists the users of the directory. `userName eq`, `externalId eq` and `id eq`, alone or joined to more with
/// `and`, are answered from an index; other filters read the whole directory.
#[utoipa::path(get, path = "/scim/v2/Users", tag = "SCIM", operation_id = "scim.users.list",
    params(("filter" = Option<String>, Query), ("sortBy" = Option<String>, Query),
        ("sortOrder" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("cursor" = Option<String>, Query), ("attributes" = Option<String>, Query),
        ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, description = "A page of users.", body = ListResponse,
        content_type = "application/scim+json")))]
pub(crate) async fn list(access: Access<markers::ScimRead>, call: Call) -> Result<HttpResponse, Problem> {
    let question = call.question(&USER_TYPE)?;
    routes::list::<User>(&access, &call, (within(&access)?, &question)).await
}

/// Lists users without anything of the filter in the URL (RFC 7644 §3.4.3).
#[utoipa::path(post, path = "/scim/v2/Users/.search", tag = "SCIM", operation_id = "scim.users.search",
    request_body(content = ScimSearch, content_type = "application/scim+json"),
    responses((status = 200, description = "A page of users.", body = ListResponse,
        content_type = "application/scim+json")))]
pub(crate) async fn search(
    access: Access<markers::ScimRead>,
    call: Call,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let asked = Question::from_search(&[&USER_TYPE], &body.0.0, MAX_RESULTS).map_err(Error::from)?;
    let question = asked.first().ok_or(Error::NotFound)?;
    routes::list::<User>(&access, &call, (within(&access)?, question)).await
}

/// Creates a user.
#[utoipa::path(post, path = "/scim/v2/Users", tag = "SCIM", operation_id = "scim.users.create",
    request_body(content = ScimUser, content_type = "application/scim+json"),
    responses((status = 201, description = "The user.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`): the userName or the address is taken; \
            `entitlement_exhausted`, `sod_conflict`: the user may not have these roles and entitlements.")))]
pub(crate) async fn create(
    access: Access<markers::ScimWrite>,
    call: Call,
    hasher: Data<PasswordHasher>,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let (question, within) = (call.question(&USER_TYPE)?, within(&access)?);
    let tx = access.begin().await?;
    let done = service::create(&tx, &hasher, within, &body.0.0).await;
    let (tx, (user, event)) = heed(&access, within, tx, done).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, user.location(call.base_url())));
    finish(tx, &call, (within, &question, answer), (user, Some(event))).await
}

/// Gets a user.
#[utoipa::path(get, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.get",
    params(("id" = String, Path)),
    responses((status = 200, description = "The user.", content_type = "application/scim+json"),
        (status = 304, description = "The client has this version.")))]
pub(crate) async fn get(access: Access<markers::ScimRead>, call: Call) -> Result<HttpResponse, Problem> {
    one::<User>(&access, &call, within(&access)?).await
}

/// Replaces a user.
#[utoipa::path(put, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.replace",
    params(("id" = String, Path)), request_body(content = ScimUser, content_type = "application/scim+json"),
    responses((status = 200, description = "The user.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`); `last_admin`: the last admin would be deactivated; \
            `entitlement_exhausted`, `sod_conflict`: the user may not have these roles and entitlements."),
        (status = 412, description = "`version_mismatch`: the user has changed meanwhile."),
        (status = 503, description = "`directory_paused`: too many people would be deactivated within an hour.")))]
pub(crate) async fn replace(
    access: Access<markers::ScimWrite>,
    call: Call,
    hasher: Data<PasswordHasher>,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let (question, within) = (call.question(&USER_TYPE)?, within(&access)?);
    let tx = access.begin().await?;
    let done = service::replace(&tx, &hasher, aim(within, &call)?, &body.0.0).await;
    let (tx, updated) = heed(&access, within, tx, done).await?;
    finish(tx, &call, (within, &question, HttpResponse::Ok()), updated).await
}

/// Changes a user by operations: all of them or none.
#[utoipa::path(patch, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.patch",
    params(("id" = String, Path)), request_body(content = ScimPatch, content_type = "application/scim+json"),
    responses((status = 200, description = "The user.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`); `last_admin`: the last admin would be deactivated; \
            `entitlement_exhausted`, `sod_conflict`: the user may not have these roles and entitlements."),
        (status = 412, description = "`version_mismatch`: the user has changed meanwhile."),
        (status = 503, description = "`directory_paused`: too many people would be deactivated within an hour.")))]
pub(crate) async fn patch(
    access: Access<markers::ScimWrite>,
    call: Call,
    hasher: Data<PasswordHasher>,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let (question, within) = (call.question(&USER_TYPE)?, within(&access)?);
    let tx = access.begin().await?;
    let done = service::patch(&tx, &hasher, aim(within, &call)?, &body.0.0).await;
    let (tx, updated) = heed(&access, within, tx, done).await?;
    finish(tx, &call, (within, &question, HttpResponse::Ok()), updated).await
}

/// Removes a user from the directory. What becomes of the person, the directory's setting says.
#[utoipa::path(delete, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.delete",
    params(("id" = String, Path)),
    responses((status = 204, description = "The user is gone."),
        (status = 409, description = "`last_admin`: the last admin would be deactivated."),
        (status = 412, description = "`version_mismatch`: the user has changed meanwhile."),
        (status = 503, description = "`directory_paused`: too many people would be deactivated within an hour.")))]
pub(crate) async fn delete(access: Access<markers::ScimWrite>, call: Call) -> Result<HttpResponse, Problem> {
    let within = within(&access)?;
    let tx = access.begin().await?;
    let done = service::delete(&tx, aim(within, &call)?).await;
    let (tx, event) = heed(&access, within, tx, done).await?;
    tx.answer(event, no_content()).await
}
