//! `/api/v2/me/api-keys`.

use chrono::Duration;
use elder_access::Role;
use elder_testkit::TestApp;
use serde_json::json;

use crate::wire::{id, own_key, past_belief, state, with_key};

#[tokio::test]
async fn the_text_of_a_key_is_shown_once_and_is_nowhere_else() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (program, issued) = own_key(&admin, json!({ "name": "backup" })).await;
    program.get("/api/v2/users").await.expect(200);
    let text = issued["key"].as_str().unwrap();
    assert!(text.starts_with("elder_test_") && text.split('_').count() == 4, "{text}");
    assert_eq!(text.split('_').nth(2).unwrap()[..26], id(&issued)["key_".len()..]);
    let path = format!("/api/v2/me/api-keys/{}", id(&issued));
    let shown = admin.get(&path).await.expect(200);
    assert_eq!((shown["name"].as_str(), shown["user_id"].as_str()), (Some("backup"), Some(&*admin.id())));
    let list = admin.get("/api/v2/me/api-keys").await.expect(200);
    assert_eq!(list["data"][0]["id"], issued["id"]);
    let secret = text.rsplit('_').next().unwrap();
    for answer in [&shown, &list, &admin.get("/api/v2/api-keys").await.expect(200)] {
        assert!(!answer.to_string().contains(&secret[..20]) && !answer.to_string().contains("hash"));
    }
    for table in ["api_keys", "audit_logs", "outbox"] {
        let traces = format!("select count(*) from {table} t where t::text like '%' || $1 || '%'");
        assert_eq!(app.superuser.query_one(&traces, &[&&secret[..20]]).await.unwrap().get::<_, i64>(0), 0);
    }
    assert_eq!(app.audit_count("api_key.created").await, 1);
}

#[tokio::test]
async fn a_key_acts_in_its_owners_name_and_the_log_names_both() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (program, issued) = own_key(&admin, json!({ "name": "hr" })).await;
    program.post("/api/v2/users", json!({ "email": "ana@acme.com" })).await.expect(201);
    let find =
        "select actor_type, actor_user_id, actor_key_id from audit_logs where action = 'portal_user.created'";
    let row = app.superuser.query_one(find, &[]).await.unwrap();
    let key: elder_kernel::Id<elder_kernel::ApiKey> = id(&issued).parse().unwrap();
    assert_eq!(row.get::<_, &str>(0), "api_key");
    assert_eq!((row.get(1), row.get(2)), (Some(admin.user.unwrap().uuid()), Some(key.uuid())));
}

#[tokio::test]
async fn nobody_sees_or_changes_anothers_key_as_their_own() {
    let app = TestApp::start().await;
    let (admin, colleague, stranger) =
        (app.tenant_admin().await, app.tenant_admin().await, app.other_tenant().await);
    let (program, issued) = own_key(&admin, json!({ "name": "backup" })).await;
    let before = state(&app).await;
    let path = format!("/api/v2/me/api-keys/{}", id(&issued));
    let random = format!("/api/v2/me/api-keys/{}", app.seam.id::<elder_kernel::ApiKey>());
    for (actor, path) in [(&colleague, &path), (&stranger, &path), (&admin, &random)] {
        actor.get(path).await.expect_problem(404, "not_found");
        actor.post(&format!("{path}/rotate"), json!({})).await.expect_problem(404, "not_found");
        actor.delete(path).await.expect_problem(404, "not_found");
    }
    assert_eq!(colleague.get("/api/v2/me/api-keys").await.expect(200)["data"], json!([]));
    assert_eq!(before, state(&app).await);
    program.get("/api/v2/users").await.expect(200);
}

#[tokio::test]
async fn a_scope_narrows_and_a_bound_keeps_to_its_organizations() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (reader, _) = own_key(&admin, json!({ "name": "r", "permissions": ["users:read"] })).await;
    reader.get("/api/v2/users").await.expect(200);
    reader.get("/api/v2/roles").await.expect_problem(403, "permission_denied");
    let body = json!({ "email": "ana@acme.com" });
    reader.post("/api/v2/users", body).await.expect_problem(403, "permission_denied");
    let bounds = json!({ "name": "b", "organizations": [app.acme.child] });
    let (bound, issued) = own_key(&admin, bounds).await;
    assert_eq!(issued["organizations"], json!([app.acme.child]));
    bound.get(&format!("/api/v2/organizations/{}", app.acme.child)).await.expect(200);
    let root = format!("/api/v2/organizations/{}", app.acme.root);
    bound.get(&root).await.expect_problem(404, "not_found");
    bound.get("/api/v2/users").await.expect_problem(403, "permission_denied");
    let list = bound.get("/api/v2/organizations").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    // An organization that is gone bounds to nowhere, and not to nothing.
    admin.delete(&format!("/api/v2/organizations/{}", app.acme.child)).await.expect(204);
    bound.get("/api/v2/organizations").await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_role_in_an_organization_is_enough_for_a_key_in_it() {
    let app = TestApp::start().await;
    let member = app.organization_member(app.acme.root, Role::Maintainer).await;
    let body =
        json!({ "name": "tree", "permissions": ["organizations:write"], "organizations": [app.acme.child] });
    let (program, _) = own_key(&member, body).await;
    let child = format!("/api/v2/organizations/{}", app.acme.child);
    program.patch(&child, json!({ "name": "renamed" })).await.expect(200);
    let root = format!("/api/v2/organizations/{}", app.acme.root);
    program.patch(&root, json!({ "name": "renamed" })).await.expect_problem(404, "not_found");
    let (wide, _) = own_key(&member, json!({ "name": "all", "permissions": ["organizations:read"] })).await;
    wide.get(&root).await.expect(200);
    wide.patch(&root, json!({ "name": "renamed" })).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_key_that_is_wider_than_its_maker_or_badly_formed_is_not_made() {
    let app = TestApp::start().await;
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    let before = state(&app).await;
    let refused = async |body| reader.post("/api/v2/me/api-keys", body).await;
    refused(json!({ "name": "x", "permissions": ["users:write"] }))
        .await
        .expect_problem(403, "grant_exceeds_own");
    refused(json!({ "name": "x", "permissions": ["tenants:read"] }))
        .await
        .expect_problem(403, "grant_exceeds_own");
    let body = json!({ "name": "x", "permissions": ["members:write"], "organizations": [app.acme.root] });
    refused(body).await.expect_problem(403, "grant_exceeds_own");
    for organization in [app.globex.root, app.seam.id()] {
        let body = json!({ "name": "x", "organizations": [organization] });
        refused(body).await.expect_problem(404, "not_found");
    }
    for (body, pointer) in [
        (json!({ "name": "x", "permissions": [] }), "/permissions"),
        (json!({ "name": "x", "permissions": ["none:such"] }), "/permissions/0"),
        (json!({ "name": "x", "permissions": ["users:read", "api_keys:write"] }), "/permissions/1"),
        (json!({ "name": "x", "permissions": ["scim:read"] }), "/permissions/0"),
        (
            json!({ "name": "x", "permissions": ["users:read"], "organizations": [app.acme.root] }),
            "/permissions/0",
        ),
        (json!({ "name": "x", "organizations": [] }), "/organizations"),
        (json!({ "name": "x", "ip_allowlist": ["10.0.0.0/33"] }), "/ip_allowlist/0"),
        (json!({ "name": "x", "expires_in_days": 0 }), "/expires_in_days"),
        (json!({ "name": "x", "expires_in_days": 367 }), "/expires_in_days"),
        (json!({ "name": " " }), "/name"),
    ] {
        let problem = refused(body).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    // Who holds nothing in the tenant learns nothing of its organizations.
    let nobody = app.member(app.acme.id, None).await;
    let body = json!({ "name": "x", "organizations": [app.acme.root] });
    nobody.post("/api/v2/me/api-keys", body).await.expect_problem(404, "not_found");
    assert_eq!(before, state(&app).await);
}

#[tokio::test]
async fn a_key_ends_after_its_days_and_ninety_are_usual() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (_, usual) = own_key(&admin, json!({ "name": "usual" })).await;
    let end: chrono::DateTime<chrono::Utc> = usual["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(end, app.seam.now() + Duration::days(90));
    let (program, issued) = own_key(&admin, json!({ "name": "short", "expires_in_days": 1 })).await;
    program.get("/api/v2/users").await.expect(200);
    app.clock.advance(Duration::days(1));
    past_belief().await;
    program.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    let admin = admin.with_token(app.session_of(app.acme.id, admin.user.unwrap()).await);
    let path = format!("/api/v2/me/api-keys/{}", id(&issued));
    admin.post(&format!("{path}/rotate"), json!({})).await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_stays_in_the_list() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (program, issued) = own_key(&admin, json!({ "name": "backup" })).await;
    program.get("/api/v2/users").await.expect(200);
    let path = format!("/api/v2/me/api-keys/{}", id(&issued));
    admin.delete(&path).await.expect(204);
    program.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    admin.delete(&path).await.expect(204);
    assert_eq!(app.audit_count("api_key.revoked").await, 1);
    assert!(admin.get(&path).await.expect(200)["revoked_at"].is_string());
    admin.post(&format!("{path}/rotate"), json!({})).await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn both_secrets_are_good_while_they_overlap_and_no_longer() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (old, issued) = own_key(&admin, json!({ "name": "backup" })).await;
    let rotate = format!("/api/v2/me/api-keys/{}/rotate", id(&issued));
    let rotated = admin.post(&rotate, json!({ "overlap_seconds": 300 })).await.expect(200);
    let new = with_key(&admin, &rotated);
    assert_eq!(rotated["id"], issued["id"]);
    assert!(rotated["rotated_at"].is_string());
    old.get("/api/v2/users").await.expect(200);
    new.get("/api/v2/users").await.expect(200);
    // Another rotation would cut off who still has the first secret.
    let again = admin.post(&rotate, json!({})).await;
    again.expect_problem(409, "conflict");
    app.clock.advance(Duration::seconds(299));
    past_belief().await;
    old.get("/api/v2/users").await.expect(200);
    app.clock.advance(Duration::seconds(1));
    past_belief().await;
    old.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    new.get("/api/v2/users").await.expect(200);
    assert_eq!(app.audit_count("api_key.rotated").await, 1);
}

#[tokio::test]
async fn a_rotation_without_overlap_ends_every_older_secret_at_once() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (first, issued) = own_key(&admin, json!({ "name": "leaked", "expires_in_days": 1 })).await;
    let rotate = format!("/api/v2/me/api-keys/{}/rotate", id(&issued));
    let second = with_key(&admin, &admin.post(&rotate, json!({})).await.expect(200));
    let body = json!({ "overlap_seconds": 0, "expires_in_days": 30 });
    let rotated = admin.post(&rotate, body).await.expect(200);
    assert!(rotated["previous_expires_at"].is_null());
    first.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    second.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    with_key(&admin, &rotated).get("/api/v2/users").await.expect(200);
    for body in [json!({ "overlap_seconds": -1 }), json!({ "overlap_seconds": 604_801 })] {
        admin.post(&rotate, body).await.expect_problem(400, "validation_failed");
    }
}

#[tokio::test]
async fn the_secret_before_a_rotation_does_not_outlive_its_own_term() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (_, issued) = own_key(&admin, json!({ "name": "short", "expires_in_days": 1 })).await;
    let rotate = format!("/api/v2/me/api-keys/{}/rotate", id(&issued));
    let rotated = admin.post(&rotate, json!({ "overlap_seconds": 604_800 })).await.expect(200);
    assert_eq!(rotated["previous_expires_at"], issued["expires_at"]);
}

#[tokio::test]
async fn the_use_of_a_key_is_written_down_once_a_minute() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (program, issued) = own_key(&admin, json!({ "name": "backup" })).await;
    assert!(issued["last_used_at"].is_null());
    program.get("/api/v2/users").await.expect(200);
    let path = format!("/api/v2/me/api-keys/{}", id(&issued));
    for _ in 0..100 {
        if admin.get(&path).await.expect(200)["last_used_at"].is_string() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the use was not written down");
}
