//! Registering, changing and deleting applications.

use elder_access::{Role, markers};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const PATH: &str = "/api/v2/applications";

fn new(name: &str) -> Value {
    json!({ "name": name, "redirect_uris": ["https://app.acme.example/back"],
        "allowed_origins": ["https://app.acme.example"] })
}

async fn registered(admin: &Actor, name: &str) -> (String, Value) {
    let application = admin.post(PATH, new(name)).await.expect(201);
    (format!("{PATH}/{}", application["id"].as_str().unwrap()), application)
}

#[tokio::test]
async fn an_application_is_registered_shown_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (path, made) = registered(&admin, "Payroll").await;
    assert_eq!(made["redirect_uris"], json!(["https://app.acme.example/back"]));
    assert_eq!(admin.get(&path).await.expect(200), made);
    let patch = json!({ "redirect_uris": ["https://pay.acme.example/"], "allowed_origins": [] });
    let changed = admin.patch(&path, patch.clone()).await.expect(200);
    assert_eq!((&changed["version"], &changed["allowed_origins"]), (&json!(2), &json!([])));
    assert_eq!(admin.patch(&path, patch).await.expect(200)["version"], 2, "nothing changed");
    assert_eq!(admin.get(PATH).await.expect(200)["data"].as_array().unwrap().len(), 1);
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect_problem(404, "not_found");
    for (action, times) in [("created", 1), ("updated", 1), ("deleted", 1)] {
        assert_eq!(app.audit_count(&format!("application.{action}")).await, times, "{action}");
    }
}

#[tokio::test]
async fn readers_see_applications_and_admins_alone_change_them() {
    let app = TestApp::start().await;
    let (path, before) = registered(&app.tenant_admin().await, "Payroll").await;
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.get(&path).await.expect(200);
    reader.post(PATH, new("Other")).await.expect_problem(403, "permission_denied");
    reader.patch(&path, json!({ "name": "Other" })).await.expect_problem(403, "permission_denied");
    reader.delete(&path).await.expect_problem(403, "permission_denied");
    app.member(app.acme.id, None).await.get(&path).await.expect_problem(403, "permission_denied");
    assert_eq!(reader.get(&path).await.expect(200), before);
    let holder = app.member_with::<markers::ApplicationsWrite>().await;
    holder.patch(&path, json!({ "name": "Other" })).await.expect(200);
}

#[tokio::test]
async fn another_tenants_application_is_as_unknown_as_none() {
    let app = TestApp::start().await;
    let (path, _) = registered(&app.tenant_admin().await, "Payroll").await;
    let other = app.other_tenant().await;
    for path in [path.as_str(), "/api/v2/applications/app_01h455vb4pex5vsknk084sn02q"] {
        other.get(path).await.expect_problem(404, "not_found");
        other.patch(path, json!({ "name": "Other" })).await.expect_problem(404, "not_found");
        other.delete(path).await.expect_problem(404, "not_found");
    }
    registered(&other, "Payroll").await;
}

#[tokio::test]
async fn each_application_has_a_name_of_its_own() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    registered(&admin, "Payroll").await;
    let (other, _) = registered(&admin, "Books").await;
    admin.post(PATH, new("PAYROLL")).await.expect_problem(409, "already_exists");
    admin.patch(&other, json!({ "name": "payroll" })).await.expect_problem(409, "already_exists");
}

#[tokio::test]
async fn w_33_a_uri_that_could_lead_elsewhere_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (path, before) = registered(&admin, "Payroll").await;
    for bad in ["http://app.acme.example/", "https://*.acme.example/", "javascript:alert(1)", "/back"] {
        let uris = json!({ "redirect_uris": ["https://app.acme.example/", bad] });
        let problem = admin.patch(&path, uris).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/redirect_uris/1", "{problem}");
    }
    for bad in ["*", "https://app.acme.example/", "null"] {
        let origins = json!({ "allowed_origins": [bad] });
        admin.patch(&path, origins).await.expect_problem(400, "validation_failed");
    }
    let none = json!({ "redirect_uris": [] });
    admin.patch(&path, none).await.expect_problem(400, "validation_failed");
    assert_eq!(admin.get(&path).await.expect(200), before);
}

#[tokio::test]
async fn applications_are_registered_in_batches() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (path, _) = registered(&admin, "Payroll").await;
    let id = path.rsplit('/').next().unwrap();
    let operations = json!([
        { "op": "create", "data": new("Books") },
        { "op": "update", "id": id, "data": { "name": "Wages" } },
        { "op": "create", "data": new("wages") },
    ]);
    let all = json!({ "atomic": true, "operations": operations });
    admin.post(&format!("{PATH}/batch"), all).await.expect_problem(422, "batch_failed");
    assert_eq!(admin.get(&path).await.expect(200)["name"], "Payroll");
    let each = json!({ "atomic": false, "operations": operations });
    let answer = admin.post(&format!("{PATH}/batch"), each).await.expect(200);
    let statuses: Vec<_> = answer["results"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [&json!(201), &json!(200), &json!(409)], "{answer}");
}
