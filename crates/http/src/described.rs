//! All faults of a body at once: what its type cannot read is held against the schema that OpenAPI shows of it.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use elder_kernel::{ErrorCode, FieldFault};
use jsonschema::{PatternOptions, ValidationError, Validator, error::ValidationErrorKind as Kind};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::Problem;

/// Faults that one answer names at most.
const MOST: usize = 100;

/// Bytes of a body that is looked at for more than its first fault: a mebibyte of wrong numbers has 500,000 of them.
const MOST_BYTES: usize = 64 << 10;

/// Adds to a problem that names one fault of `body` all others that the description of `T` can tell.
///
/// Reading stops at the first fault, by its nature. So this costs nothing where there is none.
pub(crate) fn with_all_faults<T: ToSchema + 'static>(problem: Problem, body: &str) -> Problem {
    if body.len() > MOST_BYTES {
        return problem;
    }
    let (Ok(body), Some(schema)) = (serde_json::from_str::<Value>(body), validator::<T>()) else {
        return problem;
    };
    let mut told: Vec<_> = schema.iter_errors(&body).flat_map(|error| faults(&error)).collect();
    for fault in problem.faults() {
        // The type says best what it wants; of what is missing it names but the place that lacks it.
        let is_told = !told.is_empty() && fault.detail.starts_with("missing field");
        match told.iter_mut().find(|other| other.pointer == fault.pointer) {
            Some(same) => *same = fault.clone(),
            None if is_told => {}
            None => told.push(fault.clone()),
        }
    }
    told.truncate(MOST);
    let is_unknown = |fault: &FieldFault| fault.code == "unknown_field";
    let code =
        if told.iter().any(is_unknown) { ErrorCode::UnknownField } else { ErrorCode::ValidationFailed };
    let what = "Some fields are unknown or missing, or have the wrong type or form; `errors` names each.";
    Problem::new(code, what).with_faults(told)
}

/// What checks a value against the schema of `T`, made once. None if the schema is none: a test of the document
/// finds that.
fn validator<T: ToSchema + 'static>() -> Option<Arc<Validator>> {
    static MADE: LazyLock<RwLock<HashMap<TypeId, Option<Arc<Validator>>>>> = LazyLock::new(RwLock::default);
    let kind = TypeId::of::<T>();
    if let Some(made) = MADE.read().unwrap_or_else(PoisonError::into_inner).get(&kind) {
        return made.clone();
    }
    let new = compiled::<T>().map(Arc::new);
    MADE.write().unwrap_or_else(PoisonError::into_inner).entry(kind).or_insert(new).clone()
}

fn compiled<T: ToSchema>() -> Option<Validator> {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let parts: serde_json::Map<_, _> = parts.into_iter().map(|(name, part)| (name, json!(part))).collect();
    let mut schema = json!(T::schema());
    schema.as_object_mut()?.insert("components".to_owned(), json!({ "schemas": parts }));
    jsonschema::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(&schema)
        .ok()
}

fn faults(error: &ValidationError<'_>) -> Vec<FieldFault> {
    let place = error.instance_path().as_str();
    let below = |name: &str| format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| FieldFault::new(below(name), "unknown_field", format!("unknown field `{name}`")))
            .collect(),
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldFault::new(below(name), "required", format!("missing field `{name}`"))]
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => meant(context, place, error),
        Kind::Type { .. } => vec![FieldFault::new(place, "invalid_type", masked(error))],
        _ => vec![FieldFault::new(place, "invalid_value", masked(error))],
    }
}

/// Of several forms that a value may have, the faults under the one it was meant to have: not under `null`, and
/// under the one it comes nearest to.
fn meant(
    forms: &[Vec<ValidationError<'static>>],
    place: &str,
    error: &ValidationError<'_>,
) -> Vec<FieldFault> {
    let is_of_another_type = |form: &[ValidationError<'_>]| {
        form.iter()
            .any(|fault| matches!(fault.kind(), Kind::Type { .. }) && fault.instance_path().as_str() == place)
    };
    match forms.iter().filter(|form| !is_of_another_type(form)).min_by_key(|form| form.len()) {
        Some(form) => form.iter().flat_map(faults).collect(),
        None => vec![FieldFault::new(place, "invalid_type", masked(error))],
    }
}

/// What is wrong, without the value: that may be a secret.
fn masked(error: &ValidationError<'_>) -> String {
    error.masked().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name of one word.
    #[derive(ToSchema)]
    #[schema(pattern = "^[a-z]+$")]
    struct Word(#[expect(dead_code, reason = "only its schema is asked for")] String);

    #[derive(ToSchema, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Person {
        #[schema(value_type = Word)]
        name: String,
        #[schema(value_type = Option<Word>)]
        nick: Option<String>,
        #[schema(format = "email")]
        email: String,
        #[schema(maximum = 9)]
        size: u8,
        #[schema(min_length = 8)]
        password: String,
    }

    fn told(body: &Value) -> Vec<(String, String)> {
        let first = vec![FieldFault::new("/name", "invalid_type", "what the type says")];
        let problem = Problem::new(ErrorCode::ValidationFailed, "").with_faults(first);
        let problem = with_all_faults::<Person>(problem, &body.to_string());
        problem.faults().iter().map(|fault| (fault.pointer.clone(), fault.code.to_string())).collect()
    }

    #[test]
    fn every_kind_of_fault_is_named_at_its_place() {
        let body = json!({ "name": 1, "nick": "A B", "email": "x", "size": 10, "a/b": 1 });
        let mut told = told(&body);
        told.sort();
        let expected = [
            ("/a~1b", "unknown_field"),
            ("/email", "invalid_value"),
            ("/name", "invalid_type"),
            ("/nick", "invalid_value"),
            ("/password", "required"),
            ("/size", "invalid_value"),
        ];
        assert_eq!(told, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    }

    #[test]
    fn no_fault_repeats_a_value_that_was_sent() {
        let problem = Problem::new(ErrorCode::ValidationFailed, "");
        let body = json!({ "name": "a", "email": "a@example.com", "size": 1, "password": "hunter2" });
        let problem = with_all_faults::<Person>(problem, &body.to_string());
        assert_eq!(problem.faults().len(), 1, "{problem:?}");
        assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
    }

    #[test]
    fn what_is_missing_is_named_by_its_own_place_and_once() {
        let first = vec![FieldFault::new("", "invalid_type", "missing field `name`")];
        let problem = Problem::new(ErrorCode::ValidationFailed, "").with_faults(first);
        let problem = with_all_faults::<Person>(problem, r#"{"size":1}"#);
        let places: Vec<_> = problem.faults().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/name", "/email", "/password"]);
    }
}
