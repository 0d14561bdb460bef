//! `/scim/v2/Users` and `/scim/v2/.search`.

use actix_web::{HttpResponse, http::header, web::Data};
use elder_access::{Access, DirectoryPrincipal, Permission, markers};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem, Query, no_content};
use elder_kernel::{Directory, Id};
use elder_scim_protocol::{list::ListResponse, query::Query as Question, schema::USER_TYPE};

use super::{Aim, Pushed, service};
use crate::{
    Error,
    discovery::MAX_RESULTS,
    wire::{Call, Document, Parameters},
};

/// Lists the users of the directory. `userName eq`, `externalId eq` and `id eq`, alone or joined to more with
/// `and`, are answered from an index; other filters read the whole directory.
#[utoipa::path(get, path = "/scim/v2/Users", tag = "SCIM", operation_id = "scim.users.list",
    params(("filter" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, description = "A page of users.", body = ListResponse,
        content_type = "application/scim+json")))]
pub async fn list(
    access: Access<markers::ScimRead>,
    call: Call,
    query: Query<Parameters>,
) -> Result<HttpResponse, Problem> {
    let question = question(&query.0)?;
    find(&access, &call, &question).await
}

/// Creates a user.
#[utoipa::path(post, path = "/scim/v2/Users", tag = "SCIM", operation_id = "scim.users.create",
    request_body(content = Document, content_type = "application/scim+json"),
    responses((status = 201, description = "The user.", content_type = "application/scim+json"),
        (status = 409, description = "`uniqueness`: the userName or the address is taken.")))]
pub async fn create(
    access: Access<markers::ScimWrite>,
    call: Call,
    context: Writing,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (user, event) = service::create(&tx, &context.hasher, directory(&access)?, &body.0.0).await?;
    tx.commit(event).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, user.location(call.base_url())));
    Ok(show(&call, answer, &user, &context.question))
}
