//! The values of a list that is kept apart from its document, such as a group's members: each is known by a key.

use serde_json::Value;

use crate::{error::ScimError, values::Object};

/// The key of a value: its `value`, else what its `$ref` ends in.
pub(crate) fn key_of(element: &Object) -> Option<&str> {
    let text = |name: &str| element.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("value").or_else(|| text("$ref")?.rsplit('/').next())
}

/// The elements, each with its key as `value`.
///
/// # Errors
/// `invalidValue` if one has none.
pub(crate) fn keyed(elements: Vec<Object>) -> Result<Vec<Object>, ScimError> {
    let keyed = |mut element: Object| {
        let key = key_of(&element).map(Value::from);
        let key = key.ok_or_else(|| ScimError::invalid_value("a value of the list has no `value`"))?;
        element.insert("value".to_owned(), key);
        Ok(element)
    };
    elements.into_iter().map(keyed).collect()
}
