//! Sorting (RFC 7644 §3.4.2.3).

use elder_kernel::{
    filter::{Dialect, Path},
    fold,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    filter::comparable,
    resource::Resource,
    schema::{Attribute, Kind, Resolved, ResourceType, Uniqueness},
    value::date_time,
    values::is_primary,
};

/// By which attribute a list is sorted, and which way.
#[derive(Debug, Clone)]
pub struct Order {
    text: String,
    target: Resolved,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

/// What a resource is sorted by. Keys of one order are of one kind, and no value is greater than any: it comes last
/// ascending and first descending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SortKey {
    /// A boolean.
    Bool(bool),
    /// A number, its bits put in an order that is the numbers' own.
    Number(u64),
    /// A time, in microseconds.
    Time(i64),
    /// A text, folded where case doesn't matter.
    Text(String),
    /// No value.
    Nothing,
}

impl Order {
    /// Reads `sortBy`; `None` if the type has no such attribute.
    ///
    /// # Errors
    /// `invalidPath` if the text is no path, or names an object that has no `value` to be sorted by.
    pub(crate) fn parse(
        kind: &ResourceType,
        text: &str,
        is_descending: bool,
    ) -> Result<Option<Self>, ScimError> {
        let invalid = |what: String| ScimError::new(ScimType::InvalidPath, format!("sortBy: {what}"));
        let path = Path::parse(text, &Dialect::SCIM).map_err(|error| invalid(error.to_string()))?;
        let Some(target) = kind.resolve(&path.attribute) else { return Ok(None) };
        let attribute = target.sub.unwrap_or(target.attribute);
        if comparable(attribute).is_none() {
            return Err(invalid(format!("{} is sorted by one of its sub-attributes", attribute.name)));
        }
        Ok(Some(Self { text: path.to_string(), target, is_descending }))
    }

    /// Whether it is by the name that is unique among resources of the type.
    pub fn is_by_name(&self) -> bool {
        let Resolved { extension, attribute, sub } = self.target;
        extension.is_none()
            && sub.is_none()
            && attribute.uniqueness == Uniqueness::Server
            && !attribute.case_exact
    }

    /// What the order says, for telling one from another.
    pub fn text(&self) -> String {
        format!("{} {}", self.text, if self.is_descending { "descending" } else { "ascending" })
    }

    /// What a resource is sorted by. Of several values it is the primary one, else the first.
    pub fn key(&self, resource: &Resource) -> SortKey {
        let Resolved { extension, attribute, sub } = self.target;
        let holder = match extension {
            Some(schema) => resource.attributes().get(schema.id).and_then(Value::as_object),
            None => Some(resource.attributes()),
        };
        let value = holder.and_then(|holder| holder.get(attribute.name)).and_then(chosen);
        let (named, value) = match sub {
            Some(sub) => (sub, value.and_then(|value| value.get(sub.name))),
            None => (attribute, value),
        };
        let Some(plain) = comparable(named) else { return SortKey::Nothing };
        let value =
            if named.kind == Kind::Complex { value.and_then(|value| value.get(plain.name)) } else { value };
        value.and_then(|value| key_of(plain, value)).unwrap_or(SortKey::Nothing)
    }
}

/// The value itself, or of a list the primary one, else the first.
fn chosen(value: &Value) -> Option<&Value> {
    let Value::Array(list) = value else { return Some(value) };
    list.iter().find(|value| value.as_object().is_some_and(is_primary)).or_else(|| list.first())
}

fn key_of(attribute: &Attribute, value: &Value) -> Option<SortKey> {
    Some(match (attribute.kind, value) {
        (_, Value::Bool(truth)) => SortKey::Bool(*truth),
        (_, Value::Number(number)) => SortKey::Number(in_order(number.as_f64()?)),
        (Kind::DateTime, Value::String(text)) => SortKey::Time(date_time(text)?.timestamp_micros()),
        (_, Value::String(text)) if attribute.case_exact => SortKey::Text(text.clone()),
        (_, Value::String(text)) => SortKey::Text(fold(text)),
        _ => return None,
    })
}

/// The bits of a number, so that they compare as the numbers do (IEEE 754 §5.10).
fn in_order(number: f64) -> u64 {
    let bits = number.to_bits();
    if number.is_sign_negative() { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Options, resource::normalise_create, schema::USER_TYPE};

    fn key(sort_by: &str, more: &Value) -> SortKey {
        let mut body = json!({"schemas": [USER_TYPE.schema.id], "userName": "Ana"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let ana = normalise_create(&USER_TYPE, &body, Options::default()).unwrap();
        Order::parse(&USER_TYPE, sort_by, false).unwrap().unwrap().key(&ana)
    }

    fn text(text: &str) -> SortKey {
        SortKey::Text(text.to_owned())
    }

    #[test]
    fn srt_3_case_matters_where_the_schema_says_so() {
        assert_eq!(key("USERNAME", &json!({})), text("ana"));
        assert_eq!(key("externalId", &json!({"externalId": "X"})), text("X"));
    }

    #[test]
    fn srt_4_of_several_values_the_primary_one_counts_else_the_first() {
        let emails = json!({"emails": [{"value": "b@c.d"}, {"value": "A@c.d", "primary": true}]});
        assert_eq!(key("emails", &emails), text("a@c.d"));
        assert_eq!(key("emails.value", &emails), text("a@c.d"));
        assert_eq!(key("roles", &json!({"roles": ["y", "x"]})), text("y"));
    }

    #[test]
    fn srt_5_an_object_is_sorted_by_one_of_its_parts() {
        assert_eq!(key("name.familyName", &json!({"name": {"familyName": "Li"}})), text("li"));
        let error = Order::parse(&USER_TYPE, "name", false).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidPath));
        assert!(Order::parse(&USER_TYPE, "shoeSize", false).unwrap().is_none());
    }

    #[test]
    fn srt_2_srt_6_no_value_is_greater_than_any_and_numbers_compare_as_numbers() {
        assert!(key("title", &json!({})) > key("title", &json!({"title": "\u{10ffff}"})));
        let mut numbers = [-1.5, 10.0, 0.0, -2.0, 9.0].map(in_order);
        numbers.sort_unstable();
        assert_eq!(numbers, [-2.0, -1.5, 0.0, 9.0, 10.0].map(in_order));
    }

    #[test]
    fn only_the_unique_name_is_sorted_by_the_index() {
        let by_name = |text| Order::parse(&USER_TYPE, text, true).unwrap().unwrap().is_by_name();
        assert!(by_name("userName") && !by_name("id") && !by_name("displayName"));
    }
}
