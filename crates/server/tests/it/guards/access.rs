//! Who may ask what: anonymous, every role, every kind of dead credential.

use std::collections::BTreeSet;

use elder_access::{Level, Role};
use elder_testkit::{Actor, Fixture, TestApp};
use serde_json::json;

use super::support::{
    REFILL, call, digest, endpoints, holds, is_guarded, is_scim, permission, provider, reads_work, rightful,
    until_used, visible,
};

/// How many routes need more than a fixture for their good call. The number may only shrink.
const OWN_TESTS: usize = 9;

/// `endpoints` itself fails for a route that is missing in the catalogue, and for an entry without a route.
#[tokio::test]
async fn w_02_router_catalogue_and_documentation_name_the_same_routes() {
    let endpoints = endpoints();
    assert!(endpoints.len() > 50);
    let routed: BTreeSet<_> =
        endpoints.iter().map(|(route, _)| format!("{} {}", route.method, route.path)).collect();
    let document = serde_json::to_value(elder_server::openapi()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let methods = ["get", "put", "post", "delete", "patch", "options", "head", "trace"];
        let methods = methods.iter().filter(|method| operations.get(*method).is_some());
        documented.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    assert_eq!(routed, documented);
    let own = endpoints.iter().filter(|(_, endpoint)| endpoint.own_test.is_some()).count();
    assert_eq!(own, OWN_TESTS, "a shorter list is good news: lower the number");
}

#[tokio::test]
async fn w_01_nobody_passes_a_guarded_route_without_a_good_credential() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let others = [Fixture::create(&app, "others").await, Fixture::create(&app, "absent").await];
    others[1].remove(&app).await;
    reads_work(&app, &ids).await;
    let strangers = strangers(&app).await;
    let person = app.tenant_admin().await;
    let provider = provider(&app, &ids).await;
    let before = digest(&app).await;
    for (route, endpoint) in endpoints().iter().filter(|(route, _)| is_guarded(route)) {
        for (who, stranger) in &strangers {
            let answer = call(stranger, endpoint, &ids).await;
            assert_eq!(answer.status, 401, "{who}: {} {}", answer.asked, answer.text);
            assert!(!answer.header("www-authenticate").is_empty(), "{who}: {}", answer.asked);
        }
        // Before it is known whether there is such a thing: the same for own, foreign and unknown ids.
        for other in &others {
            let (_, stranger) = &strangers[0];
            let said = [&ids, other].map(|ids| async {
                app.clock.advance(REFILL);
                visible(&call(stranger, endpoint, ids).await, &ids.path(endpoint))
            });
            let [own, foreign] = said;
            assert_eq!(own.await, foreign.await, "{} {}", route.method, route.path);
        }
        let wrong_kind = if is_scim(route) { &person } else { &provider };
        assert_eq!(call(wrong_kind, endpoint, &ids).await.status, 401, "{} {}", route.method, route.path);
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

/// Everybody whose credential is none, or none any more.
async fn strangers(app: &TestApp) -> Vec<(&'static str, Actor)> {
    let guest = app.guest();
    let forged = app.sign("at+jwt", &json!({ "iss": "http://elder.test", "aud": "elder" }));
    let nobody = app.claims(app.acme.id, app.seam.id(), app.seam.id());
    let ended = "update sessions set ended_at = now(), end_reason = 'revoked'";
    let disabled = "update portal_users set is_active = false where tenant_id = $1 and id = $2";
    let revoked = "update api_keys set revoked_at = now() where tenant_id = $1 and user_id = $2";
    vec![
        ("no credential", guest.clone()),
        ("garbage", guest.with_token("garbage")),
        ("an empty token", guest.with_token("")),
        ("another scheme", guest.with_header("authorization", "Basic YWRtaW46YWRtaW4=")),
        ("no scheme", guest.with_header("authorization", app.tenant_admin().await.token.unwrap())),
        ("a token without claims", guest.with_token(forged)),
        ("a token of nobody", guest.with_token(app.sign("at+jwt", &nobody))),
        ("a deactivated user", deactivated(app, "update portal_users set is_active = false").await),
        ("an ended session", deactivated(app, ended).await),
        ("the key of a deactivated user", key_after(app, disabled).await),
        ("a revoked key", key_after(app, revoked).await),
    ]
}

/// A tenant admin of acme whose account or session a statement then ends.
async fn deactivated(app: &TestApp, statement: &str) -> Actor {
    let actor = app.tenant_admin().await;
    let column = if statement.contains("portal_users") { "id" } else { "user_id" };
    let statement = format!("{statement} where tenant_id = $1 and {column} = $2");
    let user = actor.user.unwrap().uuid();
    assert_eq!(app.superuser.execute(&statement, &[&actor.tenant.0, &user]).await.unwrap(), 1);
    actor
}

/// Who calls with the key of a tenant admin of acme, after a statement that ends it.
async fn key_after(app: &TestApp, statement: &str) -> Actor {
    let admin = app.tenant_admin().await;
    let issued = admin.post("/api/v2/me/api-keys", json!({ "name": "key" })).await.expect(201);
    let user = admin.user.unwrap().uuid();
    assert_eq!(app.superuser.execute(statement, &[&admin.tenant.0, &user]).await.unwrap(), 1);
    app.guest().with_token(issued["key"].as_str().unwrap())
}

#[tokio::test]
async fn a_key_of_an_admin_opens_no_route_of_ones_own_account_and_none_that_makes_keys() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let admin = app.member(ids.tenant, Some(Role::Admin)).await;
    let issued = admin.post("/api/v2/me/api-keys", json!({ "name": "key" })).await.expect(201);
    let program = admin.with_token(issued["key"].as_str().unwrap());
    program.get("/api/v2/users").await.expect(200);
    until_used(&app, "api_keys", &ids).await;
    let before = digest(&app).await;
    for (route, endpoint) in &endpoints() {
        if route.gate.kind == "own_account" {
            call(&program, endpoint, &ids).await.expect_problem(401, "unauthenticated");
        } else if route.gate.name == "api_keys:write" {
            call(&program, endpoint, &ids).await.expect_problem(403, "permission_denied");
        }
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn w_01_a_deactivated_tenant_opens_no_route_to_its_people_and_tokens() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "closed").await;
    let admin = app.member(ids.tenant, Some(Role::Admin)).await;
    admin.get("/api/v2/users").await.expect(200);
    app.guest().with_token(&ids.scim_token).get("/scim/v2/Users").await.expect(200);
    app.superuser
        .execute("update tenants set is_active = false where id = $1", &[&ids.tenant.0])
        .await
        .unwrap();
    // A principal is believed for 900 ms, should the change come from nowhere near this node.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for (route, endpoint) in endpoints().iter().filter(|(route, _)| is_guarded(route)) {
        let token = app.guest().with_token(&ids.scim_token);
        let caller = if is_scim(route) { &token } else { &admin };
        let answer = call(caller, endpoint, &ids).await;
        assert_eq!(answer.status, 401, "{}: {}", answer.asked, answer.text);
    }
}

#[tokio::test]
async fn w_01_every_role_without_the_permission_gets_403_and_changes_nothing() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    reads_work(&app, &ids).await;
    let mut roles = Vec::new();
    for role in [None, Some(Role::Reader), Some(Role::Maintainer), Some(Role::Admin)] {
        roles.push((role.map(Role::level), app.member(ids.tenant, role).await));
    }
    let support = app.support().await.with_header("elder-tenant", ids.value("tenant"));
    let before = digest(&app).await;
    for (route, endpoint) in &endpoints() {
        let Some(row) = permission(route).filter(|_| !is_scim(route)) else { continue };
        for (level, actor) in &roles {
            if !holds(*level, row) {
                call(actor, endpoint, &ids).await.expect_problem(403, "permission_denied");
            }
        }
        if row.least != Level::Reader {
            call(&support, endpoint, &ids).await.expect_problem(403, "permission_denied");
        }
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn p_36_a_route_that_asks_for_a_new_proof_does_nothing_without() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let mut asked = BTreeSet::new();
    for (route, endpoint) in endpoints().iter().filter(|(route, _)| route.gate.fresh) {
        let actor = rightful(&app, route, &ids).await;
        let age = "update sessions set auth_time = auth_time - interval '10 minutes'";
        app.superuser.batch_execute(age).await.unwrap();
        let before = digest(&app).await;
        call(&actor, endpoint, &ids).await.expect_problem(401, "step_up_required");
        assert_eq!(before, digest(&app).await, "{} {} changed something", route.method, route.path);
        asked.insert(format!("{} {}", route.method, route.path));
    }
    // What makes credentials, gives rights, or changes how people sign in.
    for route in [
        "POST /api/v2/me/api-keys",
        "POST /api/v2/me/mfa/totp",
        "POST /api/v2/me/mfa/backup-codes",
        "DELETE /api/v2/me/mfa/factors/{factor_id}",
        "PUT /api/v2/me/password",
        "PUT /api/v2/users/{user_id}/password",
        "POST /api/v2/users/{user_id}/mfa/reset",
        "PUT /api/v2/users/{user_id}/grants",
        "PUT /api/v2/organizations/{org_id}/members/{user_id}",
        "PATCH /api/v2/roles/{role_id}",
        "POST /api/v2/service-accounts/{service_account_id}/api-keys",
        "POST /api/v2/directories/{dir_id}/tokens",
        "POST /api/v2/directories/{dir_id}/role-mappings",
        "PATCH /api/v2/tenant",
        "PUT /api/v2/global/users/{tenant}/{user_id}/global-role",
    ] {
        assert!(asked.contains(route), "{route} asks for no new proof");
    }
}

#[tokio::test]
async fn w_01_a_wrong_method_gets_405_with_the_right_ones() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    reads_work(&app, &ids).await;
    let admin = app.tenant_admin().await;
    let all = endpoints();
    for (route, endpoint) in &all {
        let path = ids.path(endpoint);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            // Another pattern may match the same path with that method.
            let known = all.iter().any(|(other, known)| {
                other.method == *method && (other.path == route.path || ids.path(known) == path)
            });
            if known {
                continue;
            }
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let answer = admin.send(method.clone(), &path, None).await;
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
            assert!(answer.header("allow").contains(route.method.as_str()), "{method} {path}");
        }
    }
}
