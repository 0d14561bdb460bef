//! The OpenAPI document, made from the very table that the router is made from.

use elder_http::{ProblemDocument, Public, Route};
use elder_kernel::{ErrorCode, FieldFault};
use elder_scim_protocol::error::ErrorBody;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, License, OpenApi,
        OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
        path::{Operation, PathItem, PathsBuilder},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

const ABOUT: &str = "Elder's REST API v2. Every operation names the permission that it needs (`x-elder-permission`), \
    and every error is a problem document (RFC 9457) whose `code` is stable.";

/// The document of every route.
pub fn openapi() -> OpenApi {
    let table = crate::api();
    let mut paths = PathsBuilder::new();
    for route in table.routes() {
        paths = paths.path(&route.path, PathItem::new(method(route), operation(route)));
    }
    let mut named: Vec<(String, RefOr<Schema>)> = table.schemas().clone().into_iter().collect();
    ProblemDocument::schemas(&mut named);
    named.push((ProblemDocument::name().into_owned(), ProblemDocument::schema()));
    ErrorBody::schemas(&mut named);
    named.push((ErrorBody::name().into_owned(), ErrorBody::schema()));
    named.push((FieldFault::name().into_owned(), FieldFault::schema()));
    let info = InfoBuilder::new()
        .title("Elder")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(License::new("Apache-2.0")))
        .build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components(named))).build()
}

fn components(named: Vec<(String, RefOr<Schema>)>) -> Components {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An access token, or on SCIM routes the token of a directory."))
        .build();
    ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .schemas_from_iter(named)
        .build()
}

/// The documented operation with what its gate and its form add: security, and the errors that every such route has.
fn operation(route: &Route) -> Operation {
    let mut operation = route.operation.clone();
    let guarded = !matches!(route.gate.kind, "public" | "guest");
    if guarded {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
    }
    for code in common_errors(route, guarded) {
        let status = code.status().to_string();
        let documented = operation.responses.responses.entry(status);
        documented.or_insert_with(|| RefOr::T(problem(route, code)));
    }
    operation
}

fn common_errors(route: &Route, guarded: bool) -> Vec<ErrorCode> {
    let takes_body = route.operation.request_body.is_some();
    let takes_parameters =
        route.operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let named = route.path.contains('{');
    let possible = [
        (takes_body || takes_parameters || named, ErrorCode::ValidationFailed),
        (guarded, ErrorCode::Unauthenticated),
        (route.gate.feature.is_some(), ErrorCode::LicenseRequired),
        (guarded, ErrorCode::PermissionDenied),
        (named, ErrorCode::NotFound),
        (takes_body, ErrorCode::PayloadTooLarge),
        (takes_body, ErrorCode::UnsupportedMediaType),
        (route.gate.rate_class != Public::RATE_CLASS, ErrorCode::RateLimited),
        (route.gate.kind != "public", ErrorCode::InternalError),
        (route.gate.kind != "public", ErrorCode::Unavailable),
    ];
    possible.into_iter().filter_map(|(can_be, code)| can_be.then_some(code)).collect()
}

fn problem(route: &Route, code: ErrorCode) -> Response {
    let scim = route.path.starts_with("/scim/");
    let (media_type, schema) = if scim {
        ("application/scim+json", ErrorBody::name())
    } else {
        ("application/problem+json", ProblemDocument::name())
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(code.title()).content(media_type, content).build()
}

fn method(route: &Route) -> HttpMethod {
    match route.method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
