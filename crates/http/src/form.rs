//! What of a body may be kept: as much as its schema describes, and none of what that marks as secret.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";
/// What stands in place of a value that may be anything, by its schema, or has another type than that says.
pub const LEFT_OUT: &str = "[left out]";

/// What the schema of a value lets be kept of it. Where a value may have several forms, what is secret in one of them is
/// secret in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    is_secret: bool,
    simple: BTreeSet<Simple>,
    items: Option<Box<Self>>,
    fields: BTreeMap<String, Self>,
    others: Option<Box<Self>>,
}

/// A type of values that have nothing within.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Simple {
    Text,
    Number,
    Truth,
}

impl Form {
    /// The form of a type, as its schema describes it.
    pub fn of<T: ToSchema>() -> Self {
        let mut named = Vec::new();
        T::schemas(&mut named);
        let named: BTreeMap<_, _> = named.into_iter().map(|(name, schema)| (name, json!(schema))).collect();
        Self::read(&json!(T::schema()), &|name| named.get(name).cloned())
    }

    /// Reads a schema (OpenAPI 3.1); `named` gives those that it refers to. What refers to itself is described once, and
    /// nothing is kept of what lies deeper.
    pub(crate) fn read(schema: &Value, named: &impl Fn(&str) -> Option<Value>) -> Self {
        Self::below(schema, named, &mut Vec::new())
    }

    fn below(schema: &Value, named: &impl Fn(&str) -> Option<Value>, within: &mut Vec<String>) -> Self {
        let mut form = Self::of_type(schema);
        if let Some(name) = schema["$ref"].as_str().and_then(|place| place.rsplit('/').next())
            && !within.iter().any(|outer| outer == name)
            && let Some(meant) = named(name)
        {
            within.push(name.to_owned());
            form = form.or(Self::below(&meant, named, within));
            within.pop();
        }
        for choice in ["oneOf", "anyOf", "allOf"] {
            for part in schema[choice].as_array().into_iter().flatten() {
                form = form.or(Self::below(part, named, within));
            }
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let field = Self::below(field, named, within);
            let known = form.fields.remove(name).unwrap_or_default();
            form.fields.insert(name.clone(), known.or(field));
        }
        let mut part = |name: &str| {
            schema[name].is_object().then(|| Box::new(Self::below(&schema[name], named, within)))
        };
        let (items, others) = (part("items"), part("additionalProperties"));
        form.or(Self { items, others, ..Self::default() })
    }

    /// What the words of a schema say about the value itself.
    fn of_type(schema: &Value) -> Self {
        let types = &schema["type"];
        let is = |name: &str| {
            types == name || types.as_array().is_some_and(|types| types.iter().any(|one| one == name))
        };
        let named = [
            ("string", Simple::Text),
            ("number", Simple::Number),
            ("integer", Simple::Number),
            ("boolean", Simple::Truth),
        ];
        Self {
            is_secret: schema["format"] == "password" || schema["writeOnly"] == true,
            simple: named.into_iter().filter(|(name, _)| is(name)).map(|(_, simple)| simple).collect(),
            ..Self::default()
        }
    }

    /// The form of what has one form or the other.
    fn or(mut self, other: Self) -> Self {
        let either = |one: Option<Box<Self>>, other: Option<Box<Self>>| match (one, other) {
            (Some(one), Some(other)) => Some(Box::new(one.or(*other))),
            (one, other) => one.or(other),
        };
        for (name, field) in other.fields {
            let known = self.fields.remove(&name).unwrap_or_default();
            self.fields.insert(name, known.or(field));
        }
        Self {
            is_secret: self.is_secret || other.is_secret,
            simple: self.simple.union(&other.simple).copied().collect(),
            items: either(self.items, other.items),
            fields: self.fields,
            others: either(self.others, other.others),
        }
    }

    /// What may be kept of a value.
    pub fn kept(&self, value: Value) -> Value {
        match value {
            Value::Null => Value::Null,
            _ if self.is_secret => REDACTED.into(),
            Value::Bool(_) if self.simple.contains(&Simple::Truth) => value,
            Value::Number(_) if self.simple.contains(&Simple::Number) => value,
            Value::String(_) if self.simple.contains(&Simple::Text) => value,
            Value::Array(items) => match &self.items {
                Some(form) => items.into_iter().map(|item| form.kept(item)).collect(),
                None => LEFT_OUT.into(),
            },
            Value::Object(fields) if !self.fields.is_empty() || self.others.is_some() => {
                Value::Object(self.kept_fields(fields))
            }
            _ => LEFT_OUT.into(),
        }
    }

    /// A field that is not described goes with its name, which may be anything too.
    fn kept_fields(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let kept = |(name, value): (String, Value)| {
            let form = self.fields.get(&name).or(self.others.as_deref())?;
            Some((name, form.kept(value)))
        };
        fields.into_iter().filter_map(kept).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(schema: &Value, value: Value) -> Value {
        let named = |name: &str| match name {
            "Secret" => Some(json!({ "type": "string", "format": "password", "writeOnly": true })),
            "Name" => Some(json!({ "type": "string" })),
            "Tree" => Some(json!({ "properties": {
                "name": { "type": "string" }, "below": { "$ref": "#/components/schemas/Tree" } } })),
            _ => None,
        };
        Form::read(schema, &named).kept(value)
    }

    #[test]
    fn what_is_described_is_kept_and_what_is_not_goes_with_its_name() {
        let schema = json!({ "type": "object", "properties": {
            "name": { "$ref": "#/components/schemas/Name" }, "size": { "type": ["integer", "null"] },
            "is_new": { "type": "boolean" }, "tags": { "type": "array", "items": { "type": "string" } } } });
        let value =
            json!({ "name": "a", "size": null, "is_new": true, "tags": ["x", 1], "hunter2": "hunter2" });
        assert_eq!(
            kept(&schema, value),
            json!({ "name": "a", "size": null, "is_new": true, "tags": ["x", LEFT_OUT] })
        );
    }

    #[test]
    fn a_secret_is_redacted_wherever_it_stands_and_whatever_its_type() {
        let secret = json!({ "$ref": "#/components/schemas/Secret" });
        for (schema, value, expected) in [
            (json!({ "properties": { "p": secret } }), json!({ "p": "x" }), json!({ "p": REDACTED })),
            (
                json!({ "properties": { "p": secret } }),
                json!({ "p": { "a": "x" } }),
                json!({ "p": REDACTED }),
            ),
            (json!({ "properties": { "p": secret } }), json!({ "p": null }), json!({ "p": null })),
            (
                json!({ "items": { "properties": { "p": secret } } }),
                json!([{ "p": "x" }]),
                json!([{ "p": REDACTED }]),
            ),
            (json!({ "additionalProperties": secret }), json!({ "any": "x" }), json!({ "any": REDACTED })),
            (
                json!({ "allOf": [{ "properties": { "p": { "type": "string" } } }, { "properties": { "p": secret } }] }),
                json!({ "p": "x" }),
                json!({ "p": REDACTED }),
            ),
            (
                json!({ "properties": { "p": { "type": "string", "writeOnly": true } } }),
                json!({ "p": "x" }),
                json!({ "p": REDACTED }),
            ),
        ] {
            assert_eq!(kept(&schema, value), expected, "{schema}");
        }
    }

    #[test]
    fn what_is_secret_in_one_of_several_forms_is_secret_in_all() {
        let schema = json!({ "oneOf": [
            { "properties": { "kind": { "type": "string" }, "key": { "type": "string" } } },
            { "properties": { "kind": { "type": "string" }, "key": { "type": "string", "format": "password" } } },
            { "type": "null" },
        ] });
        assert_eq!(
            kept(&schema, json!({ "kind": "a", "key": "x" })),
            json!({ "kind": "a", "key": REDACTED })
        );
    }

    #[test]
    fn what_may_be_anything_or_has_another_type_is_left_out() {
        let schema = json!({ "properties": {
            "any": {}, "object": { "type": "object" }, "size": { "type": "integer" }, "name": { "type": "string" } } });
        let value = json!({ "any": "x", "object": { "a": "x" }, "size": "x", "name": { "password": "x" } });
        let out = LEFT_OUT;
        assert_eq!(kept(&schema, value), json!({ "any": out, "object": out, "size": out, "name": out }));
        for value in [json!("x"), json!(["x"]), json!({ "a": "x" }), json!(1), json!(true)] {
            assert_eq!(kept(&json!({}), value), LEFT_OUT);
        }
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({ "$ref": "#/components/schemas/Tree" });
        let value = json!({ "name": "a", "below": { "name": "b", "below": { "name": "c" } } });
        assert_eq!(kept(&schema, value), json!({ "name": "a", "below": LEFT_OUT }));
    }
}
