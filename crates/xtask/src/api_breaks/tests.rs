//! Each kind of change, on a small document; and the document of the tree.

use serde_json::{Value, json};

use super::{compare::documents, run};
use crate::{Verdict, workspace::Workspace};

fn document() -> Value {
    json!({
        "paths": { "/things": {
            "get": {
                "x-elder-permission": "things:read",
                "parameters": [{ "name": "limit", "in": "query", "required": false,
                    "schema": { "type": "integer", "maximum": 200 } }],
                "responses": {
                    "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                    "404": { "description": "There is none." },
                },
            },
            "post": {
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/NewThing" } } } },
                "responses": { "201": {} },
            },
        } },
        "components": { "schemas": {
            "Thing": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "string" },
                "kind": { "type": "string", "enum": ["a", "b"] },
                "below": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } },
            } },
            "NewThing": { "type": "object", "required": [], "properties": {
                "name": { "type": ["string", "null"], "maxLength": 200 },
                "kind": { "type": "string", "enum": ["a", "b"] },
            } },
        } },
    })
}

/// What breaks when the value at `pointer` becomes `value`; null takes it away.
#[track_caller]
fn breaks(pointer: &str, value: Value) -> Vec<String> {
    let (old, mut new) = (document(), document());
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    let parent = new.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(fields) if value.is_null() => drop(fields.remove(&name).unwrap()),
        Value::Object(fields) => drop(fields.insert(name, value)),
        Value::Array(items) => items.insert(name.parse().unwrap(), value),
        _ => panic!("{pointer} lies in no object"),
    }
    documents(&old, &new)
}

#[test]
fn the_same_document_breaks_nothing() {
    assert_eq!(documents(&document(), &document()), [""; 0]);
}

#[test]
fn what_a_client_relied_on_and_is_gone_breaks_it() {
    let get = "GET /things";
    for (pointer, value, words) in [
        ("/paths/~1things", Value::Null, "GET /things: the operation is gone"),
        ("/paths/~1things/post", Value::Null, "POST /things: the operation is gone"),
        ("/paths/~1things/get/responses/200", Value::Null, "GET /things: the answer 200 is gone"),
        ("/components/schemas/Thing/properties/kind", Value::Null, "GET /things 200.kind: the field is gone"),
        ("/components/schemas/Thing/required", json!([]), "GET /things 200.id: the field may be missing now"),
        (
            "/components/schemas/NewThing/properties/name",
            Value::Null,
            "POST /things body.name: the field is gone",
        ),
        ("/paths/~1things/get/parameters", json!([]), "GET /things limit: the parameter is gone"),
    ] {
        let found = breaks(pointer, value);
        assert_eq!(found.first().map(String::as_str), Some(words), "{get}: {found:?}");
    }
}

#[test]
fn what_a_client_has_to_send_newly_breaks_it() {
    let required =
        json!({ "name": "shape", "in": "query", "required": true, "schema": { "type": "string" } });
    let found = breaks("/paths/~1things/get/parameters/0", required);
    assert_eq!(found, ["GET /things shape: a new parameter is required"]);
    let found = breaks("/components/schemas/NewThing/required", json!(["kind"]));
    assert_eq!(found, ["POST /things body.kind: the field is required now"]);
    let found = breaks("/paths/~1things/post/requestBody/required", json!(true));
    assert_eq!(found, ["POST /things: a body is required now"]);
    let found = breaks("/paths/~1things/get/x-elder-permission", json!("things:write"));
    assert_eq!(found, ["GET /things: needs the permission things:write instead of things:read"]);
}

#[test]
fn a_narrower_value_or_another_type_breaks_a_client() {
    for (pointer, value, words) in [
        (
            "/components/schemas/NewThing/properties/kind/enum",
            json!(["a"]),
            "POST /things body.kind: the value \"b\" is not taken any more",
        ),
        (
            "/components/schemas/NewThing/properties/name/type",
            json!("string"),
            "POST /things body.name: the type is {\"string\"} instead of {\"null\", \"string\"}",
        ),
        (
            "/components/schemas/NewThing/properties/name/maxLength",
            json!(100),
            "POST /things body.name: `maxLength` is 100 instead of 200",
        ),
        (
            "/components/schemas/Thing/properties/id/type",
            json!("integer"),
            "GET /things 200.id: the type is {\"integer\"} instead of {\"string\"}",
        ),
        (
            "/components/schemas/Thing/properties/id/type",
            json!(["string", "null"]),
            "GET /things 200.id: the type is {\"null\", \"string\"} instead of {\"string\"}",
        ),
    ] {
        assert_eq!(breaks(pointer, value), [words]);
    }
}

#[test]
fn what_is_added_or_widened_breaks_nobody() {
    for (pointer, value) in [
        ("/paths/~1others", json!({ "get": { "responses": {} } })),
        ("/components/schemas/Thing/properties/new", json!({ "type": "string" })),
        ("/components/schemas/Thing/properties/kind/enum", json!(["a", "b", "c"])),
        ("/components/schemas/NewThing/properties/new", json!({ "type": "string" })),
        ("/components/schemas/NewThing/properties/kind/enum", json!(["a", "b", "c"])),
        ("/components/schemas/NewThing/properties/name/maxLength", json!(300)),
        ("/paths/~1things/get/parameters/0", json!({ "name": "q", "in": "query", "schema": {} })),
        ("/paths/~1things/get/responses/404", Value::Null),
    ] {
        assert_eq!(breaks(pointer, value), [""; 0], "{pointer}");
    }
}

#[test]
fn the_document_of_the_tree_breaks_nothing_of_the_baseline() {
    match run(&Workspace::find().unwrap()).unwrap() {
        Verdict::Done(_) => {}
        Verdict::Wrong(words) => panic!("{words}"),
    }
}
