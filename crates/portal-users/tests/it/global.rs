//! Users across tenants.

use elder_testkit::TestApp;
use serde_json::json;

use crate::people::create;

#[tokio::test]
async fn operators_find_users_of_all_tenants() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    create(&app.tenant_admin().await, "ana@both.com").await;
    create(&app.other_tenant().await, "ana@both.com").await;
    let found = async |query: &str| {
        let page = operator.get(&format!("/api/v2/global/users?{query}")).await.expect(200);
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["tenant_slug"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let email = "filter=email+eq+%22ANA@both.com%22";
    assert_eq!(found(email).await, ["acme", "globex"]);
    assert_eq!(found("search=@both").await, ["acme", "globex"]);
    assert_eq!(found("search=@both&filter=tenant_slug+eq+%22globex%22").await, ["globex"]);
    assert_eq!(found(&format!("{email}+and+tenant_slug+eq+%22nowhere%22")).await, Vec::<String>::new());
    assert_eq!(found("").await.len(), 5);
    let first = operator.get("/api/v2/global/users?limit=3").await.expect(200);
    let next = format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(found(&next).await.len(), 2);
    app.tenant_admin().await.get("/api/v2/global/users").await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn operators_shut_a_user_of_any_tenant_out_and_support_does_not() {
    let app = TestApp::start().await;
    let (operator, support) = (app.operator().await, app.support().await);
    let (_, victim) = (app.tenant_admin().await, app.tenant_admin().await);
    let path = format!("/api/v2/global/users/acme/{}", victim.id());
    support.post(&format!("{path}/deactivate"), json!({})).await.expect_problem(403, "permission_denied");
    let elsewhere = format!("/api/v2/global/users/globex/{}/deactivate", victim.id());
    operator.post(&elsewhere, json!({})).await.expect_problem(404, "not_found");
    victim.get("/api/v2/me").await.expect(200);
    let revoked = operator.post(&format!("{path}/sessions/revoke"), json!({})).await.expect(200);
    assert_eq!(revoked["revoked"], 1);
    victim.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let user = operator.post(&format!("{path}/deactivate"), json!({})).await.expect(200);
    assert_eq!(user["is_active"], false);
    let own = format!("/api/v2/global/users/system/{}/deactivate", operator.id());
    operator.post(&own, json!({})).await.expect_problem(409, "last_admin");
}
