//! Another tenant's ids: the same answer as for ids that do not exist.

use elder_access::Role;
use elder_kernel::{Id, User};
use elder_testkit::{Fixture, TestApp};
use reqwest::Method;
use serde_json::json;

use super::support::{REFILL, call, digest, endpoints, holds, is_scim, permission, provider, visible};

#[tokio::test]
async fn w_03_another_tenants_ids_and_random_ids_get_the_same_404() {
    let app = TestApp::start().await;
    let own = Fixture::create(&app, "own").await;
    let foreign = Fixture::create(&app, "foreign").await;
    // Ids of the right kinds that exist nowhere: those of a tenant that is gone.
    let random = Fixture::create(&app, "gone").await;
    random.remove(&app).await;
    let admin = app.member(own.tenant, Some(Role::Admin)).await;
    let others = [
        (Role::Reader, app.member(own.tenant, Some(Role::Reader)).await),
        (Role::Maintainer, app.member(own.tenant, Some(Role::Maintainer)).await),
    ];
    let provider = provider(&app, &own).await;
    let user = format!("/api/v2/users/{}", own.value("user_id"));
    for reads in [&admin, &others[0].1, &others[1].1] {
        reads.get(&user).await.expect(200);
    }
    let before = digest(&app).await;
    for (route, endpoint) in &endpoints() {
        let of_tenant = permission(route).is_some() && route.gate.kind == "permission";
        if !of_tenant || !route.path.contains('{') || endpoint.ids_are_public {
            continue;
        }
        let caller = if is_scim(route) { &provider } else { &admin };
        let mut answers = Vec::new();
        for ids in [&foreign, &random] {
            app.clock.advance(REFILL);
            let answer = call(caller, endpoint, ids).await;
            // Whose directory the path names is part of the credential (RFC 7644 §2).
            let status = if route.path.contains("{dir_id}") && is_scim(route) { 401 } else { 404 };
            assert_eq!(answer.status, status, "{}: {}", answer.asked, answer.text);
            answers.push(visible(&answer, &ids.path(endpoint)));
        }
        assert_eq!(answers[0], answers[1], "{} {}", route.method, route.path);
        let row = permission(route).unwrap();
        for (role, member) in &others {
            app.clock.advance(REFILL);
            let here = call(member, endpoint, &foreign).await;
            app.clock.advance(REFILL);
            let there = call(member, endpoint, &random).await;
            // A directory's routes are no person's; else who holds the permission learns no more than the admin.
            let status = if is_scim(route) {
                401
            } else if holds(Some(role.level()), row) {
                404
            } else {
                403
            };
            assert_eq!(here.status, status, "{}: {}", here.asked, here.text);
            let paths = [&foreign, &random].map(|ids| ids.path(endpoint));
            assert_eq!(
                visible(&here, &paths[0]),
                visible(&there, &paths[1]),
                "{} {}",
                route.method,
                route.path
            );
        }
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn w_03_another_tenants_ids_and_random_ids_in_a_body_get_the_same_answer() {
    let app = TestApp::start().await;
    let own = Fixture::create(&app, "own").await;
    let foreign = Fixture::create(&app, "foreign").await;
    let random = Fixture::create(&app, "gone").await;
    random.remove(&app).await;
    let admin = app.member(own.tenant, Some(Role::Admin)).await;
    let before = digest(&app).await;
    let mut asked = 0;
    for (route, endpoint) in &endpoints() {
        if permission(route).is_none() {
            continue;
        }
        let names_ids = endpoint.body.as_ref().filter(|body| body.to_string().contains("\"$"));
        let Some(body) = names_ids else { continue };
        let method = Method::from_bytes(endpoint.method.as_bytes()).unwrap();
        let path = own.path(endpoint);
        let mut answers = Vec::new();
        for ids in [&foreign, &random] {
            app.clock.advance(REFILL);
            let answer = admin.send(method.clone(), &path, Some(ids.body(body))).await;
            assert!((400..500).contains(&answer.status), "{}: {}", answer.asked, answer.text);
            answers.push(visible(&answer, &path));
        }
        assert_eq!(answers[0], answers[1], "{method} {path}");
        asked += 1;
    }
    assert!(asked >= 3);
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn w_03_nobody_reaches_what_belongs_to_another_account() {
    let app = TestApp::start().await;
    let own = Fixture::create(&app, "own").await;
    let foreign = Fixture::create(&app, "foreign").await;
    let admin = app.member(own.tenant, Some(Role::Admin)).await;
    let before = digest(&app).await;
    for (route, endpoint) in &endpoints() {
        if route.gate.kind == "own_account" && route.path.contains('{') {
            for ids in [&own, &foreign] {
                call(&admin, endpoint, ids).await.expect_problem(404, "not_found");
            }
        }
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn t_36_the_tenant_comes_from_the_credential_alone() {
    let app = TestApp::start().await;
    let own = Fixture::create(&app, "own").await;
    let foreign = Fixture::create(&app, "foreign").await;
    let admin = app.member(own.tenant, Some(Role::Admin)).await;
    admin.with_header("elder-tenant", "own").get("/api/v2/users").await.expect(200);
    admin.with_header("elder-tenant", own.tenant.to_string()).get("/api/v2/users").await.expect(200);
    let before = digest(&app).await;
    for (route, endpoint) in &endpoints() {
        if route.gate.kind != "permission" || is_scim(route) {
            continue;
        }
        let named =
            ["foreign".to_owned(), foreign.tenant.to_string(), "nowhere".to_owned(), "2147483647".to_owned()];
        for tenant in named {
            let other = admin.with_header("elder-tenant", tenant);
            call(&other, endpoint, &foreign).await.expect_problem(403, "tenant_forbidden");
        }
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
    // Denials are written beside their requests.
    for _ in 0..100 {
        if app.audit_count("access.denied").await > 50 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{} denials are in the audit", app.audit_count("access.denied").await);
}

/// Ids are made by the server; only a fault of it could give one out twice.
#[tokio::test]
async fn t_37_an_id_that_was_deleted_in_one_tenant_is_a_new_one_in_another() {
    let app = TestApp::start().await;
    let own = Fixture::create(&app, "own").await;
    let foreign = Fixture::create(&app, "foreign").await;
    let (admin, other) = (
        app.member(own.tenant, Some(Role::Admin)).await,
        app.member(foreign.tenant, Some(Role::Admin)).await,
    );
    let user: Id<User> = own.value("user_id").parse().unwrap();
    let path = format!("/api/v2/users/{user}");
    let old = app.guest().with_token(&own.user_token);
    admin.get(&path).await.expect(200);
    old.get("/api/v2/me").await.expect(200);
    other.get(&path).await.expect_problem(404, "not_found");
    admin.delete(&path).await.expect(204);
    let again = "insert into portal_users (tenant_id, id, email, email_folded, full_name)
        values ($1, $2, 'new@example.com', 'new@example.com', 'Somebody New')";
    app.superuser.execute(again, &[&foreign.tenant.0, &user.uuid()]).await.unwrap();
    let new = other.get(&path).await.expect(200);
    assert_eq!((&new["email"], &new["full_name"]), (&json!("new@example.com"), &json!("Somebody New")));
    let grants = other.get(&format!("{path}/grants")).await.expect(200);
    assert!(!grants.to_string().contains("org_"), "roles of the deleted one: {grants}");
    assert_eq!(other.get(&format!("{path}/sessions")).await.expect(200)["data"], json!([]));
    admin.get(&path).await.expect_problem(404, "not_found");
    old.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
}
