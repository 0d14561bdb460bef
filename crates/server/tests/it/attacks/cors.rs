//! Pages of other origins: a browser hands them an answer only if the tenant lists this very origin.

use elder_testkit::{Actor, Answer, TestApp, TestTenant};
use reqwest::Method;
use serde_json::json;

const TENANT: &str = "/api/v2/tenant";
const USERS: &str = "/api/v2/users";
const LOGIN: &str = "/api/v2/auth/login";
const LISTED: &str = "https://console.example.com";

/// What resembles the listed origin, or is nobody's.
const OTHERS: [&str; 14] = [
    "https://evil.example",
    "null",
    "*",
    "",
    "https://console.example.com.evil",
    "https://evil-console.example.com",
    "https://x.console.example.com",
    "https://example.com",
    "http://console.example.com",
    "https://console.example.com:8443",
    "https://console.example.com:443",
    "https://console.example.com/",
    "https://CONSOLE.example.com",
    "https://console.example.com, https://evil.example",
];

const GRANTS: [&str; 5] = [
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

async fn list(app: &TestApp, tenant: &TestTenant, origins: &[&str]) {
    let operator = app.operator().await.with_header("elder-tenant", tenant.slug);
    operator.patch(TENANT, json!({ "settings": { "cors_origins": origins } })).await.expect(200);
    // What a node believes of lists and credentials ends within a second.
    app.clock.advance(chrono::Duration::seconds(1));
}

fn on(actor: &Actor, origin: &str) -> Actor {
    actor.with_header("origin", origin)
}

async fn preflight(app: &TestApp, origin: &str, path: &str) -> Answer {
    let asking = on(&app.guest(), origin)
        .with_header("access-control-request-method", "PATCH")
        .with_header("access-control-request-headers", "authorization, content-type");
    asking.send(Method::OPTIONS, path, None).await
}

#[track_caller]
fn assert_granted(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}: {}", answer.asked, answer.text);
    assert_eq!(answer.header("access-control-allow-origin"), LISTED, "{}", answer.asked);
    assert!(answer.header("vary").to_ascii_lowercase().contains("origin"), "{}", answer.asked);
    assert_eq!(answer.header("access-control-allow-credentials"), "", "no cookie ever goes along");
}

#[track_caller]
fn assert_not_granted(answer: &Answer, what: &str) {
    for name in GRANTS {
        assert!(!answer.headers.contains_key(name), "{what}, {}: {name}", answer.asked);
    }
}

#[tokio::test]
async fn w_29_a_page_of_a_listed_origin_reads_answers_and_refusals() {
    let app = TestApp::start().await;
    list(&app, &app.acme, &["https://other.example.com", LISTED]).await;
    let page = on(&app.tenant_admin().await, LISTED);
    let shown = page.get(TENANT).await;
    assert_granted(&shown, 200);
    assert!(shown.header("access-control-expose-headers").contains("ETag"));
    let known = page.with_header("if-none-match", shown.header("etag")).get(TENANT).await;
    assert_granted(&known, 304);
    assert_granted(&page.get("/api/v2/users/usr_1").await, 400);
    assert_granted(&page.get("/api/v2/nowhere").await, 404);
    assert_granted(&on(&app.member(app.acme.id, None).await, LISTED).get(USERS).await, 403);
    assert_granted(&page.with_token("expired").get(USERS).await, 401);
    let (_, provider) = app.directory().await;
    assert_granted(&on(&provider, LISTED).get("/scim/v2/Users").await, 200);
    let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
    assert_granted(&on(&app.guest(), LISTED).post(LOGIN, wrong).await, 401);
}

#[tokio::test]
async fn w_29_a_preflight_of_a_listed_origin_learns_the_methods_of_its_path() {
    let app = TestApp::start().await;
    list(&app, &app.acme, &[LISTED]).await;
    for (path, methods) in [(USERS, "GET, POST, HEAD"), (TENANT, "GET, PATCH, HEAD"), (LOGIN, "POST")] {
        let answer = preflight(&app, LISTED, path).await;
        assert_granted(&answer, 204);
        assert_eq!(answer.text, "");
        let told = |name| answer.header(name).split(", ").map(str::to_ascii_lowercase).collect::<Vec<_>>();
        let (mut told_methods, mut methods) = (
            told("access-control-allow-methods"),
            methods.to_ascii_lowercase().split(", ").map(str::to_owned).collect::<Vec<_>>(),
        );
        told_methods.sort();
        methods.sort();
        assert_eq!(told_methods, methods, "{path}");
        for header in ["authorization", "content-type", "if-match", "elder-tenant"] {
            assert!(told("access-control-allow-headers").contains(&header.to_owned()), "{header}");
        }
    }
    let unasked = on(&app.guest(), LISTED).send(Method::OPTIONS, USERS, None).await;
    assert_granted(&unasked, 405);
    assert_granted(&preflight(&app, LISTED, "/api/v2/nowhere").await, 404);
}

#[tokio::test]
async fn w_29_no_other_origin_is_granted_anything() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    assert_not_granted(&on(&admin, LISTED).get(TENANT).await, "before it is listed");
    assert_not_granted(&preflight(&app, LISTED, USERS).await, "before it is listed");
    list(&app, &app.acme, &[LISTED]).await;
    assert_granted(&on(&admin, LISTED).get(TENANT).await, 200);
    for origin in OTHERS {
        let page = on(&admin, origin);
        let shown = page.get(TENANT).await;
        assert_eq!(shown.status, 200, "it is answered as a program's request would be");
        assert_not_granted(&shown, origin);
        assert_not_granted(&page.get("/api/v2/users/usr_1").await, origin);
        assert_not_granted(&on(&app.guest(), origin).get(USERS).await, origin);
        let asked = preflight(&app, origin, USERS).await;
        assert_eq!(asked.status, 405, "{origin}");
        assert_not_granted(&asked, origin);
    }
    // A second line of the header adds nothing.
    let twice = on(&on(&admin, "https://evil.example"), LISTED).get(TENANT).await;
    assert_not_granted(&twice, "two lines");
    list(&app, &app.acme, &[]).await;
    assert_not_granted(&on(&admin, LISTED).get(TENANT).await, "taken back");
    assert_not_granted(&preflight(&app, LISTED, USERS).await, "taken back");
}

#[tokio::test]
async fn w_29_what_one_tenant_lists_grants_nothing_of_another() {
    let app = TestApp::start().await;
    list(&app, &app.acme, &[LISTED]).await;
    let stranger = on(&app.other_tenant().await, LISTED);
    assert_not_granted(&stranger.get(TENANT).await, "another tenant");
    let operator = on(&app.operator().await, LISTED).with_header("elder-tenant", "acme");
    assert_not_granted(&operator.get(TENANT).await, "an operator, whom System's list binds");
    app.superuser.execute("update tenants set is_active = false where slug = 'acme'", &[]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(1));
    assert_not_granted(&preflight(&app, LISTED, USERS).await, "a tenant that is not active");
}

#[tokio::test]
async fn w_29_only_origins_can_be_listed() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.patch(TENANT, json!({ "settings": { "cors_origins": [LISTED] } })).await.expect(200);
    for origin in
        ["*", "null", "https://*.example.com", "https://console.example.com/", "console.example.com"]
    {
        let body = json!({ "settings": { "cors_origins": [LISTED, origin] } });
        admin.patch(TENANT, body).await.expect_problem(400, "validation_failed");
    }
}
