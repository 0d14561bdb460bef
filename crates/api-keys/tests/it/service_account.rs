//! `/api/v2/service-accounts`.

use elder_access::{Role, markers};
use elder_testkit::TestApp;
use serde_json::json;

use crate::wire::{account, account_key, give, id, member_with, state};

#[tokio::test]
async fn a_service_account_is_created_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body = json!({ "name": "Nightly import", "description": "from HR", "permissions": ["users:write", "users:read"] });
    let created = admin.post("/api/v2/service-accounts", body).await.expect(201);
    assert_eq!(created["permissions"], json!(["users:read", "users:write"]));
    assert_eq!((created["is_active"].as_bool(), created["version"].as_i64()), (Some(true), Some(1)));
    assert_eq!(created["created_by"], admin.id());
    let path = format!("/api/v2/service-accounts/{}", id(&created));
    assert_eq!(admin.get(&path).await.expect(200), created);
    let patch = json!({ "name": "Import", "description": null, "permissions": ["users:read"] });
    let changed = admin.patch(&path, patch.clone()).await.expect(200);
    assert_eq!((changed["name"].as_str(), changed["version"].as_i64()), (Some("Import"), Some(2)));
    assert!(changed["description"].is_null());
    assert_eq!(admin.patch(&path, patch).await.expect(200), changed);
    assert_eq!(app.audit_count("service_account.updated").await, 1);
    let list = admin.get("/api/v2/service-accounts?limit=1").await.expect(200);
    assert_eq!((&list["data"][0], &list["next_cursor"]), (&changed, &json!(null)));
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn names_are_unique_and_bodies_are_checked() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let path = account(&admin, json!({ "name": "Import", "permissions": ["users:read"] })).await;
    account(&admin, json!({ "name": "Other", "permissions": ["users:read"] })).await;
    let before = state(&app).await;
    let again = json!({ "name": "IMPORT", "permissions": ["users:read"] });
    admin.post("/api/v2/service-accounts", again).await.expect_problem(409, "already_exists");
    admin.patch(&path, json!({ "name": "other" })).await.expect_problem(409, "already_exists");
    for (body, pointer) in [
        (json!({ "name": "x", "permissions": [] }), "/permissions"),
        (json!({ "name": "x", "permissions": ["tenants:read"] }), "/permissions/0"),
        (json!({ "name": "x", "permissions": ["scim:read"] }), "/permissions/0"),
        (json!({ "name": "x", "permissions": ["api_keys:write"] }), "/permissions/0"),
        (
            json!({ "name": "x", "permissions": ["organizations:read", "users:read"], "organizations": [app.acme.root] }),
            "/permissions/1",
        ),
        (json!({ "name": "", "permissions": ["users:read"] }), "/name"),
    ] {
        let problem =
            admin.post("/api/v2/service-accounts", body).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    for organization in [app.globex.root, app.seam.id()] {
        let body =
            json!({ "name": "x", "permissions": ["organizations:read"], "organizations": [organization] });
        admin.post("/api/v2/service-accounts", body).await.expect_problem(404, "not_found");
    }
    let patch = json!({ "organizations": [] });
    admin.patch(&path, patch).await.expect_problem(400, "validation_failed");
    assert_eq!(before, state(&app).await);
}

#[tokio::test]
async fn only_who_holds_the_permission_manages_accounts_and_only_of_their_tenant() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let path = account(&admin, json!({ "name": "import", "permissions": ["users:read"] })).await;
    let before = state(&app).await;
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    let body = json!({ "name": "x", "permissions": ["users:read"] });
    maintainer.get(&path).await.expect_problem(403, "permission_denied");
    maintainer.post("/api/v2/service-accounts", body.clone()).await.expect_problem(403, "permission_denied");
    let reader = app.member_with::<markers::ServiceAccountsRead>().await;
    reader.get(&path).await.expect(200);
    reader.delete(&path).await.expect_problem(403, "permission_denied");
    let stranger = app.other_tenant().await;
    let random = format!("/api/v2/service-accounts/{}", app.seam.id::<elder_kernel::ServiceAccount>());
    for (actor, path) in [(&stranger, &path), (&admin, &random)] {
        actor.get(path).await.expect_problem(404, "not_found");
        actor.patch(path, json!({ "name": "y" })).await.expect_problem(404, "not_found");
        actor.post(&format!("{path}/deactivate"), json!({})).await.expect_problem(404, "not_found");
        actor
            .post(&format!("{path}/api-keys"), json!({ "name": "y" }))
            .await
            .expect_problem(404, "not_found");
        actor.get(&format!("{path}/api-keys")).await.expect_problem(404, "not_found");
        actor.delete(path).await.expect_problem(404, "not_found");
    }
    assert_eq!(before, state(&app).await);
}

#[tokio::test]
async fn nobody_makes_or_changes_an_account_that_goes_beyond_what_they_hold() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let strong = account(&admin, json!({ "name": "strong", "permissions": ["users:write"] })).await;
    let clerk = member_with::<markers::ServiceAccountsWrite>(&app, &["users:read"]).await;
    let before = state(&app).await;
    let body = json!({ "name": "x", "permissions": ["users:write"] });
    clerk.post("/api/v2/service-accounts", body).await.expect_problem(403, "grant_exceeds_own");
    clerk
        .patch(&strong, json!({ "permissions": ["users:read"] }))
        .await
        .expect_problem(403, "grant_exceeds_own");
    clerk.post(&format!("{strong}/deactivate"), json!({})).await.expect_problem(403, "grant_exceeds_own");
    clerk.delete(&strong).await.expect_problem(403, "grant_exceeds_own");
    assert_eq!(before, state(&app).await);
    let weak = account(&clerk, json!({ "name": "weak", "permissions": ["users:read"] })).await;
    clerk
        .patch(&weak, json!({ "permissions": ["users:write"] }))
        .await
        .expect_problem(403, "grant_exceeds_own");
    // A role in one organization makes no account for another.
    let manager = app.organization_member(app.acme.child, Role::Maintainer).await;
    give(&app, &manager, &["service_accounts:write"]).await;
    let of = |organization| json!({ "name": "tree", "permissions": ["organizations:write"], "organizations": [organization] });
    manager.post("/api/v2/service-accounts", of(app.acme.root)).await.expect_problem(404, "not_found");
    let bound = account(&manager, of(app.acme.child)).await;
    let patch = json!({ "organizations": null });
    manager.patch(&bound, patch).await.expect_problem(403, "grant_exceeds_own");
}

#[tokio::test]
async fn what_an_account_loses_its_keys_lose_with_the_next_request() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (path, program, _) = account_key(&admin, &["users:read", "roles:read"], json!({ "name": "k" })).await;
    program.get("/api/v2/users").await.expect(200);
    admin.patch(&path, json!({ "permissions": ["roles:read"] })).await.expect(200);
    program.get("/api/v2/users").await.expect_problem(403, "permission_denied");
    program.get("/api/v2/roles").await.expect(200);
    let deactivated = admin.post(&format!("{path}/deactivate"), json!({})).await.expect(200);
    assert_eq!(deactivated["is_active"], false);
    program.get("/api/v2/roles").await.expect_problem(401, "unauthenticated");
    admin.post(&format!("{path}/deactivate"), json!({})).await.expect(200);
    assert_eq!(app.audit_count("service_account.deactivated").await, 1);
    admin.post(&format!("{path}/activate"), json!({})).await.expect(200);
    program.get("/api/v2/roles").await.expect(200);
    admin.delete(&path).await.expect(204);
    program.get("/api/v2/roles").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_account_acts_under_its_own_name_and_within_its_organizations() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body = json!({ "name": "tree", "permissions": ["organizations:read", "organizations:write"],
        "organizations": [app.acme.child] });
    let path = account(&admin, body).await;
    let issued = admin.post(&format!("{path}/api-keys"), json!({ "name": "k" })).await.expect(201);
    let program = crate::wire::with_key(&admin, &issued);
    let new = json!({ "name": "below", "parent_id": app.acme.child });
    program.post("/api/v2/organizations", new).await.expect(201);
    let beside = json!({ "name": "beside", "parent_id": app.acme.root });
    program.post("/api/v2/organizations", beside).await.expect_problem(404, "not_found");
    let find = "select actor_type, actor_user_id is null, actor_key_id is not null from audit_logs
        where action = 'organization.created'";
    let row = app.superuser.query_one(find, &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1), row.get(2)), ("service_account", true, true));
}
