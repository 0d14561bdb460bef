//! Brings a value that a client sent to the form that its attribute's definition asks for (RFC 7643 §2.3–§2.5).

use serde_json::{Map, Value};

use crate::{
    Habit, Options,
    error::ScimError,
    schema::{Attribute, Kind},
    values::{Object, Values},
};

/// The canonical form of a value, `None` if it stands for no value (RFC 7643 §2.5).
///
/// Some habits are served for every client, since no rule of the RFC is broken by it: booleans as strings, one
/// value instead of a list, a list of one instead of a value, a bare text instead of `{"value": …}`.
///
/// # Errors
/// `invalidValue` for a value of another type, and for two primary ones.
pub(crate) fn normalise(
    attribute: &'static Attribute,
    value: &Value,
    options: Options,
) -> Result<Option<Value>, ScimError> {
    match value {
        Value::Null => Ok(None),
        Value::Array(items) if items.is_empty() => Ok(None),
        _ if attribute.multi_valued => {
            let mut values = Values::new(attribute, Vec::new());
            values.append(normalise_elements(attribute, value, options)?);
            values.finish()
        }
        Value::Array(items) => match items.as_slice() {
            [only] => normalise(attribute, only, options),
            _ => Err(wrong_type(attribute)),
        },
        _ => normalise_one(attribute, value, options),
    }
}

/// The elements that a client sent for a multi-valued attribute; a single one need not stand in a list.
pub(crate) fn normalise_elements(
    attribute: &'static Attribute,
    value: &Value,
    options: Options,
) -> Result<Vec<Object>, ScimError> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut elements = Vec::with_capacity(items.len());
    for item in items {
        if let Some(Value::Object(element)) = normalise_one(attribute, item, options)? {
            elements.push(element);
        }
    }
    Ok(elements)
}

fn normalise_one(
    attribute: &'static Attribute,
    value: &Value,
    options: Options,
) -> Result<Option<Value>, ScimError> {
    let found = match (attribute.kind, value) {
        (_, Value::Null) => return Ok(None),
        (Kind::Complex, Value::Object(map)) => return normalise_object(attribute, map, options),
        (Kind::Complex, Value::String(text)) if attribute.sub("value").is_some() => {
            let map = Map::from_iter([("value".to_owned(), Value::from(text.as_str()))]);
            return normalise_object(attribute, &map, options);
        }
        (Kind::Boolean, Value::Bool(truth)) => Some(Value::Bool(*truth)),
        (Kind::Boolean, Value::String(text)) => boolean(text).map(Value::Bool),
        (Kind::String, Value::Number(number)) if options.numbers_as_text => {
            (options.served)(Habit::NumbersAsText);
            Some(Value::String(number.to_string()))
        }
        (Kind::String | Kind::Reference, Value::String(_)) | (Kind::Decimal, Value::Number(_)) => {
            Some(value.clone())
        }
        (Kind::DateTime, Value::String(text)) => date_time(text).map(|_| value.clone()),
        (Kind::Binary, Value::String(text)) => is_base64(text).then(|| value.clone()),
        (Kind::Integer, Value::Number(number)) => (!number.is_f64()).then(|| value.clone()),
        _ => None,
    };
    found.map(Some).ok_or_else(|| wrong_type(attribute))
}

fn normalise_object(
    attribute: &'static Attribute,
    map: &Object,
    options: Options,
) -> Result<Option<Value>, ScimError> {
    let mut object = Map::new();
    for (name, value) in map {
        let Some(sub) = attribute.sub(name).filter(|sub| !sub.is_read_only()) else { continue };
        if let Some(value) = normalise(sub, value, options).map_err(|error| error.at(attribute.name))? {
            object.insert(sub.name.to_owned(), value);
        }
    }
    Ok((!object.is_empty()).then_some(Value::Object(object)))
}

fn wrong_type(attribute: &Attribute) -> ScimError {
    let kind = match attribute.kind {
        Kind::String => "a string",
        Kind::Boolean => "a boolean",
        Kind::Decimal => "a number",
        Kind::Integer => "a whole number",
        Kind::DateTime => "a dateTime",
        Kind::Binary => "base64",
        Kind::Reference => "a URI in a string",
        Kind::Complex => "an object",
    };
    ScimError::invalid_value(format!("{} must be {kind}", attribute.name))
}

/// `true` and `false` as Entra and `OneLogin` write them.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|truth| text.eq_ignore_ascii_case(if *truth { "true" } else { "false" }))
}

/// An `xsd:dateTime`; without an offset it is UTC.
pub(crate) fn date_time(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse::<chrono::NaiveDateTime>().map(|time| time.and_utc()))
        .ok()
}

/// Base64 or base64url, padded or not (RFC 7643 §2.3.6).
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    digits.len() % 4 != 1
        && (padding == 0 || text.len().is_multiple_of(4) && padding <= 2)
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn att_5_base64_is_told_from_other_texts() {
        for good in ["", "TWFu", "TWE=", "TQ==", "TQ", "_-8"] {
            assert!(is_base64(good), "{good}");
        }
        for bad in ["T", "TQ=", "TWFu=", "a b=", "ä"] {
            assert!(!is_base64(bad), "{bad}");
        }
    }

    #[test]
    fn fil_11_times_of_entra_and_of_the_year_one_are_read() {
        assert_eq!(date_time("2011-05-13T04:42:34.1234567Z"), date_time("2011-05-13T06:42:34.1234567+02:00"));
        assert!(date_time("0001-01-01T00:00:00Z") < date_time("2011-05-13T04:42:34"));
        assert_eq!(date_time("yesterday"), None);
    }
}
