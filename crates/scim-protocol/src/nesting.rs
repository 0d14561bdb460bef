//! How deep a body may nest.

use serde_json::Value;

use crate::error::ScimError;

/// The deepest nesting of objects and arrays that a body may have. SCIM itself needs six levels
/// (a PATCH body: operations, operation, value, extension, attribute, value); the rest is room for what is ignored.
pub const MAX_NESTING: usize = 32;

/// Refuses a body that nests deeper than [`MAX_NESTING`].
pub(crate) fn check(body: &Value) -> Result<(), ScimError> {
    if is_within(body, MAX_NESTING) {
        Ok(())
    } else {
        Err(ScimError::invalid_syntax(format!("the body nests deeper than {MAX_NESTING} levels")))
    }
}

fn is_within(value: &Value, levels: usize) -> bool {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(map) => Box::new(map.values()),
        _ => return true,
    };
    levels > 0 && inner.all(|value| is_within(value, levels - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_4_a_body_may_nest_to_the_limit_and_no_deeper() {
        let nest = |levels| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(check(&nest(MAX_NESTING)).is_ok());
        assert!(check(&nest(MAX_NESTING + 1)).is_err());
    }
}
