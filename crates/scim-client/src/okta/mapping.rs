//! The mapping: which of a person's attributes go to which of the application's.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{OktaError, Wish, api::Api};

/// What Elder reads of a person, by the names of Okta's SCIM applications, and where Okta has it.
const WANTED: &[(&str, &str)] = &[
    ("givenName", "user.firstName"),
    ("familyName", "user.lastName"),
    ("displayName", "user.displayName"),
    ("email", "user.email"),
];

/// Maps what the application has and nobody has mapped yet. What an admin has mapped stays.
pub(super) async fn map(api: &mut Api<'_>, wish: &Wish) -> Result<(), OktaError> {
    let app = wish.app.to_string();
    let found = api.find(&format!("/api/v1/mappings?targetId={app}&limit=200")).await?.unwrap_or_default();
    let id = found.as_array().into_iter().flatten().find_map(|mapping| {
        let is_ours = mapping.pointer("/target/id").is_some_and(|target| *target == app);
        mapping.get("id").and_then(Value::as_str).filter(|_| is_ours)
    });
    let Some(id) = id else {
        let words = if api.is_blind() {
            "What the mapping lacks is not known without a token of Okta's."
        } else {
            "There is no mapping to this application that could be changed: Okta's own is used."
        };
        api.say(words);
        return Ok(());
    };
    let path = format!("/api/v1/mappings/{id}");
    let mapped = api.find(&path).await?.unwrap_or_default();
    let schema = api.find(&format!("/api/v1/meta/schemas/apps/{app}/default")).await?.unwrap_or_default();
    let missing = missing(&mapped, &schema);
    if missing.is_empty() {
        api.say("The mapping lacks nothing.");
        return Ok(());
    }
    api.change(Method::POST, &path, &json!({ "properties": missing })).await.map(drop)
}

/// What the application has an attribute for, and the mapping no rule.
fn missing(mapped: &Value, schema: &Value) -> Map<String, Value> {
    let has = |name: &str| {
        ["base", "custom"]
            .iter()
            .any(|part| schema.pointer(&format!("/definitions/{part}/properties/{name}")).is_some())
    };
    let is_mapped = |name: &str| mapped.pointer(&format!("/properties/{name}")).is_some();
    let wanted = WANTED.iter().filter(|(name, _)| has(name) && !is_mapped(name));
    let rule = |from: &str| json!({"expression": from, "pushStatus": "PUSH"});
    wanted.map(|(name, from)| ((*name).to_owned(), rule(from))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_application_has_and_nobody_mapped_is_mapped() {
        let schema = json!({"definitions": {
            "base": {"properties": {"userName": {}}},
            "custom": {"properties": {"givenName": {}, "familyName": {}, "email": {}}},
        }});
        let mapped =
            json!({"properties": {"familyName": {"expression": "\"Smith\"", "pushStatus": "DONT_PUSH"}}});
        let missing = missing(&mapped, &schema);
        let push = |from: &str| json!({"expression": from, "pushStatus": "PUSH"});
        let wanted = json!({"givenName": push("user.firstName"), "email": push("user.email")});
        assert_eq!(Value::Object(missing), wanted);
    }
}
