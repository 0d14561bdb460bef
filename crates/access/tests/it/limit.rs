//! Rate limits through HTTP, with the buckets of one node.

use std::{num::NonZeroU32, time::Duration};

use elder_access::{Quotas, Role};
use elder_kernel::TenantId;
use elder_limits::Quota;
use elder_testkit::{Actor, Answer, Options, PASSWORD, TestApp, quotas};
use reqwest::Method;
use serde_json::json;

const USERS: &str = "/api/v2/users";
const LOGIN: &str = "/api/v2/auth/login";

/// So many at once, and one more a minute.
pub(crate) fn burst(units: u32) -> Quota {
    let burst = NonZeroU32::new(units).unwrap();
    Quota { rate: NonZeroU32::MIN, window: Duration::from_mins(1), burst }
}

pub(crate) async fn app(quotas: Quotas) -> TestApp {
    TestApp::start_with(Options { quotas: Some(quotas), behind_proxy: true, ..Options::default() }).await
}

/// A sign-in from an address.
pub(crate) async fn sign_in(actor: &Actor, from: &str, password: &str) -> Answer {
    let body = json!({ "email": "ana@acme.com", "password": password });
    actor.with_header("x-forwarded-for", from).post(LOGIN, body).await
}

fn has_headers(answer: &Answer) -> bool {
    ["ratelimit", "ratelimit-policy"].iter().all(|name| answer.headers.contains_key(*name))
}

#[tokio::test]
async fn every_answer_behind_the_gate_says_how_the_budgets_are() {
    let app = app(quotas(1_000)).await;
    let admin = app.tenant_admin().await;
    let answer = admin.get(USERS).await;
    assert_eq!(answer.header("ratelimit-policy"), r#""tenant";q=1000;w=60, "user";q=1000;w=60"#);
    assert_eq!(answer.header("ratelimit"), r#""tenant";r=999;t=1, "user";r=999;t=1"#);
    answer.expect(200);
    let (_, provider) = app.directory().await;
    let nobody = json!({ "email": "a@b.example", "password": "x" });
    let answers = [
        (200, admin.get("/api/v2/me").await),
        (400, admin.post(USERS, json!({ "nothing": 1 })).await),
        (401, app.guest().get(USERS).await),
        (401, app.guest().post(LOGIN, nobody).await),
        (404, admin.get("/api/v2/no-such-route").await),
        (405, admin.delete(USERS).await),
        (200, provider.get("/scim/v2/Users").await),
        (404, provider.get("/scim/v2/Users/none").await),
    ];
    for (status, answer) in answers {
        assert!(has_headers(&answer), "{}: {:?}", answer.asked, answer.headers);
        assert!(!answer.headers.contains_key("x-ratelimit-limit"), "{}", answer.asked);
        answer.expect(status);
    }
    for path in ["/livez", "/readyz", "/healthz", "/metrics", "/.well-known/jwks.json"] {
        assert!(!has_headers(&app.guest().get(path).await), "{path}");
    }
}

#[tokio::test]
async fn the_older_headers_show_the_tightest_budget_if_they_are_wanted() {
    let quotas = Quotas { user: burst(4), ..quotas(1_000) };
    let options = Options { quotas: Some(quotas), legacy_headers: true, ..Options::default() };
    let app = TestApp::start_with(options).await;
    let answer = app.tenant_admin().await.get(USERS).await;
    assert_eq!(answer.header("x-ratelimit-limit"), "1");
    assert_eq!(answer.header("x-ratelimit-remaining"), "3");
    assert_eq!(answer.header("x-ratelimit-reset"), "60");
}

#[tokio::test]
async fn past_the_budget_requests_are_refused_until_it_comes_back() {
    let app = app(Quotas { user: quotas(2).user, ..quotas(1_000) }).await;
    let admin = app.tenant_admin().await;
    for _ in 0..2 {
        admin.get(USERS).await.expect(200);
    }
    let refused = admin.get(USERS).await;
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(refused.header("ratelimit"), r#""tenant";r=998;t=1, "user";r=0;t=30"#);
    let problem = refused.expect_problem(429, "rate_limited");
    assert_eq!(problem["detail"], "The limit `user` of 2 requests in 60 seconds is spent.");
    app.clock.advance(chrono::Duration::seconds(29));
    admin.get(USERS).await.expect_problem(429, "rate_limited");
    app.clock.advance(chrono::Duration::seconds(1));
    admin.get(USERS).await.expect(200);
    admin.get(USERS).await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn a_tenant_that_floods_leaves_the_others_alone() {
    let app = app(Quotas { enterprise: burst(5), ..quotas(1_000) }).await;
    let (acme, globex) = (app.tenant_admin().await, app.other_tenant().await);
    let colleague = app.member(app.acme.id, Some(Role::Reader)).await;
    for _ in 0..5 {
        acme.get(USERS).await.expect(200);
    }
    acme.get(USERS).await.expect_problem(429, "rate_limited");
    colleague.get(USERS).await.expect_problem(429, "rate_limited");
    globex.get(USERS).await.expect(200);
}

#[tokio::test]
async fn a_user_who_floods_spends_nothing_of_their_colleagues() {
    let app = app(Quotas { user: burst(3), enterprise: burst(6), ..quotas(1_000) }).await;
    let (flooding, colleague) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Reader)).await);
    for _ in 0..20 {
        flooding.get(USERS).await;
    }
    for _ in 0..3 {
        colleague.get(USERS).await.expect(200);
    }
}

#[tokio::test]
async fn the_budget_of_a_tenant_is_that_of_its_plan() {
    let own = Quotas { community: quotas(1).user, professional: quotas(2).user, ..quotas(3) };
    let app = app(own).await;
    let set = "update tenants set subscription_tier = $2 where id = $1";
    for (tier, rate) in [("community", 1), ("professional", 2), ("enterprise", 3)] {
        app.superuser.execute(set, &[&app.acme.id.0, &tier]).await.unwrap();
        // A new session is not believed from before.
        let answer = app.tenant_admin().await.get(USERS).await;
        let policy = format!(r#""tenant";q={rate};w=60, "user";q=3;w=60"#);
        assert_eq!(answer.header("ratelimit-policy"), policy);
    }
}

#[tokio::test]
async fn a_directory_has_a_budget_of_its_own_and_is_refused_as_its_protocol_wants() {
    let app = app(Quotas { scim: burst(2), ..quotas(1_000) }).await;
    let (_, provider) = app.directory().await;
    let (_, other) = app.directory().await;
    for _ in 0..2 {
        provider.get("/scim/v2/Users").await.expect(200);
    }
    let refused = provider.get("/scim/v2/Users").await;
    assert_eq!(refused.header("content-type"), "application/scim+json");
    assert_eq!(refused.header("retry-after"), "60");
    assert!(has_headers(&refused));
    let body = refused.expect(429);
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["status"], "429");
    other.get("/scim/v2/Users").await.expect(200);
    let admin = app.tenant_admin().await.get(USERS).await;
    assert!(admin.header("ratelimit").starts_with(r#""tenant";r=999;"#), "{}", admin.header("ratelimit"));
}

#[tokio::test]
async fn operators_spend_nothing_of_the_tenants() {
    let app = app(Quotas { operator: burst(2), ..quotas(1_000) }).await;
    let operator = app.operator().await;
    for _ in 0..2 {
        operator.get("/api/v2/global/tenants").await.expect(200);
    }
    operator.get("/api/v2/global/tenants").await.expect_problem(429, "rate_limited");
    let within = operator.with_header("elder-tenant", "acme").get(USERS).await;
    assert!(within.header("ratelimit").starts_with(r#""tenant";r=999;"#));
    let own = app.tenant_admin().await.get(USERS).await;
    assert!(own.header("ratelimit").starts_with(r#""tenant";r=999;"#), "{}", own.header("ratelimit"));
}

#[tokio::test]
async fn guesses_from_one_address_are_refused_and_others_sign_in() {
    let app = app(Quotas { auth_address: burst(3), ..quotas(1_000) }).await;
    for _ in 0..3 {
        sign_in(&app.guest(), "203.0.113.9", "wrong").await.expect_problem(401, "invalid_credentials");
    }
    // Only now, so that no guess counts against her account.
    create_ana(&app).await;
    let refused = sign_in(&app.guest(), "203.0.113.9", PASSWORD).await;
    assert_eq!(refused.header("ratelimit-policy"), r#""auth-ip";q=1;w=60, "auth-network";q=1000;w=60"#);
    assert_eq!(refused.header("retry-after"), "60");
    refused.expect_problem(429, "rate_limited");
    sign_in(&app.guest(), "203.0.113.10", PASSWORD).await.expect(200);
    app.clock.advance(chrono::Duration::seconds(60));
    sign_in(&app.guest(), "203.0.113.9", PASSWORD).await.expect(200);
    // A credential of one's own opens no other budget.
    let member = app.tenant_admin().await;
    sign_in(&member, "203.0.113.9", "wrong").await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn guesses_from_a_whole_network_are_refused_too() {
    let app = app(Quotas { auth_network: burst(3), ..quotas(1_000) }).await;
    for host in 1..=3 {
        sign_in(&app.guest(), &format!("203.0.113.{host}"), "wrong").await.expect(401);
    }
    sign_in(&app.guest(), "203.0.113.4", "wrong").await.expect_problem(429, "rate_limited");
    sign_in(&app.guest(), "198.51.100.4", "wrong").await.expect(401);
}

/// Pairs of an address and a password as they are sold: each names another person and comes from another machine.
#[tokio::test]
async fn p_13_of_stolen_pairs_no_more_are_tried_than_a_network_may_and_the_platform_is_told() {
    let app = app(Quotas { auth_address: burst(4), auth_network: burst(12), ..quotas(1_000) }).await;
    let guest = app.guest();
    let tried = async |from: &str, person: u32| {
        let pair =
            json!({ "email": format!("person{person}@acme.com"), "password": "stolen long ago, elsewhere" });
        u32::from(guest.with_header("x-forwarded-for", from).post(LOGIN, pair).await.status == 401)
    };
    let mut judged = 0;
    for person in 0..60 {
        judged += tried(&format!("203.0.113.{}", person % 6), person).await;
    }
    assert_eq!(judged, 12, "six machines of one network");
    judged = 0;
    for person in 0..10 {
        judged += tried("198.51.100.1", person).await;
    }
    assert_eq!(judged, 4, "one machine");
    judged = 0;
    for person in 0..60 {
        judged += tried(&format!("2001:db8:1:{person}::1"), person).await;
    }
    assert_eq!(judged, 12, "a network of IPv6 is 48 bits");
    assert_eq!(told(&app).await, [(TenantId::SYSTEM.0, 1)]);
}

/// The same pairs from as many machines, none of them near another.
#[tokio::test]
async fn p_13_of_stolen_pairs_no_more_are_tried_than_a_tenant_takes_from_unknown_devices() {
    let app = app(Quotas { auth_tenant: burst(4), ..quotas(1_000) }).await;
    create_ana(&app).await;
    let device = sign_in(&app.guest(), "192.0.2.1", PASSWORD).await.expect(200)["device_token"].clone();
    for person in 1..=5 {
        let email = format!("person{person}@acme.com");
        let user = json!({ "email": email, "password": PASSWORD });
        app.tenant_admin().await.post(USERS, user).await.expect(201);
        let guest = app.guest().with_header("x-forwarded-for", format!("198.51.{person}.1"));
        let stolen = json!({ "email": email, "password": "stolen long ago, elsewhere" });
        guest.post(LOGIN, stolen).await.expect_problem(401, "invalid_credentials");
    }
    // The same answer as to a wrong one: else it would tell whose address belongs to the tenant.
    let refused = sign_in(&app.guest(), "203.0.113.9", PASSWORD).await;
    refused.expect_problem(401, "invalid_credentials");
    let known = json!({ "email": "ana@acme.com", "password": PASSWORD, "device_token": device });
    app.guest().post(LOGIN, known).await.expect(200);
    assert_eq!(told(&app).await, [(app.acme.id.0, 1)]);
    let reasons = "select reason, count(*) from audit_logs where action = 'session.refused'
        group by reason order by reason";
    let rows = app.superuser.query(reasons, &[]).await.unwrap();
    let reasons: Vec<(String, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(reasons, [("beyond_budget".to_owned(), 3), ("wrong_password".to_owned(), 3)]);
}

/// Whoever floods a platform with addresses that nobody has takes nothing from anybody.
#[tokio::test]
async fn p_13_tries_of_addresses_that_nobody_has_take_no_tenants_budget() {
    let app = app(Quotas { auth_tenant: burst(2), ..quotas(1_000) }).await;
    create_ana(&app).await;
    for person in 0..5 {
        let nobody = json!({ "email": format!("person{person}@acme.com"), "password": PASSWORD });
        app.guest().post(LOGIN, nobody).await.expect_problem(401, "invalid_credentials");
    }
    sign_in(&app.guest(), "192.0.2.1", PASSWORD).await.expect(200);
}

pub(crate) async fn create_ana(app: &TestApp) {
    let user = json!({ "email": "ana@acme.com", "full_name": "Ana", "password": PASSWORD });
    app.tenant_admin().await.post(USERS, user).await.expect(201);
}

#[tokio::test]
async fn w_17_no_way_of_writing_an_address_makes_another_caller() {
    let app = app(Quotas { auth_address: burst(2), ..quotas(1_000) }).await;
    for from in ["2001:db8:1:2::1", "2001:0DB8:1:2:ffff::9"] {
        sign_in(&app.guest(), from, "wrong").await.expect(401);
    }
    let same = [
        "2001:db8:1:2:3:4:5:6",
        "198.51.100.1, 2001:db8:1:2::7",
        "198.51.100.1,2001:DB8:1:2::7, 127.0.0.1",
        "::ffff:127.0.0.1, 2001:db8:1:2::7, ::ffff:127.0.0.9",
    ];
    for from in same {
        sign_in(&app.guest(), from, "wrong").await.expect_problem(429, "rate_limited");
    }
    // A proxy that adds a line of its own is believed more than the line before it.
    let forged = app.guest().with_header("x-forwarded-for", "198.51.100.7");
    sign_in(&forged, "2001:db8:1:2::8", "wrong").await.expect_problem(429, "rate_limited");
    let forged = [
        ("x-real-ip", "198.51.100.8"),
        ("forwarded", "for=198.51.100.8"),
        ("cf-connecting-ip", "198.51.100.8"),
    ];
    for (name, value) in forged {
        let guest = app.guest().with_header(name, value);
        sign_in(&guest, "2001:db8:1:2::8", "wrong").await.expect_problem(429, "rate_limited");
    }
}

#[tokio::test]
async fn w_17_a_caller_who_is_no_trusted_proxy_has_the_address_that_they_call_from() {
    let quotas = Quotas { auth_address: burst(2), ..quotas(1_000) };
    let app = TestApp::start_with(Options { quotas: Some(quotas), ..Options::default() }).await;
    for host in 1..=2 {
        sign_in(&app.guest(), &format!("203.0.113.{host}"), "wrong").await.expect(401);
    }
    sign_in(&app.guest(), "203.0.113.3", "wrong").await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn w_17_no_way_of_writing_a_route_gets_round_its_budget() {
    let app = app(Quotas { auth_address: burst(1), ..quotas(1_000) }).await;
    let guest = app.guest().with_header("x-forwarded-for", "203.0.113.9");
    let body = || Some(json!({ "email": "ana@acme.com", "password": "wrong" }));
    guest.send(Method::POST, LOGIN, body()).await.expect(401);
    let writings = [
        "/api/v2/auth/login?x=1",
        "/api/v2/auth/%6Cogin",
        "/%61pi/v2/auth/login",
        "/api/v2/auth/login/",
        "//api/v2/auth/login",
        "/api//v2/auth/login",
        "/api/v2/auth/login.",
        "/API/v2/auth/login",
        "/api/v2/auth/login;x=1",
        "/api/v2/auth/login%00",
    ];
    for path in writings {
        let answer = guest.send(Method::POST, path, body()).await;
        assert!(matches!(answer.status, 404 | 429), "{path}: {}", answer.text);
    }
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS] {
        let status = guest.send(method.clone(), LOGIN, body()).await.status;
        assert!(matches!(status, 405 | 429), "{method}: {status}");
    }
    guest.send(Method::POST, LOGIN, body()).await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn a_tenant_is_told_of_its_refusals_once_a_minute() {
    let app = app(Quotas { user: burst(1), auth_address: burst(1), ..quotas(1_000) }).await;
    let admin = app.tenant_admin().await;
    for _ in 0..10 {
        admin.get(USERS).await;
    }
    let other = app.other_tenant().await;
    for _ in 0..2 {
        other.get(USERS).await;
    }
    for _ in 0..3 {
        sign_in(&app.guest(), "203.0.113.9", "wrong").await;
    }
    assert_eq!(told(&app).await, [(TenantId::SYSTEM.0, 1), (app.acme.id.0, 1), (app.globex.id.0, 1)]);
    app.clock.advance(chrono::Duration::seconds(61));
    for _ in 0..3 {
        admin.get(USERS).await;
    }
    assert_eq!(told(&app).await, [(TenantId::SYSTEM.0, 1), (app.acme.id.0, 2), (app.globex.id.0, 1)]);
    let event = "select count(*) from outbox where type = 'elder.tenant.rate_limited' and tenant_id = $1";
    let events: i64 = app.superuser.query_one(event, &[&app.acme.id.0]).await.unwrap().get(0);
    assert_eq!(events, 2);
    let row = "select outcome, metadata ->> 'policy', actor_type from audit_logs
        where action = 'tenant.rate_limited' and tenant_id = $1";
    let row = app.superuser.query(row, &[&app.acme.id.0]).await.unwrap();
    let text = |column| row[0].get::<_, String>(column);
    assert_eq!([text(0), text(1), text(2)], ["denied", "user", "user"]);
}

/// Audit events by tenant, once no more come.
async fn told(app: &TestApp) -> Vec<(i32, i64)> {
    tokio::time::sleep(Duration::from_millis(300)).await;
    let count = "select tenant_id, count(*) from audit_logs where action = 'tenant.rate_limited'
        group by tenant_id order by tenant_id";
    let rows = app.superuser.query(count, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
