//! Access checks by keys: without a user, a key asks what it may do itself.

use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{account_key, id, own_key};

async fn check(actor: &Actor, query: &str) -> Value {
    actor.get(&format!("/api/v2/access/check?{query}")).await.expect(200)
}

fn refusal() -> Value {
    json!({ "allowed": false, "reason": "not_granted", "by": [] })
}

#[tokio::test]
async fn the_key_of_a_service_account_asks_for_itself_and_for_others() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let permissions = ["access:check", "users:read"];
    let (_, program, issued) = account_key(&admin, &permissions, json!({ "name": "k" })).await;
    let expected = json!({ "allowed": true, "by": [{ "kind": "api_key", "name": id(&issued) }] });
    assert_eq!(check(&program, "permission=users:read").await, expected);
    assert_eq!(check(&program, "permission=users:write").await, refusal());
    let of_admin = check(&program, &format!("permission=users:write&user_id={}", admin.id())).await;
    assert_eq!(of_admin["by"][0]["kind"], "tenant_role");
    let inside = format!("permission=users:read&organization_id={}", app.acme.child);
    assert_eq!(check(&program, &inside).await, expected);
    let outside = format!("/api/v2/access/check?permission=users:read&organization_id={}", app.globex.child);
    program.get(&outside).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_key_of_a_person_answers_for_what_it_carries_and_not_for_all_that_they_hold() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let scope = json!({ "name": "k", "permissions": ["access:check"] });
    let (program, issued) = own_key(&admin, scope).await;
    assert_eq!(check(&program, "permission=users:read").await, refusal());
    assert_eq!(check(&program, "permission=access:check").await["by"][0]["name"], issued["id"]);
    let owner = check(&program, &format!("permission=users:read&user_id={}", admin.id())).await;
    assert_eq!(owner["allowed"], true);
    for (permission, path) in
        [("users:read", "/api/v2/users"), ("access:check", "/api/v2/access/check?permission=users:read")]
    {
        let is_open = program.get(path).await.status == 200;
        assert_eq!(check(&program, &format!("permission={permission}")).await["allowed"], is_open);
    }
}
