//! The OpenAPI document, made from the very table that the router is made from.

mod errors;
mod examples;
mod links;
mod repeats;
mod tags;
mod versions;

use elder_api_types::problem::ProblemDocument;
use elder_http::Route;
use elder_kernel::FieldFault;
use elder_scim_protocol::error::ErrorBody;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ComponentsBuilder, HttpMethod, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi,
        OpenApiBuilder, RefOr, Required, Schema, ServerBuilder, Type,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use examples::Examples;

const ABOUT: &str = "Elder's REST API v2, and SCIM 2.0. Every operation names what stands before it (`x-elder-gate`), the \
    permission that it needs (`x-elder-permission`) and the class of its rate limit (`x-elder-rate-class`). What asks a \
    person for a proof of the last ten minutes has `x-elder-step-up` (`POST /api/v2/me/step-up`). Every error is \
    a problem document (RFC 9457) whose `code` is stable; `x-elder-error-codes` lists the codes of each status, and \
    `/problems` explains them.";

/// The document of every route.
pub fn openapi() -> OpenApi {
    let table = crate::api();
    let mut named: Vec<(String, RefOr<Schema>)> = table.schemas().clone().into_iter().collect();
    ProblemDocument::schemas(&mut named);
    named.push((ProblemDocument::name().into_owned(), ProblemDocument::schema()));
    ErrorBody::schemas(&mut named);
    named.push((ErrorBody::name().into_owned(), ErrorBody::schema()));
    named.push((FieldFault::name().into_owned(), FieldFault::schema()));
    let examples = Examples::of(&named);
    let mut paths = PathsBuilder::new();
    for route in table.routes() {
        paths = paths
            .path(&route.path, PathItem::new(method(route), operation(route, table.routes(), &examples)));
    }
    let info = InfoBuilder::new()
        .title("Elder")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let here =
        ServerBuilder::new().url("/").description(Some("The server that gives this document.")).build();
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([here]))
        .tags(Some(tags::described()))
        .paths(paths)
        .components(Some(components(named)))
        .build()
}

fn components(named: Vec<(String, RefOr<Schema>)>) -> Components {
    let bearer = |what: &str| {
        SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(what)).build(),
        )
    };
    ComponentsBuilder::new()
        .security_scheme("bearer", bearer("An access token, as a sign-in gives it."))
        .security_scheme("directory", bearer("A token of the SCIM directory."))
        .schemas_from_iter(named.into_iter().map(|(name, schema)| (name, bare(schema))))
        .build()
}

/// Alternatives that are named and nothing else: where words stand beside a reference, generated clients in TypeScript do
/// not know what it refers to.
fn bare(mut schema: RefOr<Schema>) -> RefOr<Schema> {
    if let RefOr::T(Schema::OneOf(alternatives)) = &mut schema {
        for alternative in &mut alternatives.items {
            if let RefOr::Ref(reference) = alternative {
                reference.description.clear();
            }
        }
    }
    schema
}

/// The documented operation with what its gate and its form add: security, examples, links, and the errors that every
/// such route has.
fn operation(route: &Route, routes: &[Route], examples: &Examples) -> Operation {
    let mut operation = route.operation.clone();
    if is_guarded(route) {
        let scheme = if is_scim(route) { "directory" } else { "bearer" };
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(scheme, [])]);
    }
    examples.illustrate(&mut operation);
    links::describe(route, routes, &mut operation);
    versions::describe(route, &mut operation);
    repeats::describe(route, &mut operation);
    errors::describe(route, &mut operation);
    operation
}

fn is_guarded(route: &Route) -> bool {
    !matches!(route.gate.kind, "public" | "guest")
}

fn is_scim(route: &Route) -> bool {
    route.path.starts_with("/scim/")
}

fn request_header(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(Schema::Object(schema.build())))
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
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
