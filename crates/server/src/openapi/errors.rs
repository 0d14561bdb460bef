//! Which error codes an operation gives with each status: those that its own words name in back quotes, and those of
//! every operation of its form.

use elder_access::PermissionRow;
use elder_api_types::problem::ProblemDocument;
use elder_http::{Public, Route};
use elder_kernel::ErrorCode;
use elder_scim_protocol::error::ErrorBody;
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        Content, ContentBuilder, Ref, RefOr, Response,
        extensions::{Extensions, ExtensionsBuilder},
        path::{Operation, ParameterIn},
    },
};

use super::{is_guarded, is_scim, repeats::is_repeatable, versions::is_conditional};

/// Completes the error answers of an operation.
pub(super) fn describe(route: &Route, operation: &mut Operation) {
    let common = common(route);
    for code in &common {
        operation
            .responses
            .responses
            .entry(code.status().to_string())
            .or_insert_with(|| RefOr::T(Response::new("")));
    }
    for (status, answer) in &mut operation.responses.responses {
        let (Ok(status @ 400..), RefOr::T(answer)) = (status.parse::<u16>(), answer) else { continue };
        // What is described with a body of its own is a page or a report, and no problem.
        if answer.content.is_empty() {
            let common = common.iter().copied().filter(|code| code.status() == status);
            complete(answer, status, common, || body(route));
        }
    }
}

fn complete(
    answer: &mut Response,
    status: u16,
    common: impl Iterator<Item = ErrorCode>,
    body: impl FnOnce() -> (&'static str, Content),
) {
    let mut codes = named(&answer.description, status);
    for code in common {
        if !codes.contains(&code) {
            let space = if answer.description.is_empty() { "" } else { " " };
            let words = format!("{space}`{}`: {}.", code.slug(), code.title());
            answer.description.push_str(&words);
            codes.push(code);
        }
    }
    let told = ExtensionsBuilder::new().add("x-elder-error-codes", json!(codes)).build();
    answer.extensions.get_or_insert_with(Extensions::default).merge(told);
    let (media_type, content) = body();
    answer.content.insert(media_type.to_owned(), RefOr::T(content));
}

/// The codes of this status that a description names.
fn named(description: &str, status: u16) -> Vec<ErrorCode> {
    let quoted = description.split('`').skip(1).step_by(2);
    quoted.filter_map(ErrorCode::named).filter(|code| code.status() == status).collect()
}

/// What the extractors and the gate before a handler can answer.
fn common(route: &Route) -> Vec<ErrorCode> {
    let (scim, guarded, open) = (is_scim(route), is_guarded(route), route.gate.kind == "public");
    let takes_body = route.operation.request_body.is_some();
    let parameters = || route.operation.parameters.iter().flatten();
    let has = |place: ParameterIn| {
        parameters()
            .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == place))
    };
    let takes = |name: &str| {
        parameters().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
    };
    let named = has(ParameterIn::Path);
    let possible = [
        (takes_body, ErrorCode::MalformedJson),
        (takes_body && !scim, ErrorCode::UnknownField),
        (takes_body, ErrorCode::ValidationFailed),
        (named, ErrorCode::InvalidId),
        (has(ParameterIn::Query) || is_repeatable(route), ErrorCode::InvalidParameter),
        (takes("cursor"), ErrorCode::InvalidCursor),
        (takes("filter"), ErrorCode::InvalidFilter),
        (guarded, ErrorCode::Unauthenticated),
        (route.gate.fresh, ErrorCode::StepUpRequired),
        (is_licensed(route), ErrorCode::LicenseRequired),
        (guarded, ErrorCode::PermissionDenied),
        (guarded, ErrorCode::TenantForbidden),
        (guarded, ErrorCode::NetworkForbidden),
        (named, ErrorCode::NotFound),
        (is_conditional(route), ErrorCode::VersionMismatch),
        (is_repeatable(route), ErrorCode::IdempotencyInProgress),
        (is_repeatable(route), ErrorCode::IdempotencyKeyReused),
        (takes_body, ErrorCode::PayloadTooLarge),
        (takes_body, ErrorCode::UnsupportedMediaType),
        (route.gate.rate_class != Public::RATE_CLASS, ErrorCode::RateLimited),
        (!open, ErrorCode::InternalError),
        (!open, ErrorCode::Unavailable),
        (!open || closes(route), ErrorCode::Maintenance),
        (scim, ErrorCode::DirectoryPaused),
    ];
    possible.into_iter().filter_map(|(can_be, code)| can_be.then_some(code)).collect()
}

/// Whether the licence has a say: by a feature, by its number of tenants or of people.
fn is_licensed(route: &Route) -> bool {
    let row: Option<&PermissionRow> = route.gate.name.parse().ok();
    let adds_people = ["registration", "invitation"].contains(&route.gate.name);
    route.gate.feature.is_some() || adds_people || row.is_some_and(PermissionRow::needs_covered_tenant)
}

/// Whether even what is public there is shut while the platform is under maintenance.
fn closes(route: &Route) -> bool {
    is_scim(route) || route.path.starts_with("/api/")
}

fn body(route: &Route) -> (&'static str, Content) {
    let (media_type, schema) = if is_scim(route) {
        ("application/scim+json", ErrorBody::name())
    } else {
        ("application/problem+json", ProblemDocument::name())
    };
    (media_type, ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_names_the_codes_of_its_status() {
        let words = "`organization_cycle`: it lies below. `not_found`, `some_field`; `already_exists`.";
        assert_eq!(named(words, 409), [ErrorCode::OrganizationCycle, ErrorCode::AlreadyExists]);
        assert_eq!(named(words, 404), [ErrorCode::NotFound]);
        assert_eq!(named("not_found", 404), []);
    }

    #[test]
    fn what_the_form_of_a_route_adds_is_told_beside_its_own_words() {
        let mut answer = Response::new("`already_exists`: another has the name.");
        let common = [ErrorCode::AlreadyExists, ErrorCode::Conflict];
        complete(&mut answer, 409, common.into_iter(), || ("application/problem+json", Content::default()));
        let words =
            "`already_exists`: another has the name. `conflict`: The present state does not allow this.";
        assert_eq!(answer.description, words);
        let codes = &answer.extensions.unwrap()["x-elder-error-codes"];
        assert_eq!(codes, &json!(["already_exists", "conflict"]));
    }
}
