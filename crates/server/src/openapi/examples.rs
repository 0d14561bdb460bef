//! An example for every body, made from what its schema says of its fields.

use serde_json::{Map, Value, json};
use utoipa::openapi::{Content, RefOr, Schema, path::Operation};

/// Deep enough for every schema that is not a circle.
const DEEPEST: usize = 12;

/// Fields that mean the same wherever they stand, and whose schemas give no example of their own.
const FIELDS: [(&str, &str); 19] = [
    ("name", "Engineering"),
    ("slug", "acme"),
    ("email", "ada@acme.example"),
    ("full_name", "Ada Lovelace"),
    ("description", "Those who build it."),
    ("external_id", "00u1a2b3c4"),
    ("locale", "en-GB"),
    ("time_zone", "Europe/London"),
    ("version", env!("CARGO_PKG_VERSION")),
    ("message", "Back at noon."),
    ("detail", "What was wrong and what would be right."),
    ("role", "reader"),
    ("role_name", "Reader"),
    ("feature", "scim"),
    ("ip", "192.0.2.7"),
    ("user_agent", "curl/8.14.1"),
    ("access_token", "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"),
    ("refresh_token", "a-refresh-token"),
    ("next_cursor", "b3BhcXVl"),
];

/// Makes examples of schemas that refer to each other.
pub(super) struct Examples(Map<String, Value>);

impl Examples {
    pub(super) fn of(named: &[(String, RefOr<Schema>)]) -> Self {
        Self(named.iter().map(|(name, schema)| (name.clone(), json!(schema))).collect())
    }

    /// Gives each body of an operation and each JSON of a good answer an example, where it has none.
    pub(super) fn illustrate(&self, operation: &mut Operation) {
        let answers = operation.responses.responses.iter_mut();
        let good =
            answers.filter(|(status, _)| status.starts_with('2')).filter_map(|(_, answer)| match answer {
                RefOr::T(answer) => Some(&mut answer.content),
                RefOr::Ref(_) => None,
            });
        let answered = good.flat_map(|content| content.iter_mut());
        let sent = operation.request_body.iter_mut().filter_map(|body| match body {
            RefOr::T(body) => Some(&mut body.content),
            RefOr::Ref(_) => None,
        });
        let sent = sent.flat_map(|content| content.iter_mut());
        for (media_type, content) in sent.chain(answered) {
            if let (true, RefOr::T(content)) = (media_type.ends_with("json"), content) {
                self.complete(content);
            }
        }
    }

    fn complete(&self, content: &mut Content) {
        if let (None, true, Some(schema)) = (&content.example, content.examples.is_empty(), &content.schema) {
            content.example = Some(self.of_schema(&json!(schema), "", DEEPEST));
        }
    }

    /// An example of what stands in the field `name`.
    fn of_schema(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Null };
        let first = |list: &'static str| schema[list].get(0).unwrap_or(&Value::Null);
        let given = [&schema["example"], first("examples"), &schema["const"], first("enum")];
        if let Some(given) = given.into_iter().chain([&schema["default"]]).find(|given| !given.is_null()) {
            return given.clone();
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let target = reference.rsplit('/').next().and_then(|target| self.0.get(target));
            return target.map_or(Value::Null, |target| self.of_schema(target, name, depth));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().map(|part| self.of_schema(part, name, depth));
            return Value::Object(parts.filter_map(|part| part.as_object().cloned()).flatten().collect());
        }
        if let Some(ways) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            let way = ways.iter().find(|way| way["type"] != "null");
            return way.map_or(Value::Null, |way| self.of_schema(way, name, depth));
        }
        match kind(schema) {
            "object" => self.of_fields(schema, depth),
            "array" => json!([self.of_schema(&schema["items"], name, depth)]),
            "string" => json!(text(schema, name)),
            "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
            "boolean" => json!(true),
            _ => Value::Null,
        }
    }

    fn of_fields(&self, schema: &Value, depth: usize) -> Value {
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields.map(|(name, field)| (name.clone(), self.of_schema(field, name, depth))).collect()
    }
}

/// The type of a schema, of which null may be another.
fn kind(schema: &Value) -> &str {
    let kinds = schema["type"].as_array().into_iter().flatten();
    let kind = kinds.chain([&schema["type"]]).filter_map(Value::as_str).find(|kind| *kind != "null");
    kind.unwrap_or(if schema["properties"].is_object() { "object" } else { "" })
}

fn text(schema: &Value, name: &str) -> &'static str {
    match schema["format"].as_str() {
        Some("date-time") => "2026-11-21T02:20:42.123456Z",
        Some("date") => "2026-11-21",
        Some("uuid") => "019aa3f0-5f2a-7c3d-9e4b-1a2b3c4d5e6f",
        Some("uri") => "https://id.acme.example",
        Some("password") => "correct horse battery staple",
        _ => FIELDS.iter().find(|(known, _)| *known == name).map_or("text", |(_, example)| example),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_every_field_and_follows_what_the_schema_says() {
        let named = json!({ "Kind": { "type": "string", "enum": ["first", "second"] } });
        let examples = Examples(named.as_object().unwrap().clone());
        let schema = json!({ "type": "object", "properties": {
            "kind": { "$ref": "#/components/schemas/Kind" },
            "others": { "type": "array", "items": { "$ref": "#/components/schemas/Kind" } },
            "maybe": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Kind" }] },
            "email": { "type": ["string", "null"] },
            "given": { "type": "string", "example": "so" },
            "many": { "type": "integer", "minimum": 8 },
            "at": { "type": "string", "format": "date-time" },
        } });
        let expected = json!({
            "kind": "first", "others": ["first"], "maybe": "first", "email": "ada@acme.example", "given": "so",
            "many": 8, "at": "2026-11-21T02:20:42.123456Z",
        });
        assert_eq!(examples.of_schema(&schema, "", DEEPEST), expected);
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let named = json!({ "Tree": { "type": "object", "properties": { "below": { "$ref": "#/components/schemas/Tree" } } } });
        let examples = Examples(named.as_object().unwrap().clone());
        assert!(
            examples.of_schema(&json!({ "$ref": "#/components/schemas/Tree" }), "", DEEPEST)["below"]
                .is_object()
        );
    }
}
