//! What entity tags add to an operation: the conditions that a request may carry, and the answers to them.

use elder_http::Route;
use utoipa::openapi::{RefOr, Response, path::Operation};

use super::{is_guarded, is_scim, request_header, text};

/// Whether the operation changes something that a caller may bind to a state by `If-Match`.
pub(super) fn is_conditional(route: &Route) -> bool {
    route.method != "GET" && is_guarded(route) && !is_scim(route)
}

/// Adds the conditions of an operation.
pub(super) fn describe(route: &Route, operation: &mut Operation) {
    let names = |name: &str| {
        let mut parameters = route.operation.parameters.iter().flatten();
        parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
    };
    let added = if is_conditional(route) {
        request_header(
            "If-Match",
            "The `ETag` of the state that the change is for; another one gets 412.",
            text(),
        )
    } else if is_guarded(route) && !is_scim(route) && !names("cursor") {
        let known = Response::new("The caller has this state already.");
        operation.responses.responses.insert("304".to_owned(), RefOr::T(known));
        request_header(
            "If-None-Match",
            "The `ETag` of the state that the caller has; the same one gets 304.",
            text(),
        )
    } else {
        return;
    };
    operation.parameters.get_or_insert_default().push(RefOr::T(added));
}
