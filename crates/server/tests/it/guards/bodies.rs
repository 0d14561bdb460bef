//! Nothing that is secret is kept of any body: everything in the document that sounds like it is marked, and what is marked goes.

use std::collections::BTreeSet;

use elder_http::{BodyForms, Form, name_of};
use serde_json::{Map, Value, json};

/// What the planted values of secrets have in them.
const CANARY: &str = "CaNaRy";
/// Parts of names that sound like a secret.
const TELLING: [&str; 9] =
    ["password", "secret", "token", "key", "code", "assertion", "credential", "private", "otp"];
/// Fields that sound like one and are none.
const NO_SECRETS: &str = "
    code token_type token_id tokens writing_tokens has_password has_client_secret actor_key_id access_key_id
    credential_changes oidc_token_endpoint_auth_method backup_codes_left";

fn document() -> Value {
    serde_json::to_value(elder_server::openapi()).unwrap()
}

fn named<'d>(document: &'d Value, schema: &'d Value) -> Option<(&'d str, &'d Value)> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    Some((name, &document["components"]["schemas"][name]))
}

fn is_marked(schema: &Value) -> bool {
    schema["format"] == "password" || schema["writeOnly"] == true
}

/// Whether a value has fields of its own, such as settings about passwords: then they are looked at.
fn has_fields(document: &Value, schema: &Value) -> bool {
    schema["properties"].is_object()
        || named(document, schema).is_some_and(|(_, meant)| has_fields(document, meant))
        || schema["anyOf"].as_array().into_iter().flatten().any(|part| has_fields(document, part))
}

/// Every field in a schema, by its name, with its own schema; what is named is looked at once.
fn fields<'d>(
    document: &'d Value,
    schema: &'d Value,
    seen: &mut BTreeSet<&'d str>,
    found: &mut Vec<(String, &'d Value)>,
) {
    if let Some((name, meant)) = named(document, schema)
        && seen.insert(name)
    {
        fields(document, meant, seen, found);
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        found.push((name.clone(), field));
        fields(document, field, seen, found);
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        for part in schema[choice].as_array().into_iter().flatten() {
            fields(document, part, seen, found);
        }
    }
    for part in ["items", "additionalProperties"].map(|part| &schema[part]) {
        if part.is_object() {
            fields(document, part, seen, found);
        }
    }
}

/// A value with every field that a schema knows, in all of its forms at once, and a canary wherever a secret is.
fn full(document: &Value, schema: &Value, within: &[&str], planted: &mut usize) -> Value {
    if is_marked(schema) {
        *planted += 1;
        return json!(CANARY);
    }
    let mut value = Value::Null;
    let mut add = |other: Value| match (&mut value, other) {
        (Value::Object(fields), Value::Object(others)) => fields.extend(others),
        (value, other) if !other.is_null() && !value.is_object() => *value = other,
        _ => {}
    };
    if let Some((name, meant)) = named(document, schema)
        && !within.contains(&name)
    {
        add(full(document, meant, &[within, &[name]].concat(), planted));
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        for part in schema[choice].as_array().into_iter().flatten() {
            add(full(document, part, within, planted));
        }
    }
    if let Some(fields) = schema["properties"].as_object() {
        let fields =
            fields.iter().map(|(name, field)| (name.clone(), full(document, field, within, planted)));
        add(Value::Object(fields.collect::<Map<_, _>>()));
    }
    if schema["items"].is_object() {
        add(json!([full(document, &schema["items"], within, planted)]));
    }
    if schema["additionalProperties"].is_object() {
        add(json!({ "any": full(document, &schema["additionalProperties"], within, planted) }));
    }
    let types = schema["type"].to_string();
    for (name, simple) in [("string", json!("x")), ("integer", json!(1)), ("boolean", json!(true))] {
        if types.contains(name) {
            add(simple);
        }
    }
    value
}

/// Every body of every route that may be kept: whose, its form, and its schema.
fn bodies<'d>(document: &'d Value, forms: &BodyForms) -> Vec<(String, Option<Form>, &'d Value)> {
    let mut bodies = Vec::new();
    for route in elder_server::api().routes() {
        let name = name_of(route.method.as_str(), &route.path);
        if !forms.cover(&name) {
            continue;
        }
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        let schema = |of: &'d Value| of["content"].as_object()?.values().next()?.get("schema");
        if let Some(schema) = schema(&operation["requestBody"]) {
            bodies.push((name.clone(), forms.request(&name).cloned(), schema));
        }
        for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
            if let Some(schema) = schema(answer) {
                let form = status.parse().ok().and_then(|status| forms.answer(&name, status));
                bodies.push((format!("{name}: {status}"), form.cloned(), schema));
            }
        }
    }
    bodies
}

#[test]
fn w_31_whatever_is_marked_as_secret_in_any_body_is_redacted() {
    let (document, forms) = (document(), BodyForms::of(&elder_server::api()));
    let (mut planted, mut kept, mut shown) = (0, 0, Vec::new());
    for (body, form, schema) in bodies(&document, &forms) {
        let value = full(&document, schema, &[], &mut planted);
        let Some(form) = form else { continue };
        let redacted = form.kept(value.clone());
        kept += usize::from(redacted.to_string().contains("\"x\""));
        if redacted.to_string().contains(CANARY) {
            shown.push(format!("{body}: {redacted}"));
        }
    }
    assert!(shown.is_empty(), "{shown:#?}");
    assert!(planted > 30 && kept > 150, "{planted} planted, {kept} with something left");
}

#[test]
fn w_31_every_field_that_sounds_like_a_secret_is_marked_or_said_to_be_none() {
    let (document, forms) = (document(), BodyForms::of(&elder_server::api()));
    let no_secrets: BTreeSet<_> = NO_SECRETS.split_whitespace().collect();
    let mut unmarked = BTreeSet::new();
    for (body, _, schema) in bodies(&document, &forms) {
        let mut found = Vec::new();
        fields(&document, schema, &mut BTreeSet::new(), &mut found);
        for (name, schema) in found {
            let sounds = TELLING.iter().any(|part| name.contains(part));
            let is_marked =
                is_marked(schema) || named(&document, schema).is_some_and(|(_, meant)| is_marked(meant));
            if sounds && !is_marked && !has_fields(&document, schema) && !no_secrets.contains(name.as_str()) {
                unmarked.insert(format!("{name} ({body})"));
            }
        }
    }
    assert!(unmarked.is_empty(), "mark them, or say in this file that they are no secrets: {unmarked:#?}");
}

#[test]
fn nothing_is_kept_where_people_prove_who_they_are_or_at_their_own_accounts() {
    let forms = BodyForms::of(&elder_server::api());
    let mut kept = 0;
    for route in elder_server::api().routes() {
        let covered = forms.cover(&name_of(route.method.as_str(), &route.path));
        let is_behind_permission = ["permission", "global_permission"].contains(&route.gate.kind);
        assert_eq!(covered, is_behind_permission, "{} {}", route.method, route.path);
        kept += usize::from(covered);
    }
    assert!(kept > 200, "{kept}");
    for door in ["POST /api/v2/auth/login", "PUT /api/v2/me/password", "POST /api/v2/me/mfa/totp"] {
        assert!(!forms.cover(door), "{door}");
    }
}
