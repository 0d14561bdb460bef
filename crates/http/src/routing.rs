//! The route table: one row gives the router, the OpenAPI operation and the gate that stands before it.

use std::{collections::BTreeMap, future::Ready, future::ready, sync::Arc};

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Scope,
    dev::Payload,
    guard,
    http::{Method, header},
    web,
};
use elder_kernel::ErrorCode;
use utoipa::openapi::{
    Deprecated, RefOr, Schema,
    extensions::{Extensions, ExtensionsBuilder},
    path::{HttpMethod, Operation, Parameter},
};

use crate::{Deprecation, Problem};

/// What stands before a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// `permission`, `global_permission`, `own_account`, `guest` or `public`.
    pub kind: &'static str,
    /// The permission or flow.
    pub name: &'static str,
    /// The licence feature that the permission belongs to.
    pub feature: Option<&'static str>,
    /// The class of the rate limit.
    pub rate_class: &'static str,
    /// Whether a person must have proven a moment ago who they are.
    pub fresh: bool,
}

/// An extractor that decides whether a request may go on. Implemented by the gate crate alone
/// (`cargo xtask arch` sees to it); tuples take the gate of their first member.
pub trait Gated {
    /// What it checks.
    fn gate() -> Gate;
}

macro_rules! gated_tuples {
    ($(($($rest:ident),*))*) => {$(
        impl<G: Gated, $($rest),*> Gated for (G, $($rest),*) {
            fn gate() -> Gate { G::gate() }
        }
    )*};
}
gated_tuples! { () (A) (A, B) (A, B, C) }

/// A route that anyone may ask, because what it says is public.
#[derive(Debug, Clone, Copy)]
pub struct Public;

impl Public {
    /// The class of what is not limited: it costs no more than its answer.
    pub const RATE_CLASS: &str = "public";
}

impl Gated for Public {
    fn gate() -> Gate {
        Gate { kind: "public", name: "public", feature: None, rate_class: Self::RATE_CLASS, fresh: false }
    }
}

impl FromRequest for Public {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

/// One method of one path.
#[derive(Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The pattern, with `{names}`.
    pub path: String,
    /// What stands before it.
    pub gate: Gate,
    /// Its OpenAPI operation.
    pub operation: Operation,
    deprecation: Option<Deprecation>,
    make: Arc<dyn Fn() -> actix_web::Route + Send + Sync>,
}

impl Route {
    /// Tells in the document and in every answer that the route comes to its end.
    pub fn deprecate(&mut self, deprecation: Deprecation) {
        self.deprecation = Some(deprecation);
        self.operation.deprecated = Some(Deprecated::True);
        let told = ExtensionsBuilder::new().add("x-elder-deprecation", deprecation.description()).build();
        self.operation.extensions.get_or_insert_with(Extensions::default).merge(told);
    }

    /// The route for actix, with what `around` puts around one of its rate class.
    fn made(&self, around: impl Fn(&'static str, actix_web::Route) -> actix_web::Route) -> actix_web::Route {
        let route = around(self.gate.rate_class, (self.make)());
        match self.deprecation {
            Some(deprecation) => deprecation.announced_by(route),
            None => route,
        }
    }
}

/// Every route of the server.
#[derive(Clone, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

/// Registers handlers by name: each is documented by the `#[utoipa::path]` above it. What follows a name after a colon
/// is the [`Deprecation`] of its routes.
#[macro_export]
macro_rules! routes {
    ($table:expr; $($($module:ident)::+ => $handlers:tt),+ $(,)?) => {
        $($crate::routes!(@resource $table, [$($module)::+] $handlers);)+
    };
    (@resource $table:expr, $module:tt [$($handler:ident $(: $deprecation:expr)?),+ $(,)?]) => {
        $($crate::routes!(@route $table, $module $handler $(: $deprecation)?);)+
    };
    (@route $table:expr, [$($module:ident)::+] $handler:ident $(: $deprecation:expr)?) => {
        ::pastey::paste! {
            let _added = $table.add::<$($module)::+::[<__path_ $handler>], _, _>(&$($module)::+::$handler);
            $(for route in _added {
                route.deprecate($deprecation);
            })?
        }
    };
}

impl RouteTable {
    /// Adds a documented handler whose first argument is a gate, and gives its rows: one for each method.
    pub fn add<D, F, Args>(&mut self, handler: &F) -> &mut [Route]
    where
        D: utoipa::Path + utoipa::__dev::SchemaReferences + utoipa::__dev::Tags<'static>,
        F: Handler<Args> + Send + Sync,
        Args: FromRequest + Gated + 'static,
        F::Output: Responder + 'static,
    {
        let mut schemas = Vec::new();
        D::schemas(&mut schemas);
        self.schemas.extend(schemas);
        let gate = Args::gate();
        let methods = D::methods();
        let first = self.routes.len();
        for method in &methods {
            let method = method_of(method);
            let (handler, verb) = (handler.clone(), method.clone());
            let mut operation = describe(D::operation(), gate);
            operation.tags = Some(D::tags().into_iter().map(str::to_owned).collect());
            if methods.len() > 1 {
                // An operation's id is its own (OpenAPI 3.1 §4.8.10.1).
                let verb = verb.as_str().to_lowercase();
                operation.operation_id = operation.operation_id.map(|id| format!("{id}.{verb}"));
            }
            self.routes.push(Route {
                method,
                path: D::path(),
                gate,
                operation,
                deprecation: None,
                make: Arc::new(move || answering(&verb).to(handler.clone())),
            });
        }
        self.routes.get_mut(first..).unwrap_or_default()
    }

    /// Serves every route under `prefix` by the same handlers under `other` too, which names one more `parameter`.
    pub fn mirror(&mut self, prefix: &str, other: &str, parameter: &Parameter) {
        let mirrored: Vec<_> = self
            .routes
            .iter()
            .filter_map(|route| {
                let path = format!("{other}{}", route.path.strip_prefix(prefix)?);
                let mut operation = route.operation.clone();
                operation.operation_id = operation.operation_id.map(|id| format!("{id}.{}", parameter.name));
                operation.parameters.get_or_insert_default().push(RefOr::T(parameter.clone()));
                Some(Route { path, operation, ..route.clone() })
            })
            .collect();
        self.routes.extend(mirrored);
    }

    /// The rows, in the order of registration.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The named schemas that the operations refer to.
    pub fn schemas(&self) -> &BTreeMap<String, RefOr<Schema>> {
        &self.schemas
    }

    /// Puts every route into an actix application, with what `around` puts around one of its rate class; a wrong
    /// method gets 405 with `Allow`.
    ///
    /// A router tries its patterns one after the other, so those that begin with the same words have a router of their
    /// own, which is found by these words.
    pub fn configure(
        &self,
        service: &mut web::ServiceConfig,
        around: impl Fn(&'static str, actix_web::Route) -> actix_web::Route,
    ) {
        let mut stems: BTreeMap<&str, BTreeMap<String, Vec<&Route>>> = BTreeMap::new();
        for route in &self.routes {
            let paths = stems.entry(stem(&route.path)).or_default();
            // A literal segment goes before a parameter: `/users/me` before `/users/{id}`.
            paths.entry(route.path.replace('{', "~")).or_default().push(route);
        }
        // A longer stem goes before a shorter one that it begins with.
        for (stem, paths) in stems.into_iter().rev() {
            let resources = paths.into_values().map(|routes| resource(stem, &routes, &around));
            service.service(resources.fold(web::scope(stem), Scope::service));
        }
    }
}

/// What a path begins with: at most three segments, before any parameter.
fn stem(path: &str) -> &str {
    let fourth = path.match_indices('/').nth(3).map_or(path.len(), |(at, _)| at);
    let literal = path.find("/{").unwrap_or(path.len());
    path.get(..fourth.min(literal)).unwrap_or(path)
}

/// All methods of one path, below its stem.
fn resource(
    stem: &str,
    routes: &[&Route],
    around: impl Fn(&'static str, actix_web::Route) -> actix_web::Route,
) -> Resource {
    let path = routes.first().and_then(|route| route.path.strip_prefix(stem)).unwrap_or_default();
    let mut methods: Vec<_> = routes.iter().map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    let allow = methods.join(", ");
    let resource =
        routes.iter().fold(web::resource(path), |resource, route| resource.route(route.made(&around)));
    let class = routes.first().map_or(Public::RATE_CLASS, |route| route.gate.rate_class);
    let refusing = web::to(move || ready(method_not_allowed(&allow)));
    resource.default_service(around(class, refusing))
}

/// Answers a route that does not exist.
///
/// # Errors
/// Always `route_not_found`.
pub async fn malformed_route() -> Result<HttpResponse, Problem> {
    Err(Problem::new(
        ErrorCode::RouteNotFound,
        "No route has this path; /api/v2/openapi.json lists them all.",
    ))
}

/// A route for a method; what answers GET answers HEAD too (RFC 9110 §9.3.2).
fn answering(method: &Method) -> actix_web::Route {
    if method == Method::GET {
        return web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    }
    web::method(method.clone())
}

fn method_not_allowed(allow: &str) -> HttpResponse {
    let problem = Problem::new(ErrorCode::MethodNotAllowed, format!("This path has the methods {allow}."));
    let mut response = actix_web::ResponseError::error_response(&problem);
    if let Ok(allow) = header::HeaderValue::from_str(allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

fn method_of(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

/// Tells in the document what the gate demands.
fn describe(mut operation: Operation, gate: Gate) -> Operation {
    let mut extensions = ExtensionsBuilder::new()
        .add("x-elder-gate", gate.kind)
        .add("x-elder-permission", gate.name)
        .add("x-elder-rate-class", gate.rate_class);
    if let Some(feature) = gate.feature {
        extensions = extensions.add("x-elder-feature", feature);
    }
    if gate.fresh {
        extensions = extensions.add("x-elder-step-up", true);
    }
    operation.extensions = Some(extensions.build());
    operation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_has_at_most_three_segments_and_no_parameter() {
        assert_eq!(stem("/api/v2/users/{user_id}/sessions"), "/api/v2/users");
        assert_eq!(stem("/api/v2/users"), "/api/v2/users");
        assert_eq!(stem("/scim/v2/{dir_id}/Users"), "/scim/v2");
        assert_eq!(stem("/metrics"), "/metrics");
    }
}
