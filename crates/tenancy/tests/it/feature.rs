//! Feature flags: defining them, and for whom they are on.

use elder_access::Role;
use elder_testkit::TestApp;
use serde_json::json;

const FLAGS: &str = "/api/v2/global/feature-flags";
const FEATURES: &str = "/api/v2/tenant/features";

#[tokio::test]
async fn a_flag_is_defined_changed_and_deleted() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let flag =
        operator.post(FLAGS, json!({ "name": "new-ui", "description": "The new one" })).await.expect(201);
    assert_eq!((&flag["is_enabled"], &flag["percentage"]), (&json!(false), &json!(0)));
    operator.post(FLAGS, json!({ "name": "new-ui" })).await.expect_problem(409, "already_exists");
    let one = format!("{FLAGS}/new-ui");
    let changed = operator.patch(&one, json!({ "percentage": 30 })).await.expect(200);
    assert_eq!(changed["percentage"], 30);
    operator.patch(&one, json!({ "percentage": 30 })).await.expect(200);
    assert_eq!(app.audit_count("feature_flag.updated").await, 1);
    assert_eq!(operator.get(FLAGS).await.expect(200)["data"], json!([changed]));
    operator.delete(&one).await.expect(204);
    operator.get(&one).await.expect_problem(404, "not_found");
    operator.delete(&one).await.expect_problem(404, "not_found");
    operator.patch(&one, json!({})).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_tenants_value_goes_before_the_share_and_the_default() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    operator.post(FLAGS, json!({ "name": "beta" })).await.expect(201);
    let is_on = async || reader.get(FEATURES).await.expect(200)["features"]["beta"] == true;
    assert!(!is_on().await);
    operator.patch(&format!("{FLAGS}/beta"), json!({ "percentage": 100 })).await.expect(200);
    assert!(is_on().await);
    let own = format!("{FLAGS}/beta/tenants/acme");
    let off = operator.put(&own, json!({ "value": false })).await.expect(200);
    assert_eq!((&off["is_on"], &off["tenant_id"]), (&json!(false), &json!(app.acme.id.0)));
    assert!(!is_on().await);
    let other = app.other_tenant().await.get(FEATURES).await.expect(200);
    assert_eq!(other["features"]["beta"], true);
    operator.put(&own, json!({ "value": null })).await.expect(200);
    assert!(is_on().await);
    operator.put(&own, json!({})).await.expect_problem(400, "validation_failed");
    for wrong in [format!("{FLAGS}/beta/tenants/ghost"), format!("{FLAGS}/ghost/tenants/acme")] {
        operator.put(&wrong, json!({ "value": true })).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_flag_that_comes_again_begins_without_the_values_of_the_former() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    operator.post(FLAGS, json!({ "name": "beta" })).await.expect(201);
    operator.put(&format!("{FLAGS}/beta/tenants/acme"), json!({ "value": true })).await.expect(200);
    operator.delete(&format!("{FLAGS}/beta")).await.expect(204);
    operator.post(FLAGS, json!({ "name": "beta" })).await.expect(201);
    let features = app.tenant_admin().await.get(FEATURES).await.expect(200);
    assert_eq!(features["features"]["beta"], false);
}

#[tokio::test]
async fn bad_flags_are_refused_and_only_global_admins_write() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    for (body, code) in [
        (json!({ "name": "Bad Name" }), "validation_failed"),
        (json!({ "name": "a", "percentage": 101 }), "validation_failed"),
        (json!({ "name": "a", "percentage": -1 }), "validation_failed"),
        (json!({ "name": "a", "tenants": [1] }), "unknown_field"),
    ] {
        operator.post(FLAGS, body).await.expect_problem(400, code);
    }
    operator.get(&format!("{FLAGS}/Bad%20Name")).await.expect_problem(400, "invalid_id");
    operator.post(FLAGS, json!({ "name": "a" })).await.expect(201);
    let support = app.support().await;
    support.get(&format!("{FLAGS}/a")).await.expect(200);
    let admin = app.tenant_admin().await;
    admin.get(FLAGS).await.expect_problem(403, "permission_denied");
    for actor in [&support, &admin] {
        actor.post(FLAGS, json!({ "name": "b" })).await.expect_problem(403, "permission_denied");
        actor
            .patch(&format!("{FLAGS}/a"), json!({ "is_enabled": true }))
            .await
            .expect_problem(403, "permission_denied");
        actor
            .put(&format!("{FLAGS}/a/tenants/acme"), json!({ "value": true }))
            .await
            .expect_problem(403, "permission_denied");
        actor.delete(&format!("{FLAGS}/a")).await.expect_problem(403, "permission_denied");
    }
    assert_eq!(operator.get(&format!("{FLAGS}/a")).await.expect(200)["is_enabled"], false);
}
