//! Another tenant's ids: the same answer as for ids that do not exist.

use elder_access::Role;
use elder_testkit::{Answer, Fixture, TestApp};
use reqwest::Method;

use super::support::{call, digest, endpoints, is_scim, permission, provider};

/// After it every budget is full again, so that the headers of two answers differ only if the requests cost differently.
const REFILL: chrono::Duration = chrono::Duration::milliseconds(1);

/// What a caller can see of an answer, without what differs for every request.
fn visible(answer: &Answer, path: &str) -> String {
    let mut body = answer.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("request_id");
    }
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| *name != "date" && *name != "x-request-id").collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    format!("{} {headers:?} {body}", answer.status).replace(path, "(the path)")
}

#[tokio::test]
async fn w_03_another_tenants_ids_and_random_ids_get_the_same_404() {
    let app = TestApp::start().await;
    let own = Fixture::create(&app, "own").await;
    let foreign = Fixture::create(&app, "foreign").await;
    // Ids of the right kinds that exist nowhere: those of a tenant that is gone.
    let random = Fixture::create(&app, "gone").await;
    app.superuser.execute("delete from tenants where id = $1", &[&random.tenant.0]).await.unwrap();
    let admin = app.member(own.tenant, Some(Role::Admin)).await;
    let provider = provider(&app, &own).await;
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
    }
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn w_03_another_tenants_ids_and_random_ids_in_a_body_get_the_same_answer() {
    let app = TestApp::start().await;
    let own = Fixture::create(&app, "own").await;
    let foreign = Fixture::create(&app, "foreign").await;
    let random = Fixture::create(&app, "gone").await;
    app.superuser.execute("delete from tenants where id = $1", &[&random.tenant.0]).await.unwrap();
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
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(app.audit_count("access.denied").await > 50);
}
