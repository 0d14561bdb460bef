//! A second admin, who approves what the first has asked for.

use elder_access::Role;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

pub(crate) const RETENTION: &str = "/api/v2/audit/retention";
pub(crate) const HOLDS: &str = "/api/v2/audit/legal-holds";

pub(crate) async fn second(app: &TestApp) -> Actor {
    app.member(app.acme.id, Some(Role::Admin)).await
}

/// Says that events are kept for fewer days, by two.
pub(crate) async fn shorten(app: &TestApp, admin: &Actor, retention: Value) -> Value {
    let asked = admin.put(RETENTION, retention).await.expect(200);
    assert!(asked["pending"].is_object(), "{asked}");
    second(app).await.post(&format!("{RETENTION}/approve"), Value::Null).await.expect(200)
}

/// Releases a hold, by two.
pub(crate) async fn release(app: &TestApp, admin: &Actor, hold: &str) -> Value {
    let path = format!("{HOLDS}/{hold}/release");
    admin.post(&path, json!({ "reason": "closed" })).await.expect(200);
    second(app).await.post(&format!("{path}/approve"), Value::Null).await.expect(200)
}
