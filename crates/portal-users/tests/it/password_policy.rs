//! What a tenant demands of passwords and addresses.

use chrono::Duration;
use elder_testkit::{Actor, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::people::{create, holder, login};

async fn demand(admin: &Actor, settings: Value) {
    admin.patch("/api/v2/tenant", json!({ "settings": settings })).await.expect(200);
}

/// Sets somebody's password and gives the fault, if there is one.
async fn fault(admin: &Actor, user: &str, password: &str) -> Option<String> {
    let path = format!("/api/v2/users/{user}/password");
    let answer = admin.put(&path, json!({ "password": password })).await;
    if answer.status == 204 {
        return None;
    }
    let problem = answer.expect_problem(400, "validation_failed");
    Some(problem["errors"][0]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn p_03_common_passwords_are_refused_wherever_one_is_set() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    assert_eq!(fault(&admin, &user, "passwordpassword").await.as_deref(), Some("common"));
    let new = json!({ "email": "bob@acme.com", "password": "qwertyuiopasdfgh" });
    let problem = admin.post("/api/v2/users", new).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "common");
    let (ana, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let change = json!({ "current_password": PASSWORD, "password": "iloveyouiloveyou" });
    let problem = ana.put("/api/v2/me/password", change).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "common");

    demand(&admin, json!({ "password": { "refuse_common": false, "min_score": 0 } })).await;
    assert_eq!(fault(&admin, &user, "passwordpassword").await, None);
}

#[tokio::test]
async fn a_tenant_may_demand_kinds_of_characters() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    demand(&admin, json!({ "password": { "character_classes": 3 } })).await;
    assert_eq!(fault(&admin, &user, "another horse battery staple").await.as_deref(), Some("too_uniform"));
    assert_eq!(fault(&admin, &user, "Another horse battery staple").await, None);
}

#[tokio::test]
async fn the_last_passwords_may_not_come_again() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    demand(&admin, json!({ "password": { "history": 3 } })).await;
    let passwords =
        [PASSWORD, "tall otters juggle kettles", "purple rivers hum quietly", "seven cranky violins nap"];
    let [first, second, third, fourth] = passwords;
    let mut set = Vec::new();
    for password in [first, second, first, third, second, first, fourth, first] {
        app.clock.advance(Duration::seconds(1));
        set.push(fault(&admin, &user, password).await.is_none());
    }
    assert_eq!(set, [false, true, false, true, false, false, true, true]);
    let count = "select count(*) from password_history";
    let kept: i64 = app.superuser.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(kept, 2, "no more than the rule needs");

    demand(&admin, json!({ "password": { "history": 0 } })).await;
    assert_eq!(fault(&admin, &user, first).await, None);
    let kept: i64 = app.superuser.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(kept, 0, "what is not compared is not kept");
}

#[tokio::test]
async fn a_password_that_is_too_old_is_changed_at_sign_in() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    demand(&admin, json!({ "password": { "max_age_days": 90, "history": 2 } })).await;
    let before = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200)).1;
    app.clock.advance(Duration::days(90));
    let sign_in = async |password: &str, new: Option<&str>| {
        let body = json!({ "email": "ana@acme.com", "password": password, "new_password": new });
        app.guest().post("/api/v2/auth/login", body).await
    };
    let new = "tall otters juggle kettles";
    sign_in(PASSWORD, None).await.expect_problem(403, "password_expired");
    sign_in("wrong", None).await.expect_problem(401, "invalid_credentials");
    sign_in("wrong", Some(new)).await.expect_problem(401, "invalid_credentials");
    for (weak, code) in [("short", "too_short"), (PASSWORD, "used_before")] {
        let problem = sign_in(PASSWORD, Some(weak)).await.expect_problem(400, "validation_failed");
        let fault = &problem["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/new_password"), &json!(code)));
    }
    let tokens = sign_in(PASSWORD, Some(new)).await.expect(200);
    assert_eq!(tokens["user"]["id"], json!(user));
    sign_in(PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    sign_in(new, None).await.expect(200);
    assert_eq!(app.audit_count("portal_user.password_changed").await, 1);
    let old = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": before })).await;
    old.expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn p_08_a_new_password_tells_nothing_of_the_present_one_while_the_account_is_locked() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    app.superuser
        .batch_execute("update portal_users set locked_until = now() + interval '1 day'")
        .await
        .unwrap();
    for password in [PASSWORD, "wrong"] {
        let body = json!({ "email": "ana@acme.com", "password": password, "new_password": "weak" });
        app.guest().post("/api/v2/auth/login", body).await.expect_problem(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn new_addresses_are_taken_at_allowed_domains_alone() {
    let app = TestApp::start().await;
    let (admin, operator) = (app.tenant_admin().await, app.operator().await);
    let (_, provider) = app.directory().await;
    let user = create(&admin, "ana@elsewhere.org").await;
    demand(&admin, json!({ "allowed_email_domains": ["acme.com", "BÜCHER.de"] })).await;
    for good in ["bob@acme.com", "eva@ACME.com", "zoe@bücher.de"] {
        admin.post("/api/v2/users", json!({ "email": good })).await.expect(201);
    }
    for bad in ["bob@evil.com", "bob@sub.acme.com", "bob@acme.com.evil.com"] {
        let problem = admin
            .post("/api/v2/users", json!({ "email": bad }))
            .await
            .expect_problem(400, "validation_failed");
        let fault = &problem["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/email"), &json!("domain_not_allowed")));
    }
    let path = format!("/api/v2/users/{user}");
    admin.patch(&path, json!({ "full_name": "Ana" })).await.expect(200);
    admin.patch(&path, json!({ "email": "ana@evil.com" })).await.expect_problem(400, "validation_failed");
    admin.patch(&path, json!({ "email": "ana@acme.com" })).await.expect(200);
    let inside = operator.with_header("elder-tenant", "acme");
    let stranger = inside.post("/api/v2/users", json!({ "email": "ops@evil.com" })).await;
    stranger.expect_problem(400, "validation_failed");

    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    let push = async |name: &str| {
        provider.post("/scim/v2/Users", json!({ "schemas": schemas, "userName": name })).await
    };
    let refused = push("max@evil.com").await;
    assert_eq!((refused.status, &refused.body["scimType"]), (400, &json!("invalidValue")), "{refused:?}");
    push("max@acme.com").await.expect(201);
}
