//! `/api/v2/api-keys`, and the keys of service accounts.

use elder_access::{Role, markers};
use elder_testkit::TestApp;
use serde_json::json;

use crate::wire::{account, account_key, id, member_with, own_key, state, with_key};

#[tokio::test]
async fn an_admin_makes_sees_rotates_and_revokes_the_keys_of_an_account() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (path, program, issued) = account_key(
        &admin,
        &["users:read", "roles:read"],
        json!({ "name": "k", "permissions": ["users:read"] }),
    )
    .await;
    program.get("/api/v2/users").await.expect(200);
    program.get("/api/v2/roles").await.expect_problem(403, "permission_denied");
    let list = admin.get(&format!("{path}/api-keys")).await.expect(200);
    assert_eq!(list["data"][0]["id"], issued["id"]);
    let own = format!("/api/v2/api-keys/{}", id(&issued));
    let shown = admin.get(&own).await.expect(200);
    assert!(shown["user_id"].is_null() && shown["service_account_id"].is_string());
    let rotated = admin.post(&format!("{own}/rotate"), json!({ "overlap_seconds": 0 })).await.expect(200);
    program.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    let program = with_key(&admin, &rotated);
    program.get("/api/v2/users").await.expect(200);
    admin.delete(&own).await.expect(204);
    program.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    admin.delete(&own).await.expect(204);
    assert_eq!(app.audit_count("api_key.revoked").await, 1);
    let names =
        "select count(*) from audit_logs where action like 'api_key.%' and metadata ? 'service_account'";
    assert_eq!(app.superuser.query_one(names, &[]).await.unwrap().get::<_, i64>(0), 3);
}

#[tokio::test]
async fn the_keys_of_people_are_seen_and_revoked_by_admins_and_never_rotated() {
    let app = TestApp::start().await;
    let (admin, member) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Reader)).await);
    let (program, issued) = own_key(&member, json!({ "name": "mine" })).await;
    let path = format!("/api/v2/api-keys/{}", id(&issued));
    assert_eq!(admin.get(&path).await.expect(200)["user_id"], member.id());
    let before = state(&app).await;
    let rotation = admin.post(&format!("{path}/rotate"), json!({})).await;
    rotation.expect_problem(403, "permission_denied");
    assert_eq!(before, state(&app).await);
    admin.delete(&path).await.expect(204);
    program.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn only_who_holds_the_permission_reaches_keys_and_only_of_their_tenant() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (account, program, issued) = account_key(&admin, &["users:read"], json!({ "name": "k" })).await;
    let path = format!("/api/v2/api-keys/{}", id(&issued));
    let before = state(&app).await;
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    maintainer.get("/api/v2/api-keys").await.expect_problem(403, "permission_denied");
    maintainer.delete(&path).await.expect_problem(403, "permission_denied");
    let reader = app.member_with::<markers::ApiKeysRead>().await;
    assert_eq!(reader.get("/api/v2/api-keys").await.expect(200)["data"].as_array().unwrap().len(), 1);
    reader.delete(&path).await.expect_problem(403, "permission_denied");
    reader
        .post(&format!("{account}/api-keys"), json!({ "name": "x" }))
        .await
        .expect_problem(403, "permission_denied");
    let stranger = app.other_tenant().await;
    assert_eq!(stranger.get("/api/v2/api-keys").await.expect(200)["data"], json!([]));
    let random = format!("/api/v2/api-keys/{}", app.seam.id::<elder_kernel::ApiKey>());
    for (actor, path) in [(&stranger, &path), (&admin, &random)] {
        actor.get(path).await.expect_problem(404, "not_found");
        actor.post(&format!("{path}/rotate"), json!({})).await.expect_problem(404, "not_found");
        actor.delete(path).await.expect_problem(404, "not_found");
    }
    assert_eq!(before, state(&app).await);
    program.get("/api/v2/users").await.expect(200);
}

#[tokio::test]
async fn who_makes_or_rotates_a_key_holds_what_it_carries() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (account, _, issued) =
        account_key(&admin, &["users:read", "users:write"], json!({ "name": "k" })).await;
    let clerk = member_with::<markers::ApiKeysWrite>(&app, &["users:read"]).await;
    let before = state(&app).await;
    let keys = format!("{account}/api-keys");
    clerk.post(&keys, json!({ "name": "x" })).await.expect_problem(403, "grant_exceeds_own");
    let rotate = format!("/api/v2/api-keys/{}/rotate", id(&issued));
    clerk.post(&rotate, json!({})).await.expect_problem(403, "grant_exceeds_own");
    let beyond = json!({ "name": "x", "permissions": ["roles:read"] });
    admin.post(&keys, beyond).await.expect_problem(403, "grant_exceeds_own");
    assert_eq!(before, state(&app).await);
    let narrow = json!({ "name": "x", "permissions": ["users:read"] });
    let narrow = clerk.post(&keys, narrow).await.expect(201);
    clerk.post(&format!("/api/v2/api-keys/{}/rotate", id(&narrow)), json!({})).await.expect(200);
    // Revoking gives nobody anything.
    clerk.delete(&format!("/api/v2/api-keys/{}", id(&issued))).await.expect(204);
}

#[tokio::test]
async fn a_key_stays_within_the_organizations_of_its_account() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body =
        json!({ "name": "tree", "permissions": ["organizations:read"], "organizations": [app.acme.child] });
    let keys = format!("{}/api-keys", account(&admin, body).await);
    let of = |organization| json!({ "name": "k", "organizations": [organization] });
    admin.post(&keys, of(app.acme.root)).await.expect_problem(403, "grant_exceeds_own");
    admin.post(&keys, of(app.globex.root)).await.expect_problem(404, "not_found");
    let issued = admin.post(&keys, of(app.acme.child)).await.expect(201);
    let program = with_key(&admin, &issued);
    program.get(&format!("/api/v2/organizations/{}", app.acme.child)).await.expect(200);
    let list = program.get("/api/v2/organizations").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn lists_are_paged_in_the_order_of_making() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut made = Vec::new();
    for number in 0..5 {
        app.clock.advance(chrono::Duration::milliseconds(1));
        let (_, issued) = own_key(&admin, json!({ "name": format!("key {number}") })).await;
        made.push(id(&issued).to_owned());
    }
    for list in ["/api/v2/api-keys", "/api/v2/me/api-keys"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("{list}?limit=2{cursor}")).await.expect(200);
            seen.extend(page["data"].as_array().unwrap().iter().map(|key| id(key).to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, made, "{list}");
    }
}
