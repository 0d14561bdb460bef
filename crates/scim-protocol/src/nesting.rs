//! How deep a body may nest, and that no object of it names an attribute twice.

use std::collections::HashSet;

use serde_json::Value;

use crate::error::ScimError;

/// The deepest nesting of objects and arrays that a body may have. SCIM itself needs six levels
/// (a PATCH body: operations, operation, value, extension, attribute, value); the rest is room for what is ignored.
pub const MAX_NESTING: usize = 32;

/// Refuses a body that nests deeper than [`MAX_NESTING`], and two names that differ in case alone, since they name the
/// same attribute (RFC 7643 §2.1).
pub(crate) fn check(body: &Value) -> Result<(), ScimError> {
    check_within(body, MAX_NESTING)
}

fn check_within(value: &Value, levels: usize) -> Result<(), ScimError> {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(map) => {
            let mut names = HashSet::new();
            if let Some(twice) = map.keys().find(|name| !names.insert(name.to_ascii_lowercase())) {
                return Err(ScimError::invalid_syntax(format!("{twice} stands twice in one object")));
            }
            Box::new(map.values())
        }
        _ => return Ok(()),
    };
    let Some(levels) = levels.checked_sub(1) else {
        return Err(ScimError::invalid_syntax(format!("the body nests deeper than {MAX_NESTING} levels")));
    };
    inner.try_for_each(|value| check_within(value, levels))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sec_4_a_body_may_nest_to_the_limit_and_no_deeper() {
        let nest = |levels| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(check(&nest(MAX_NESTING)).is_ok());
        assert!(check(&nest(MAX_NESTING + 1)).is_err());
    }

    #[test]
    fn two_names_of_one_object_that_differ_in_case_alone_are_refused() {
        assert!(
            check(&json!({ "name": { "givenName": "A" }, "emails": [{ "value": "a" }, { "VALUE": "b" }] }))
                .is_ok()
        );
        assert!(check(&json!({ "userName": "a", "username": "b" })).is_err());
        assert!(check(&json!({ "emails": [{ "value": "a", "VALUE": "b" }] })).is_err());
    }
}
