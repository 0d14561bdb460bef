//! `/scim/v2/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas`, and `/Me`, which there is none of.

use actix_web::HttpResponse;
use elder_access::{Access, markers, pusher};
use elder_http::{Problem, Public};
use elder_kernel::ErrorCode;
use elder_scim_protocol::{discovery, list::ListResponse, schema::ResourceType};

use super::{features, types};
use crate::wire::Call;

/// What this server supports.
#[utoipa::path(get, path = "/scim/v2/ServiceProviderConfig", tag = "SCIM",
    operation_id = "scim.service_provider_config",
    responses((status = 200, description = "The configuration.", content_type = "application/scim+json")))]
pub(crate) async fn service_provider_config(_: Public, call: Call) -> HttpResponse {
    let features = features(call.body_limit());
    call.answer(
        HttpResponse::Ok(),
        &discovery::service_provider_config(call.base_url(), &offered(&call), &features),
    )
}

/// The types of resources.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes", tag = "SCIM", operation_id = "scim.resource_types",
    responses((status = 200, description = "The types.", body = ListResponse, content_type = "application/scim+json"),
        (status = 403, description = "`permission_denied`: a filter was sent.")))]
pub(crate) async fn resource_types(_: Public, call: Call) -> Result<HttpResponse, Problem> {
    call.refuse_filter()?;
    Ok(call.answer(
        HttpResponse::Ok(),
        &ListResponse::whole(discovery::resource_types(call.base_url(), &offered(&call))),
    ))
}

/// One type of resources.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes/{id}", tag = "SCIM", operation_id = "scim.resource_type",
    params(("id" = String, Path, description = "Its name.", example = "User")),
    responses((status = 200, description = "The type.", content_type = "application/scim+json")))]
pub(crate) async fn resource_type(_: Public, call: Call) -> Result<HttpResponse, Problem> {
    let found = discovery::resource_type(call.base_url(), &offered(&call), call.resource())
        .ok_or_else(Problem::not_found)?;
    Ok(call.answer(HttpResponse::Ok(), &found))
}

/// The schemas of all types.
#[utoipa::path(get, path = "/scim/v2/Schemas", tag = "SCIM", operation_id = "scim.schemas",
    responses((status = 200, description = "The schemas.", body = ListResponse, content_type = "application/scim+json"),
        (status = 403, description = "`permission_denied`: a filter was sent.")))]
pub(crate) async fn schemas(_: Public, call: Call) -> Result<HttpResponse, Problem> {
    call.refuse_filter()?;
    Ok(call.answer(
        HttpResponse::Ok(),
        &ListResponse::whole(discovery::schemas(call.base_url(), &offered(&call))),
    ))
}

/// One schema.
#[utoipa::path(get, path = "/scim/v2/Schemas/{id}", tag = "SCIM", operation_id = "scim.schema",
    params(("id" = String, Path, description = "Its URN.")),
    responses((status = 200, description = "The schema.", content_type = "application/scim+json")))]
pub(crate) async fn schema(_: Public, call: Call) -> Result<HttpResponse, Problem> {
    let found = discovery::schema(call.base_url(), &offered(&call), call.resource())
        .ok_or_else(Problem::not_found)?;
    Ok(call.answer(HttpResponse::Ok(), &found))
}

/// The resource types that who asks is offered: more, if it is a directory that uses the catalogue.
fn offered(call: &Call) -> Vec<&'static ResourceType> {
    types(pusher(call.request()).as_ref().map(|(_, directory)| directory))
}

/// A directory's token is nobody's, so that there is no "me" (RFC 7644 §3.11).
#[utoipa::path(method(get, post, put, patch, delete), path = "/scim/v2/Me", tag = "SCIM", operation_id = "scim.me",
    responses((status = 501, description = "`not_implemented`: always.")))]
pub(crate) async fn me(_: Access<markers::ScimRead>) -> Result<HttpResponse, Problem> {
    Err(Problem::new(ErrorCode::NotImplemented, "A token belongs to a directory, not to a person."))
}
