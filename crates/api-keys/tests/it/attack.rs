//! What somebody tries who has found a key, or wants more than theirs gives.

use std::time::Duration;

use elder_access::Role;
use elder_testkit::TestApp;
use futures_util::future::join_all;
use serde_json::json;

use crate::wire::{account_key, id, own_key, past_belief, state, with_key};

#[tokio::test]
async fn p_29_a_key_whose_owner_or_tenant_is_not_active_is_refused_like_any_other() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let member = app.member(app.acme.id, Some(Role::Admin)).await;
    let (program, _) = own_key(&member, json!({ "name": "k" })).await;
    let (_, robot, _) = account_key(&admin, &["users:read"], json!({ "name": "k" })).await;
    program.get("/api/v2/users").await.expect(200);
    let user = format!("/api/v2/users/{}", member.id());
    admin.post(&format!("{user}/deactivate"), json!({})).await.expect(200);
    let refused = program.get("/api/v2/users").await;
    let unknown = app.guest().with_token("nothing").get("/api/v2/users").await;
    let (mut refused, mut unknown) =
        (refused.expect_problem(401, "unauthenticated"), unknown.expect_problem(401, "unauthenticated"));
    refused["request_id"].take();
    unknown["request_id"].take();
    assert_eq!(refused, unknown);
    admin.post(&format!("{user}/activate"), json!({})).await.expect(200);
    program.get("/api/v2/users").await.expect(200);
    admin.delete(&user).await.expect(204);
    program.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    robot.get("/api/v2/users").await.expect(200);
    let operator = app.operator().await;
    operator.post("/api/v2/global/tenants/acme/deactivate", json!({})).await.expect(200);
    robot.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_role_that_is_taken_away_narrows_the_key_with_the_next_request() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let member = app.member(app.acme.id, Some(Role::Admin)).await;
    let (program, _) =
        own_key(&member, json!({ "name": "k", "permissions": ["users:read", "users:write"] })).await;
    program.post("/api/v2/users", json!({ "email": "ana@acme.com" })).await.expect(201);
    let grants = format!("/api/v2/users/{}/grants", member.id());
    admin.put(&grants, json!({ "tenant_role": "reader", "roles": [] })).await.expect(200);
    let body = json!({ "email": "ben@acme.com" });
    program.post("/api/v2/users", body).await.expect_problem(403, "permission_denied");
    program.get("/api/v2/users").await.expect(200);
    admin.put(&grants, json!({ "tenant_role": null, "roles": [] })).await.expect(200);
    program.get("/api/v2/users").await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn every_node_refuses_a_revoked_key_within_a_second() {
    let app = TestApp::start().await;
    let other = app.another_node().await;
    let admin = app.tenant_admin().await;
    let (program, issued) = own_key(&admin, json!({ "name": "k" })).await;
    let there = other.called_by(&program);
    there.get("/api/v2/users").await.expect(200);
    admin.delete(&format!("/api/v2/me/api-keys/{}", id(&issued))).await.expect(204);
    program.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    past_belief().await;
    there.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_typo_is_refused_without_a_question_to_the_database() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (_, issued) = own_key(&admin, json!({ "name": "k" })).await;
    let text = issued["key"].as_str().unwrap();
    // With the table locked, whoever asks it would wait.
    let locker = app.database.superuser().await;
    locker.batch_execute("begin; lock table api_keys in access exclusive mode").await.unwrap();
    for (at, other) in [(5, "prod"), (20, "zzzz"), (45, "zzzz"), (text.len() - 4, "zzzz")] {
        let mut typo = text.to_owned();
        typo.replace_range(at..at + 4, other);
        let stranger = app.guest().with_token(typo);
        let asked = tokio::time::timeout(Duration::from_secs(5), stranger.get("/api/v2/users"));
        asked.await.expect("nobody waits for the table").expect_problem(401, "unauthenticated");
    }
    locker.batch_execute("rollback").await.unwrap();
    app.guest().with_token(text).get("/api/v2/users").await.expect(200);
}

#[tokio::test]
async fn a_key_with_another_secret_or_another_tenants_row_is_refused() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let (_, issued) = own_key(&admin, json!({ "name": "k" })).await;
    let environment: elder_crypto::KeyEnvironment = "test".parse().unwrap();
    let row = id(&issued).parse().unwrap();
    for tenant in [app.acme.id, app.globex.id, elder_kernel::TenantId::SYSTEM] {
        let (forged, _) = environment.mint(tenant, row, &app.seam.random);
        let forger = app.guest().with_token(forged.expose());
        forger.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    }
    let (program, _) = own_key(&stranger, json!({ "name": "k" })).await;
    let named = program.with_header("elder-tenant", "acme");
    named.get("/api/v2/users").await.expect_problem(403, "tenant_forbidden");
}

#[tokio::test]
async fn a_key_opens_no_route_of_ones_own_account_and_makes_no_key() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (program, issued) = own_key(&admin, json!({ "name": "k" })).await;
    let (account, robot, of_account) =
        account_key(&admin, &["users:read", "service_accounts:write"], json!({ "name": "k" })).await;
    let before = state(&app).await;
    let own = format!("/api/v2/me/api-keys/{}", id(&issued));
    for caller in [&program, &robot] {
        caller.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
        caller.get("/api/v2/me/sessions").await.expect_problem(401, "unauthenticated");
        caller.get("/api/v2/me/api-keys").await.expect_problem(401, "unauthenticated");
        let body = json!({ "name": "x" });
        caller.post("/api/v2/me/api-keys", body.clone()).await.expect_problem(401, "unauthenticated");
        caller.post(&format!("{own}/rotate"), json!({})).await.expect_problem(401, "unauthenticated");
        let keys = format!("{account}/api-keys");
        caller.post(&keys, body).await.expect_problem(403, "permission_denied");
        let rotate = format!("/api/v2/api-keys/{}/rotate", id(&of_account));
        caller.post(&rotate, json!({})).await.expect_problem(403, "permission_denied");
    }
    // An account cannot raise itself.
    robot
        .patch(&account, json!({ "permissions": ["users:write"] }))
        .await
        .expect_problem(403, "grant_exceeds_own");
    assert_eq!(before, state(&app).await);
}

#[tokio::test]
async fn a_narrow_key_does_not_take_its_owners_account_over() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (program, _) = own_key(&admin, json!({ "name": "k", "permissions": ["users:write"] })).await;
    let owner = format!("/api/v2/users/{}", admin.id());
    let body = json!({ "password": "correct horse battery staple" });
    program.put(&format!("{owner}/password"), body).await.expect_problem(403, "grant_exceeds_own");
    program
        .patch(&owner, json!({ "email": "mine@evil.example" }))
        .await
        .expect_problem(403, "grant_exceeds_own");
    let body = json!({ "email": "new@acme.com", "tenant_role": "reader" });
    program.post("/api/v2/users", body).await.expect_problem(403, "grant_exceeds_own");
    program.post("/api/v2/users", json!({ "email": "new@acme.com" })).await.expect(201);
}

#[tokio::test]
async fn a_key_is_no_credential_for_scim() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (directory, _) = app.directory().await;
    let (program, _) = own_key(&admin, json!({ "name": "k" })).await;
    for path in ["/scim/v2/Users".to_owned(), format!("/scim/v2/{directory}/Users")] {
        assert_eq!(program.get(&path).await.status, 401);
    }
}

#[tokio::test]
async fn a_key_outside_its_networks_is_refused_and_the_refusal_is_logged() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (here, _) = own_key(&admin, json!({ "name": "k", "ip_allowlist": ["127.0.0.0/8", "::1/128"] })).await;
    here.get("/api/v2/users").await.expect(200);
    let body = json!({ "name": "k", "ip_allowlist": ["192.0.2.0/24", "2001:db8::/32"] });
    let (elsewhere, issued) = own_key(&admin, body).await;
    assert_eq!(issued["ip_allowlist"], json!(["192.0.2.0/24", "2001:db8::/32"]));
    elsewhere.get("/api/v2/users").await.expect_problem(403, "network_forbidden");
    // Nobody believes a stranger about where they are.
    let forged = elsewhere.with_header("x-forwarded-for", "192.0.2.7");
    forged.get("/api/v2/users").await.expect_problem(403, "network_forbidden");
    for _ in 0..100 {
        if app.audit_count("access.denied").await == 2 {
            let find = "select reason, actor_type from audit_logs where action = 'access.denied' limit 1";
            let row = app.superuser.query_one(find, &[]).await.unwrap();
            assert_eq!((row.get(0), row.get(1)), ("network_forbidden", "api_key"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the refusals were not written down");
}

#[tokio::test]
async fn the_networks_of_the_tenant_bind_its_keys_too() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (program, _) =
        own_key(&admin, json!({ "name": "k", "ip_allowlist": ["127.0.0.0/8", "::1/128"] })).await;
    program.get("/api/v2/users").await.expect(200);
    let settings = json!({ "ip_allowlist": ["192.0.2.0/24"] });
    let set = "update tenants set settings = $2 where id = $1";
    app.superuser.execute(set, &[&app.acme.id.0, &settings]).await.unwrap();
    past_belief().await;
    program.get("/api/v2/users").await.expect_problem(403, "network_forbidden");
}

#[tokio::test]
async fn of_twenty_parallel_rotations_one_comes_first() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (old, issued) = own_key(&admin, json!({ "name": "k" })).await;
    let rotate = format!("/api/v2/me/api-keys/{}/rotate", id(&issued));
    let rotations = (0..20).map(|_| admin.post(&rotate, json!({ "overlap_seconds": 60 })));
    let (won, lost): (Vec<_>, Vec<_>) =
        join_all(rotations).await.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, 19));
    for answer in lost {
        answer.expect_problem(409, "conflict");
    }
    old.get("/api/v2/users").await.expect(200);
    with_key(&admin, &won[0].body).get("/api/v2/users").await.expect(200);
    assert_eq!(app.audit_count("api_key.rotated").await, 1);
}

#[tokio::test]
async fn an_operators_key_carries_global_permissions_only_by_name_and_stays_in_system() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let (silent, _) = own_key(&operator, json!({ "name": "k" })).await;
    silent.get("/api/v2/global/tenants").await.expect_problem(403, "permission_denied");
    silent.get("/api/v2/users").await.expect_problem(403, "permission_denied");
    let (named, _) =
        own_key(&operator, json!({ "name": "k", "permissions": ["tenants:read", "users:read"] })).await;
    named.get("/api/v2/global/tenants").await.expect(200);
    named.get("/api/v2/users").await.expect(200);
    let body = json!({ "name": "New", "slug": "brand-new" });
    named.post("/api/v2/global/tenants", body).await.expect_problem(403, "permission_denied");
    let visiting = named.with_header("elder-tenant", "acme");
    visiting.get("/api/v2/users").await.expect_problem(403, "tenant_forbidden");
    // What support may do, its key may; and what it may not, no key of it does.
    let support = app.support().await;
    let wide = json!({ "name": "k", "permissions": ["tenants:write"] });
    support.post("/api/v2/me/api-keys", wide).await.expect_problem(403, "grant_exceeds_own");
}
