//! Signing in and out.

use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::browser::{Browser, ana, person};

#[tokio::test]
async fn the_address_comes_first_then_the_password_and_then_the_account() {
    let app = TestApp::start().await;
    person(&app.tenant_admin().await, "ana@example.com").await;
    let browser = Browser::open(&app);
    let first = browser.get("/sign-in").await.expect(200).says("<label for=\"email\">E-mail address</label>");
    assert!(!first.text.contains("type=\"password\""));
    let second = browser.submit("/sign-in", &[("email", "ana@example.com")]).await.expect(200);
    let second = second.says("<label for=\"password\">Password</label>").says("value=\"ana@example.com\"");
    assert!(second.text.contains("readonly"));
    let credentials = [("email", "ana@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &credentials).await.leads_to(), "/account");
    browser.get("/account").await.expect(200).says("Ana Gruber").says("ana@example.com");
    assert_eq!(app.audit_count("session.started").await, 1);
    assert_eq!(app.audit_count("session.kept_by_browser").await, 1);
}

#[tokio::test]
async fn an_address_is_needed_before_anything_else() {
    let app = TestApp::start().await;
    let browser = Browser::open(&app);
    browser.get("/sign-in").await.expect(200);
    let form = browser.submit("/sign-in", &[("email", " "), ("password", PASSWORD)]).await;
    form.expect(400).says("role=\"alert\"").says("Enter your e-mail address.");
}

#[tokio::test]
async fn p_27_a_sign_in_gives_the_browser_a_cookie_that_nobody_had_before() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    person(&admin, "ana@example.com").await;
    let browser = Browser::open(&app);
    browser.set_cookie("planted-by-somebody-else");
    browser.sign_in("ana@example.com").await;
    let first = browser.cookie().unwrap();
    assert_ne!(first, "planted-by-somebody-else");
    let other = Browser::open(&app);
    other.set_cookie("planted-by-somebody-else");
    assert_eq!(other.get("/account").await.leads_to(), "/sign-in");

    // Who signs in once more is signed out before.
    browser.sign_in("ana@example.com").await;
    let second = browser.cookie().unwrap();
    assert_ne!(first, second);
    other.set_cookie(&first);
    assert_eq!(other.get("/account").await.leads_to(), "/sign-in");
    other.set_cookie(&second);
    other.get("/account").await.expect(200);
}

#[tokio::test]
async fn p_28_the_cookie_is_random_stored_as_a_hash_and_opens_no_route_of_the_api() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let cookie = browser.cookie().unwrap();
    let secret = &cookie[cookie.len() - 51..cookie.len() - 8];
    let traces = "select (select count(*) from sessions s where s::text like '%' || $1 || '%')
        + (select count(*) from audit_logs a where a::text like '%' || $1 || '%')
        + (select count(*) from outbox o where o::text like '%' || $1 || '%')";
    assert_eq!(app.superuser.query_one(traces, &[&secret]).await.unwrap().get::<_, i64>(0), 0);

    for path in ["/api/v2/me", "/api/v2/users", "/scim/v2/Users"] {
        let header = format!("elder={cookie}");
        let asked = app.guest().with_header("cookie", header).get(path).await;
        assert_eq!(asked.status, 401, "{}", asked.text);
        assert_eq!(app.guest().with_token(cookie.clone()).get(path).await.status, 401, "{path}");
    }
    // The same secret under the name of a refresh token, with the checksum that belongs to it.
    let row = cookie.strip_prefix("elder_web_").unwrap();
    let signed = format!("elder_rt_{}", &row[..row.len() - 8]);
    let forged = format!("{signed}{:08x}", crc32(signed.as_bytes()));
    let answer = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": forged })).await;
    answer.expect_problem(401, "invalid_refresh_token");

    let thief = Browser::open(&app);
    for broken in
        [&cookie[..cookie.len() - 1], &format!("{cookie}0"), &cookie.replace("elder_web", "elder_rt"), secret]
    {
        thief.set_cookie(broken);
        assert_eq!(thief.get("/account").await.leads_to(), "/sign-in", "{broken}");
    }
    browser.get("/account").await.expect(200);
}

/// As every gzip program has it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[tokio::test]
async fn p_29_a_session_tenant_or_account_that_is_no_more_ends_at_the_next_page() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let user = admin.get("/api/v2/users?filter=email+eq+%22ana%40example.com%22").await.expect(200);
    let id = user["data"][0]["id"].as_str().unwrap().to_owned();
    admin.post(&format!("/api/v2/users/{id}/deactivate"), json!({})).await.expect(200);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
    admin.post(&format!("/api/v2/users/{id}/activate"), json!({})).await.expect(200);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in", "a session that has ended stays so");
    browser.sign_in("ana@example.com").await;
    admin.post(&format!("/api/v2/users/{id}/sessions/revoke"), json!({})).await.expect(200);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
    browser.sign_in("ana@example.com").await;
    let close = format!("/api/v2/global/tenants/{}/deactivate", app.acme.slug);
    app.operator().await.post(&close, json!({})).await.expect(200);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
}

#[tokio::test]
async fn a_session_lies_idle_for_as_long_as_the_tenant_allows_and_no_longer() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    // Twelve hours is the default; each visit begins them anew.
    for _ in 0..2 {
        app.clock.advance(Duration::hours(11));
        unbelieved().await;
        browser.get("/account").await.expect(200);
        until_seen(&app).await;
    }
    app.clock.advance(Duration::hours(13));
    unbelieved().await;
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
}

/// Until the node asks the database again who it is.
async fn unbelieved() {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}

/// Until it is written down, which nobody waits for, that somebody is there.
async fn until_seen(app: &TestApp) {
    let seen = "select count(*) from sessions where last_seen_at = $1";
    for _ in 0..250 {
        if app.superuser.query_one(seen, &[&app.seam.now()]).await.unwrap().get::<_, i64>(0) == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the visit was not noted");
}

#[tokio::test]
async fn p_39_after_signing_out_the_cookie_is_gone_and_good_for_nothing() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let cookie = browser.cookie().unwrap();
    browser.get("/account").await.expect(200);
    let done = browser.submit("/sign-out", &[]).await.expect(200).says("You are signed out");
    assert_eq!(done.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(done.header("cache-control"), "no-store");
    assert!(done.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(browser.cookie(), None);
    browser.set_cookie(&cookie);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
    assert_eq!(app.audit_count("session.ended").await, 1);
}
