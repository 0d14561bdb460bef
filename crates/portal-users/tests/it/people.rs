//! People of a test who can sign in with a password.

use elder_testkit::{Actor, Answer, PASSWORD, TestApp};
use serde_json::{Value, json};

/// The id of a new user of the admin's tenant with this address and the password of every test.
pub(crate) async fn create(admin: &Actor, email: &str) -> String {
    let user = admin.post("/api/v2/users", json!({ "email": email, "password": PASSWORD })).await.expect(201);
    user["id"].as_str().unwrap().to_owned()
}

/// Signs in.
pub(crate) async fn login(app: &TestApp, email: &str, password: &str, tenant: Option<&str>) -> Answer {
    let body = json!({ "email": email, "password": password, "tenant": tenant });
    app.guest().post("/api/v2/auth/login", body).await
}

/// Somebody who signed in just now, and the refresh token.
pub(crate) fn holder(app: &TestApp, tokens: &Value) -> (Actor, String) {
    let actor = app.guest().with_token(tokens["access_token"].as_str().unwrap());
    (actor, tokens["refresh_token"].as_str().unwrap().to_owned())
}
