//! What the tests make and read.

use elder_access::Role;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

pub(crate) const CATALOGUE: &str = "/api/v2/entitlements";
pub(crate) const RULES: &str = "/api/v2/entitlement-conflicts";

/// Adds a role to the catalogue; gives its id.
pub(crate) async fn role(admin: &Actor, value: &str) -> Value {
    admin.post(CATALOGUE, json!({"kind": "role", "value": value})).await.expect(201)["id"].clone()
}

/// Makes a rule that nobody may hold two of these; gives its path.
pub(crate) async fn apart(admin: &Actor, name: &str, entitlements: &[&Value]) -> String {
    let rule = json!({"name": name, "entitlement_ids": entitlements});
    format!("{RULES}/{}", admin.post(RULES, rule).await.expect(201)["id"].as_str().unwrap())
}

/// The path of what somebody of acme holds, who is made for it.
pub(crate) async fn holdings(app: &TestApp) -> String {
    format!("/api/v2/users/{}/entitlements", app.member(app.acme.id, Some(Role::Reader)).await.id())
}

pub(crate) fn given(entitlement: &Value) -> Value {
    json!({"entitlement_id": entitlement})
}

/// The values that are held, as they are listed.
pub(crate) async fn held(reader: &Actor, holdings: &str) -> Vec<String> {
    let list = reader.get(&format!("{holdings}?sort=value")).await.expect(200);
    let values = list["data"].as_array().unwrap().iter();
    values.map(|assignment| assignment["value"].as_str().unwrap().to_owned()).collect()
}
