//! A tenant as its own people see and change it.

use elder_access::Role;
use elder_testkit::TestApp;
use serde_json::json;

const TENANT: &str = "/api/v2/tenant";

#[tokio::test]
async fn a_reader_sees_the_tenant_with_every_default_filled_in() {
    let app = TestApp::start().await;
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    let tenant = reader.get(TENANT).await.expect(200);
    assert_eq!(tenant["slug"], "acme");
    assert_eq!(tenant["settings"]["session"]["idle_seconds"], 43_200);
    assert_eq!(tenant["settings"]["password"]["min_length"], 15);
}

#[tokio::test]
async fn an_admin_changes_name_and_settings_by_merge_patch() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let patch = json!({ "name": "Acme Ltd", "settings": {
        "session": { "idle_seconds": 600, "most_concurrent": 2, "beyond_limit": "refuse" },
        "allowed_email_domains": ["BÜCHER.de"], "ip_allowlist": ["127.0.0.0/8"] } });
    let tenant = admin.patch(TENANT, patch).await.expect(200);
    assert_eq!(tenant["name"], "Acme Ltd");
    assert_eq!(tenant["settings"]["allowed_email_domains"], json!(["xn--bcher-kva.de"]));
    assert_eq!(admin.get(TENANT).await.expect(200), tenant);
    let back = json!({ "settings": { "session": { "idle_seconds": null } } });
    let tenant = admin.patch(TENANT, back).await.expect(200);
    assert_eq!(tenant["settings"]["session"]["idle_seconds"], 43_200);
    assert_eq!(tenant["settings"]["session"]["most_concurrent"], 2);
    assert_eq!(app.audit_count("tenant.updated").await, 2);
    let others = app.other_tenant().await.get(TENANT).await.expect(200);
    assert_eq!(others["settings"]["session"]["most_concurrent"], json!(null));
}

#[tokio::test]
async fn a_patch_that_changes_nothing_leaves_no_event() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.patch(TENANT, json!({})).await.expect(200);
    admin
        .patch(TENANT, json!({ "name": "acme", "settings": { "session": { "idle_seconds": 43_200 } } }))
        .await
        .expect(200);
    assert_eq!(app.audit_count("tenant.updated").await, 0);
}

#[tokio::test]
async fn lower_roles_change_nothing() {
    let app = TestApp::start().await;
    for role in [Role::Reader, Role::Maintainer] {
        let member = app.member(app.acme.id, Some(role)).await;
        member.patch(TENANT, json!({ "name": "x" })).await.expect_problem(403, "permission_denied");
    }
    app.support()
        .await
        .with_header("elder-tenant", "acme")
        .patch(TENANT, json!({ "name": "x" }))
        .await
        .expect_problem(403, "permission_denied");
    app.guest().get(TENANT).await.expect_problem(401, "unauthenticated");
    assert_eq!(app.tenant_admin().await.get(TENANT).await.expect(200)["name"], "acme");
}

#[tokio::test]
async fn wrong_settings_are_refused_with_their_place_and_nothing_changes() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (settings, code, pointer) in [
        (json!({ "password": { "min_length": 7 } }), "validation_failed", "/settings/password/min_length"),
        (
            json!({ "session": { "idle_seconds": "1" } }),
            "validation_failed",
            "/settings/session/idle_seconds",
        ),
        (json!({ "cors_origins": ["*"] }), "validation_failed", "/settings/cors_origins/0"),
        (
            json!({ "allowed_email_domains": ["1.2.3.4"] }),
            "validation_failed",
            "/settings/allowed_email_domains/0",
        ),
        (json!({ "mfa": { "factors": [] } }), "validation_failed", "/settings/mfa/factors"),
        (json!({ "mfa": { "factors": ["backup_code"] } }), "validation_failed", "/settings/mfa/factors"),
        (json!({ "password": { "min_length": 8 } }), "validation_failed", "/settings/password"),
        (json!({ "license": 1 }), "unknown_field", "/settings/license"),
    ] {
        let body = json!({ "name": "changed", "settings": settings });
        let problem = admin.patch(TENANT, body).await.expect_problem(400, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    for body in
        [json!({ "is_active": false }), json!({ "slug": "x1" }), json!({ "subscription_tier": "enterprise" })]
    {
        admin.patch(TENANT, body).await.expect_problem(400, "unknown_field");
    }
    admin.patch(TENANT, json!({ "name": " " })).await.expect_problem(400, "validation_failed");
    assert_eq!(admin.get(TENANT).await.expect(200)["name"], "acme");
    assert_eq!(app.audit_count("tenant.updated").await, 0);
}

#[tokio::test]
async fn what_nothing_obeys_yet_is_refused_unless_it_is_the_default() {
    let app = TestApp::start().await;
    let (admin, operator) = (app.tenant_admin().await, app.operator().await);
    for (settings, pointer) in [(json!({ "password": { "min_length": 8 } }), "/settings/password")] {
        let body = json!({ "settings": settings });
        let problem = admin.patch(TENANT, body).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
        let template = operator.put("/api/v2/global/settings/tenant-template", settings).await;
        template.expect_problem(400, "validation_failed");
    }
    let defaults = json!({ "settings": { "session": { "remember_device_days": 30 } } });
    admin.patch(TENANT, defaults).await.expect(200);
}

#[tokio::test]
async fn usage_counts_what_is_the_tenants_own() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    app.member(app.acme.id, None).await;
    app.other_tenant().await;
    let today = app.seam.now().date_naive();
    elder_tenancy::platform::fold_usage(
        &app.worker,
        &[
            (app.acme.id, today, elder_tenancy::tenant::API_CALLS, 5),
            (app.globex.id, today, elder_tenancy::tenant::API_CALLS, 7),
        ],
    )
    .await
    .unwrap();
    let usage = admin.get("/api/v2/tenant/usage").await.expect(200);
    assert_eq!(usage["users"], 2);
    assert_eq!(usage["organizations"], 2);
    assert_eq!(usage["active_sessions"], 2);
    assert_eq!(usage["api_calls"], json!({ "day": 5, "month": 5 }));
    assert_eq!(usage["storage_bytes"], json!(null));
    let seen = app.operator().await.get("/api/v2/global/tenants/acme/usage").await.expect(200);
    assert_eq!(seen, usage);
    app.operator().await.get("/api/v2/global/tenants/ghost/usage").await.expect_problem(404, "not_found");
}
