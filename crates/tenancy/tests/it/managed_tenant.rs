//! Tenants as operators list, create and change them.

use elder_access::{Entitlements, Role, SubscriptionTier};
use elder_testkit::TestApp;
use serde_json::{Value, json};

const TENANTS: &str = "/api/v2/global/tenants";

fn slugs(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|tenant| tenant["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_new_tenant_begins_with_the_template_and_is_found_by_slug_and_number() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let template = json!({ "session": { "idle_seconds": 1_800 }, "branding": { "locale": "de" } });
    operator.put("/api/v2/global/settings/tenant-template", template).await.expect(200);
    let answer =
        operator.post(TENANTS, json!({ "name": "Initech", "slug": "initech", "storage_quota_gb": 5 })).await;
    let location = answer.header("location").to_owned();
    let tenant = answer.expect(201);
    assert_eq!((&tenant["subscription_tier"], &tenant["is_active"]), (&json!("community"), &json!(true)));
    assert_eq!(operator.get(&location).await.expect(200), tenant);
    assert_eq!(operator.get(&format!("{TENANTS}/initech")).await.expect(200), tenant);
    let settings = operator.with_header("elder-tenant", "initech").get("/api/v2/tenant").await.expect(200);
    assert_eq!(settings["settings"]["session"]["idle_seconds"], 1_800);
    assert_eq!(settings["settings"]["branding"]["locale"], "de");
    assert_eq!(settings["settings"]["password"]["min_length"], 15);
    let event = "select count(*) from audit_logs where action = 'tenant.created' and tenant_id = $1";
    let id = i32::try_from(tenant["id"].as_i64().unwrap()).unwrap();
    assert_eq!(app.superuser.query_one(event, &[&id]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn bad_and_taken_slugs_are_refused() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    for slug in ["a", "42", "Acme", "a_b", "a b", "", "ä-b", &"a".repeat(64)] {
        let body = json!({ "name": "X", "slug": slug });
        let problem = operator.post(TENANTS, body).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/slug", "{slug}");
    }
    for slug in ["acme", "system"] {
        operator
            .post(TENANTS, json!({ "name": "X", "slug": slug }))
            .await
            .expect_problem(409, "already_exists");
    }
    operator
        .post(TENANTS, json!({ "name": "X", "slug": "x1", "is_active": false }))
        .await
        .expect_problem(400, "unknown_field");
    assert_eq!(operator.get(TENANTS).await.expect(200)["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn without_the_licence_no_tenant_is_added_but_those_there_are_managed() {
    let app = TestApp::start().await;
    app.keeper.entitle(Entitlements::of_tier(SubscriptionTier::Professional));
    let operator = app.operator().await;
    operator
        .post(TENANTS, json!({ "name": "X", "slug": "x1" }))
        .await
        .expect_problem(402, "license_required");
    operator.patch(&format!("{TENANTS}/acme"), json!({ "name": "Acme Ltd" })).await.expect(200);
}

#[tokio::test]
async fn the_list_is_searched_filtered_and_paged() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    operator.patch(&format!("{TENANTS}/globex"), json!({ "name": "Global Ex 100%_" })).await.expect(200);
    operator.post(&format!("{TENANTS}/globex/deactivate"), json!({})).await.expect(200);
    let list = async |query: &str| operator.get(&format!("{TENANTS}?{query}")).await.expect(200);
    assert_eq!(slugs(&list("search=GLOBAL").await), ["globex"]);
    assert_eq!(slugs(&list("search=acm").await), ["acme"]);
    assert_eq!(slugs(&list("search=%25_").await), ["globex"]);
    assert_eq!(slugs(&list("search=nothing").await), Vec::<&str>::new());
    assert_eq!(slugs(&list("filter=is_active+eq+false").await), ["globex"]);
    let first = list("limit=2").await;
    assert_eq!(slugs(&first), ["system", "acme"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(slugs(&list(&format!("limit=2&cursor={cursor}")).await), ["globex"]);
    operator
        .get(&format!("{TENANTS}?search=acme&cursor={cursor}"))
        .await
        .expect_problem(400, "invalid_cursor");
    operator.get(&format!("{TENANTS}?nonsense=1")).await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_tenant_is_changed_by_merge_patch() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let one = format!("{TENANTS}/{}", app.acme.id);
    let patch = json!({ "name": "Acme Ltd", "slug": "acme-ltd", "subscription_tier": "professional",
        "data_retention_days": 30, "storage_quota_gb": 10, "legal_hold": true });
    let tenant = operator.patch(&one, patch.clone()).await.expect(200);
    for (field, value) in patch.as_object().unwrap() {
        assert_eq!(&tenant[field], value, "{field}");
    }
    let tenant = operator.patch(&one, json!({ "storage_quota_gb": null })).await.expect(200);
    assert_eq!((&tenant["storage_quota_gb"], &tenant["data_retention_days"]), (&json!(null), &json!(30)));
    operator.patch(&one, json!({})).await.expect(200);
    assert_eq!(app.audit_count("tenant.updated").await, 2);
    operator.get(&format!("{TENANTS}/acme")).await.expect_problem(404, "not_found");
    operator.patch(&one, json!({ "slug": "globex" })).await.expect_problem(409, "already_exists");
    operator.patch(&one, json!({ "storage_quota_gb": 0 })).await.expect_problem(400, "validation_failed");
    operator.patch(&one, json!({ "deletion_scheduled_at": null })).await.expect_problem(400, "unknown_field");
    operator
        .patch(&format!("{TENANTS}/system"), json!({ "slug": "root" }))
        .await
        .expect_problem(409, "system_tenant");
    operator.patch(&format!("{TENANTS}/system"), json!({ "name": "Root" })).await.expect(200);
    operator
        .patch(&format!("{TENANTS}/ghost"), json!({ "name": "x" }))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn support_reads_and_members_see_nothing() {
    let app = TestApp::start().await;
    let support = app.support().await;
    assert_eq!(slugs(&support.get(TENANTS).await.expect(200)).len(), 3);
    let admin = app.tenant_admin().await;
    let one = format!("{TENANTS}/acme");
    for path in [TENANTS, one.as_str(), "/api/v2/global/tenants/acme/usage"] {
        admin.get(path).await.expect_problem(403, "permission_denied");
        app.guest().get(path).await.expect_problem(401, "unauthenticated");
    }
    let system_admin = app.member(elder_kernel::TenantId::SYSTEM, Some(Role::Admin)).await;
    for actor in [&support, &admin, &system_admin] {
        actor
            .post(TENANTS, json!({ "name": "X", "slug": "x1" }))
            .await
            .expect_problem(403, "permission_denied");
        actor.patch(&one, json!({ "name": "X" })).await.expect_problem(403, "permission_denied");
        for verb in ["activate", "deactivate", "schedule-deletion", "cancel-deletion"] {
            actor.post(&format!("{one}/{verb}"), json!({})).await.expect_problem(403, "permission_denied");
        }
    }
    let tenant = support.get(&one).await.expect(200);
    assert_eq!((&tenant["name"], &tenant["is_active"]), (&json!("acme"), &json!(true)));
}
