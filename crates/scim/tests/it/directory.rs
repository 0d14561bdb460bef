//! `/api/v2/directories`.

use elder_access::{Role, markers};
use elder_testkit::TestApp;
use serde_json::json;

use crate::wire::{ana, expect_error, group, path, rows};

const DIRECTORIES: &str = "/api/v2/directories";

#[tokio::test]
async fn a_directory_is_set_up_listed_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let answer = admin.post(DIRECTORIES, json!({"name": "Staff", "provider": "okta"})).await;
    let location = answer.header("location").to_owned();
    let created = answer.expect(201);
    assert_eq!(
        (&created["provider"], &created["deprovisioning"], &created["is_active"], &created["sync_groups"]),
        (&json!("okta"), &json!("deactivate"), &json!(true), &json!(true))
    );
    assert_eq!(admin.get(&location).await.expect(200), created);
    assert_eq!(admin.get(DIRECTORIES).await.expect(200)["data"], json!([created]));
    let changed =
        admin.patch(&location, json!({"name": "People", "deprovisioning": "delete"})).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["provider"], &changed["deprovisioning"]),
        (&json!("People"), &json!("okta"), &json!("delete"))
    );
    admin.delete(&location).await.expect(204);
    admin.get(&location).await.expect_problem(404, "not_found");
    for action in ["scim.directory.created", "scim.directory.updated", "scim.directory.deleted"] {
        assert_eq!(app.audit_count(action).await, 1, "{action}");
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_no_event() {
    let app = TestApp::start().await;
    let (admin, (id, _)) = (app.tenant_admin().await, app.directory().await);
    admin.patch(&format!("{DIRECTORIES}/{id}"), json!({"provider": "generic"})).await.expect(200);
    admin.post(&format!("{DIRECTORIES}/{id}/resume"), json!({})).await.expect(200);
    assert_eq!(app.audit_count("scim.directory.updated").await, 0);
    assert_eq!(app.audit_count("scim.directory.resumed").await, 0);
}

#[tokio::test]
async fn names_are_unique_whatever_their_case() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.post(DIRECTORIES, json!({"name": "Staff"})).await.expect(201);
    admin.post(DIRECTORIES, json!({"name": "STAFF"})).await.expect_problem(409, "already_exists");
    let other = admin.post(DIRECTORIES, json!({"name": "Guests"})).await.expect(201);
    let place = format!("{DIRECTORIES}/{}", other["id"].as_str().unwrap());
    admin.patch(&place, json!({"name": "staff"})).await.expect_problem(409, "already_exists");
    assert_eq!(admin.get(&place).await.expect(200)["name"], "Guests");
    let elsewhere = app.other_tenant().await;
    elsewhere.post(DIRECTORIES, json!({"name": "Staff"})).await.expect(201);
}

#[tokio::test]
async fn bad_input_is_refused_with_its_place() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let long = "x".repeat(101);
    for (body, code, pointer) in [
        (json!({"name": ""}), "validation_failed", "/name"),
        (json!({"name": long}), "validation_failed", "/name"),
        (json!({"name": "a", "provider": "ldap"}), "validation_failed", "/provider"),
        (json!({"name": "a", "is_active": false}), "unknown_field", "/is_active"),
    ] {
        let problem = admin.post(DIRECTORIES, body).await.expect_problem(400, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    admin.get(&format!("{DIRECTORIES}/nonsense")).await.expect_problem(400, "invalid_id");
    assert_eq!(rows(&app, "scim_configurations").await, 0);
}

#[tokio::test]
async fn readers_see_directories_and_only_admins_change_them() {
    let app = TestApp::start().await;
    let (id, _) = app.directory().await;
    let place = format!("{DIRECTORIES}/{id}");
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.get(&place).await.expect(200);
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    for actor in [&reader, &maintainer] {
        actor.post(DIRECTORIES, json!({"name": "x"})).await.expect_problem(403, "permission_denied");
        actor.patch(&place, json!({"name": "x"})).await.expect_problem(403, "permission_denied");
        actor.delete(&place).await.expect_problem(403, "permission_denied");
        actor.post(&format!("{place}/pause"), json!({})).await.expect_problem(403, "permission_denied");
    }
    let custom = app.member_with::<markers::DirectoriesWrite>().await;
    custom.patch(&place, json!({"name": "x"})).await.expect(200);
    app.guest().get(&place).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_directory_of_another_tenant_is_as_one_that_does_not_exist() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (foreign, _) = app.directory_of(app.globex.id, "generic").await;
    let unknown = app.seam.id::<elder_kernel::Directory>();
    for id in [foreign, unknown] {
        let place = format!("{DIRECTORIES}/{id}");
        admin.get(&place).await.expect_problem(404, "not_found");
        admin.patch(&place, json!({"name": "x"})).await.expect_problem(404, "not_found");
        admin.delete(&place).await.expect_problem(404, "not_found");
        admin.post(&format!("{place}/pause"), json!({})).await.expect_problem(404, "not_found");
    }
    let left = "select count(*) from scim_configurations where is_active";
    assert_eq!(app.superuser.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_paused_directory_answers_503_until_it_is_resumed() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    provider.get("/scim/v2/Users").await.expect(200);
    let paused = admin.post(&format!("{DIRECTORIES}/{id}/pause"), json!({})).await.expect(200);
    assert_eq!(paused["is_active"], false);
    for answer in [provider.get("/scim/v2/Users").await, provider.post("/scim/v2/Users", ana()).await] {
        assert_eq!(answer.header("retry-after"), "300");
        expect_error(answer, 503, None);
    }
    assert_eq!(rows(&app, "scim_users").await, 0);
    admin.post(&format!("{DIRECTORIES}/{id}/resume"), json!({})).await.expect(200);
    provider.post("/scim/v2/Users", ana()).await.expect(201);
}

#[tokio::test]
async fn a_test_says_what_a_provider_meets_and_what_is_missing() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let place = format!("{DIRECTORIES}/{id}");
    let mapping = json!({"source": "group", "value": "Staff", "role": "reader"});
    admin.post(&format!("{place}/role-mappings"), mapping).await.expect(201);
    provider.post("/scim/v2/Users", ana()).await.expect(201);
    let test = admin.get(&format!("{place}/test")).await.expect(200);
    for (name, value) in [
        ("base_url", json!("http://elder.test/scim/v2")),
        ("directory_base_url", json!(format!("http://elder.test/scim/v2/{id}"))),
        ("status", json!(200)),
        ("tokens", json!(1)),
        ("writing_tokens", json!(1)),
        ("users", json!(1)),
        ("active_users", json!(1)),
        ("groups", json!(0)),
        ("unknown_groups", json!(["Staff"])),
    ] {
        assert_eq!(test[name], value, "{name}");
    }
    provider.post("/scim/v2/Groups", group("staff", &[])).await.expect(201);
    admin.post(&format!("{place}/pause"), json!({})).await.expect(200);
    let test = admin.get(&format!("{place}/test")).await.expect(200);
    assert_eq!((&test["status"], &test["unknown_groups"]), (&json!(503), &json!([])));
    app.superuser.execute("update scim_tokens set revoked_at = now()", &[]).await.unwrap();
    let test = admin.get(&format!("{place}/test")).await.expect(200);
    assert_eq!((&test["status"], &test["tokens"]), (&json!(401), &json!(0)));
    app.other_tenant().await.get(&format!("{place}/test")).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_people_of_a_deleted_directory_stay_and_nobody_manages_them() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let ana = provider.post("/scim/v2/Users", ana()).await.expect(201);
    admin.delete(&format!("{DIRECTORIES}/{id}")).await.expect(204);
    expect_error(provider.get(&path(&ana)).await, 401, None);
    let user = admin.get(&format!("/api/v2/users/{}", ana["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&user["managed_by"], &user["is_active"]), (&json!(null), &json!(true)));
    assert_eq!((rows(&app, "scim_users").await, rows(&app, "scim_tokens").await), (0, 0));
}
