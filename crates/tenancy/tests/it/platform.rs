//! The platform's settings, maintenance and health.

use elder_access::Role;
use elder_testkit::{Actor, PASSWORD, TestApp};
use serde_json::json;

const SETTINGS: &str = "/api/v2/global/settings";
const TEMPLATE: &str = "/api/v2/global/settings/tenant-template";

#[tokio::test]
async fn an_operator_changes_the_settings_and_support_sees_them() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let before = operator.get(SETTINGS).await.expect(200);
    assert_eq!(
        before,
        json!({ "name": "Elder", "registration": "invitation", "deletion_days": 30, "maintenance": null })
    );
    let patch = json!({ "name": "Acme Identity", "registration": "domain" });
    let after = operator.patch(SETTINGS, patch.clone()).await.expect(200);
    assert_eq!((&after["name"], &after["registration"]), (&json!("Acme Identity"), &json!("domain")));
    operator.patch(SETTINGS, patch).await.expect(200);
    assert_eq!(app.audit_count("platform.settings_updated").await, 1);
    assert_eq!(app.support().await.get(SETTINGS).await.expect(200), after);
}

#[tokio::test]
async fn bad_settings_are_refused_and_only_global_admins_write() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    for (body, code) in [
        (json!({ "name": "" }), "validation_failed"),
        (json!({ "registration": "all" }), "validation_failed"),
        (json!({ "deletion_days": 366 }), "validation_failed"),
        (json!({ "maintenance": { "message": "", "retry_after_seconds": 1 } }), "validation_failed"),
        (json!({ "maintenance": { "message": "x", "retry_after_seconds": 0 } }), "validation_failed"),
        (json!({ "maintenance": { "message": "x", "retry_after_seconds": 1, "x": 1 } }), "unknown_field"),
        (json!({ "tenant_template": {} }), "unknown_field"),
    ] {
        operator.patch(SETTINGS, body).await.expect_problem(400, code);
    }
    for actor in [app.support().await, app.tenant_admin().await] {
        actor.patch(SETTINGS, json!({ "name": "x" })).await.expect_problem(403, "permission_denied");
        actor.put(TEMPLATE, json!({})).await.expect_problem(403, "permission_denied");
    }
    app.tenant_admin().await.get(SETTINGS).await.expect_problem(403, "permission_denied");
    app.tenant_admin().await.get("/api/v2/global/health").await.expect_problem(403, "permission_denied");
    assert_eq!(operator.get(SETTINGS).await.expect(200)["name"], "Elder");
}

#[tokio::test]
async fn the_template_is_replaced_as_a_whole() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    operator.put(TEMPLATE, json!({ "session": { "idle_seconds": 600 } })).await.expect(200);
    let template = operator.put(TEMPLATE, json!({ "password": { "min_length": 20 } })).await.expect(200);
    assert_eq!(template["session"]["idle_seconds"], 43_200);
    assert_eq!(operator.get(TEMPLATE).await.expect(200), template);
    let bad = json!({ "password": { "min_length": 1 } });
    let problem = operator.put(TEMPLATE, bad).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/password/min_length");
    operator.put(TEMPLATE, json!({ "passwords": {} })).await.expect_problem(400, "unknown_field");
    assert_eq!(operator.get(TEMPLATE).await.expect(200), template);
}

#[tokio::test]
async fn maintenance_shuts_out_everybody_but_global_admins() {
    let app = TestApp::start().await;
    let (operator, support) = (app.operator().await, app.support().await);
    let member = app.member(app.acme.id, Some(Role::Admin)).await;
    member.get("/api/v2/tenant").await.expect(200);
    let on = json!({ "maintenance": { "message": "Back at noon.", "retry_after_seconds": 120 } });
    operator.patch(SETTINGS, on).await.expect(200);
    for shut_out in [&member, &support, &app.guest()] {
        let answer = shut_out.get("/api/v2/tenant").await;
        assert_eq!(answer.header("retry-after"), "120");
        assert_eq!(answer.expect_problem(503, "maintenance")["detail"], "Back at noon.");
    }
    operator.get("/api/v2/tenant").await.expect(200);
    operator.patch(SETTINGS, json!({ "maintenance": null })).await.expect(200);
    member.get("/api/v2/tenant").await.expect(200);
}

#[tokio::test]
async fn in_maintenance_global_admins_alone_can_sign_in() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let create = async |admin: &Actor, email: &str| {
        let body = json!({ "email": email, "password": PASSWORD });
        admin.post("/api/v2/users", body).await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    create(&app.tenant_admin().await, "person@acme-corp.com").await;
    let owner = create(&operator, "owner@elder-corp.com").await;
    let appoint = format!("/api/v2/global/users/system/{owner}/global-role");
    operator.put(&appoint, json!({ "global_role": "admin" })).await.expect(200);
    let on = json!({ "maintenance": { "message": "Back at noon.", "retry_after_seconds": 120 } });
    operator.patch(SETTINGS, on).await.expect(200);
    let login = async |email: &str, password: &str| {
        app.guest().post("/api/v2/auth/login", json!({ "email": email, "password": password })).await
    };
    login("person@acme-corp.com", "wrong").await.expect_problem(401, "invalid_credentials");
    let shut_out = login("person@acme-corp.com", PASSWORD).await;
    assert_eq!(shut_out.header("retry-after"), "120");
    assert_eq!(shut_out.expect_problem(503, "maintenance")["detail"], "Back at noon.");
    let tokens = login("owner@elder-corp.com", PASSWORD).await.expect(200);
    let owner = app.guest().with_token(tokens["access_token"].as_str().unwrap());
    owner.patch(SETTINGS, json!({ "maintenance": null })).await.expect(200);
    login("person@acme-corp.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn health_tells_of_database_pools_outbox_and_uptime() {
    let app = TestApp::start().await;
    app.clock.advance(chrono::Duration::seconds(90));
    let support = app.support().await;
    app.tenant_admin().await.patch("/api/v2/tenant", json!({ "name": "Acme Ltd" })).await.expect(200);
    let health = support.get("/api/v2/global/health").await.expect(200);
    assert_eq!(health["uptime_seconds"], 90);
    assert!(health["database"]["ping_milliseconds"].as_f64().unwrap() > 0.0);
    assert_eq!(health["database"]["pools"][0]["name"], "app");
    assert!(health["outbox"]["backlog"].as_i64().unwrap() >= 1);
    assert!(health["outbox"]["oldest_at"].is_string());
}
