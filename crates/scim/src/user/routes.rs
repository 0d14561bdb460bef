//! `/scim/v2/Users` and `/scim/v2/.search`.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header, web::Data};
use elder_access::{Access, Permission, TenantTx, markers};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem, no_content};
use elder_kernel::{Directory, Id};
use elder_scim_protocol::{list::ListResponse, query::Query as Question, schema::USER_TYPE};

use super::{
    Aim, Pushed,
    document::{ScimPatch, ScimSearch, ScimUser},
    service,
};
use crate::{
    Error,
    wire::{Call, Document, MAX_RESULTS},
};

/// Lists the users of the directory. `userName eq`, `externalId eq` and `id eq`, alone or joined to more with
/// `and`, are answered from an index; other filters read the whole directory.
#[utoipa::path(get, path = "/scim/v2/Users", tag = "SCIM", operation_id = "scim.users.list",
    params(("filter" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, description = "A page of users.", body = ListResponse,
        content_type = "application/scim+json")))]
pub(crate) async fn list(access: Access<markers::ScimRead>, call: Call) -> Result<HttpResponse, Problem> {
    let question = call.question()?;
    find(&access, &call, &question).await
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
    let question = Question::from_search(&USER_TYPE, &body.0.0, MAX_RESULTS).map_err(Error::from)?;
    find(&access, &call, &question).await
}

/// Lists resources of every type: users are the only one.
#[utoipa::path(post, path = "/scim/v2/.search", tag = "SCIM", operation_id = "scim.search",
    request_body(content = ScimSearch, content_type = "application/scim+json"),
    responses((status = 200, description = "A page of users.", body = ListResponse,
        content_type = "application/scim+json")))]
pub(crate) async fn search_all(
    access: Access<markers::ScimRead>,
    call: Call,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    search(access, call, body).await
}

/// Creates a user.
#[utoipa::path(post, path = "/scim/v2/Users", tag = "SCIM", operation_id = "scim.users.create",
    request_body(content = ScimUser, content_type = "application/scim+json"),
    responses((status = 201, description = "The user.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`): the userName or the address is taken.")))]
pub(crate) async fn create(
    access: Access<markers::ScimWrite>,
    call: Call,
    hasher: Data<PasswordHasher>,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let question = call.question()?;
    let tx = access.begin().await?;
    let (user, event) = service::create(&tx, &hasher, directory(&access)?, &body.0.0).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, user.location(call.base_url())));
    tx.answer(event, show(&call, answer, &user, &question)).await
}

/// Gets a user.
#[utoipa::path(get, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.get",
    params(("id" = String, Path)),
    responses((status = 200, description = "The user.", content_type = "application/scim+json"),
        (status = 304, description = "The client has this version.")))]
pub(crate) async fn get(access: Access<markers::ScimRead>, call: Call) -> Result<HttpResponse, Problem> {
    let question = call.question()?;
    let tx = access.begin().await?;
    let user = service::get(&tx, directory(&access)?, call.user()?).await?;
    if call.knows(&user.etag()) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, user.etag())).finish());
    }
    Ok(show(&call, HttpResponse::Ok(), &user, &question))
}

/// Replaces a user.
#[utoipa::path(put, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.replace",
    params(("id" = String, Path)), request_body(content = ScimUser, content_type = "application/scim+json"),
    responses((status = 200, description = "The user.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`); `last_admin`: the last admin would be deactivated."),
        (status = 412, description = "`version_mismatch`: the user has changed meanwhile.")))]
pub(crate) async fn replace(
    access: Access<markers::ScimWrite>,
    call: Call,
    hasher: Data<PasswordHasher>,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let question = call.question()?;
    let tx = access.begin().await?;
    let updated = service::replace(&tx, &hasher, aim(&access, &call)?, &body.0.0).await?;
    finish(tx, &call, &question, updated).await
}

/// Changes a user by operations: all of them or none.
#[utoipa::path(patch, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.patch",
    params(("id" = String, Path)), request_body(content = ScimPatch, content_type = "application/scim+json"),
    responses((status = 200, description = "The user.", content_type = "application/scim+json"),
        (status = 409, description = "`already_exists` (`uniqueness`); `last_admin`: the last admin would be deactivated."),
        (status = 412, description = "`version_mismatch`: the user has changed meanwhile.")))]
pub(crate) async fn patch(
    access: Access<markers::ScimWrite>,
    call: Call,
    hasher: Data<PasswordHasher>,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let question = call.question()?;
    let tx = access.begin().await?;
    let updated = service::patch(&tx, &hasher, aim(&access, &call)?, &body.0.0).await?;
    finish(tx, &call, &question, updated).await
}

/// Removes a user from the directory. What becomes of the person, the directory's setting says.
#[utoipa::path(delete, path = "/scim/v2/Users/{id}", tag = "SCIM", operation_id = "scim.users.delete",
    params(("id" = String, Path)),
    responses((status = 204, description = "The user is gone."),
        (status = 409, description = "`last_admin`: the last admin would be deactivated."),
        (status = 412, description = "`version_mismatch`: the user has changed meanwhile.")))]
pub(crate) async fn delete(access: Access<markers::ScimWrite>, call: Call) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, aim(&access, &call)?).await?;
    tx.answer(event, no_content()).await
}

async fn find(
    access: &Access<markers::ScimRead>,
    call: &Call,
    question: &Question,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let found = service::list(&tx, directory(access)?, question, call.base_url()).await?;
    Ok(call.answer(HttpResponse::Ok(), &found))
}

async fn finish(
    tx: TenantTx<markers::ScimWrite>,
    call: &Call,
    question: &Question,
    (user, event): service::Updated,
) -> Result<HttpResponse, Problem> {
    tx.answer(event, show(call, HttpResponse::Ok(), &user, question)).await
}

fn show(call: &Call, mut answer: HttpResponseBuilder, user: &Pushed, question: &Question) -> HttpResponse {
    answer.insert_header((header::ETAG, user.etag()));
    call.answer(answer, &question.projection.project(&user.shown(call.base_url())))
}

/// The directory whose token was sent: only tokens hold the permissions of these routes.
fn directory<P: Permission>(access: &Access<P>) -> Result<Id<Directory>, Error> {
    access.directory().map(|principal| principal.directory).ok_or(Error::NotFound)
}

fn aim<'a, P: Permission>(access: &Access<P>, call: &'a Call) -> Result<Aim<'a>, Error> {
    Ok(Aim { directory: directory(access)?, user: call.user()?, if_match: call.if_match() })
}
