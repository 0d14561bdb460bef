//! Codes: good once, for a minute, for whom they were issued.

use chrono::Duration;
use elder_testkit::{Actor, Answer, TestApp};
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    authorize::{BACK, VERIFIER, application, parameter, request},
    browser::{Browser, ana},
};

/// A code for Ana, who is signed in at the browser.
async fn code(browser: &Browser, application: &str) -> String {
    parameter(&browser.get(&request(application)).await.leads_to(), "code")
}

async fn exchange(app: &TestApp, code: &str, verifier: &str, redirect_uri: &str) -> Answer {
    let body = json!({ "code": code, "code_verifier": verifier, "redirect_uri": redirect_uri });
    app.guest().post("/api/v2/auth/token", body).await
}

/// Exchanges a good code; gives the program that has the tokens, and its refresh token.
async fn signed_in(app: &TestApp, browser: &Browser, application: &str) -> (Actor, String) {
    let code = code(browser, application).await;
    let tokens = exchange(app, &code, VERIFIER, BACK).await.expect(200);
    let program = app.guest().with_token(tokens["access_token"].as_str().unwrap());
    (program, tokens["refresh_token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_code_gives_the_tokens_of_a_session_of_its_own() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let id = application(&admin).await;
    let (program, refresh) = signed_in(&app, &browser, &id).await;
    assert_eq!(program.get("/api/v2/me").await.expect(200)["email"], "ana@example.com");
    let renewed = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": refresh })).await;
    renewed.expect(200);
    // It lives on when the browser's ends, and is one of those that its owner sees.
    browser.get("/account/devices").await.expect(200).says("action=\"/account/sessions/end\"");
    browser.submit("/sign-out", &[]).await.expect(200);
    program.get("/api/v2/me").await.expect(200);
}

#[tokio::test]
async fn p_31_a_code_without_its_verifier_or_for_another_uri_is_used_up_and_gives_nothing() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let id = application(&admin).await;
    let other_verifier = "x".repeat(43);
    for (verifier, uri) in [
        (other_verifier.as_str(), BACK),
        ("", BACK),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", BACK),
        (VERIFIER, "com.acme.app:/back"),
        (VERIFIER, "https://evil.example/"),
    ] {
        let code = code(&browser, &id).await;
        exchange(&app, &code, verifier, uri).await.expect_problem(401, "invalid_code");
        exchange(&app, &code, VERIFIER, BACK).await.expect_problem(401, "invalid_code");
    }
    assert_eq!(app.audit_count("session.started").await, 1, "the browser's alone");
    assert_eq!(app.audit_count("application.code_refused").await, 10);
}

#[tokio::test]
async fn what_is_no_code_is_refused_alike() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let good = code(&browser, &application(&admin).await).await;
    let cookie = browser.cookie().unwrap();
    for text in ["", "x", &good[..good.len() - 1], &good.replace("elder_code", "elder_rt"), cookie.as_str()] {
        exchange(&app, text, VERIFIER, BACK).await.expect_problem(401, "invalid_code");
    }
    exchange(&app, &good, VERIFIER, BACK).await.expect(200);
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let id = application(&admin).await;
    let late = code(&browser, &id).await;
    app.clock.advance(Duration::seconds(60));
    exchange(&app, &late, VERIFIER, BACK).await.expect_problem(401, "invalid_code");
    let early = code(&browser, &id).await;
    app.clock.advance(Duration::seconds(59));
    exchange(&app, &early, VERIFIER, BACK).await.expect(200);
}

#[tokio::test]
async fn a_code_that_is_sent_twice_ends_the_session_that_came_of_it() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let code = code(&browser, &application(&admin).await).await;
    let tokens = exchange(&app, &code, VERIFIER, BACK).await.expect(200);
    let program = app.guest().with_token(tokens["access_token"].as_str().unwrap());
    program.get("/api/v2/me").await.expect(200);
    exchange(&app, &code, VERIFIER, BACK).await.expect_problem(401, "invalid_code");
    assert_eq!(program.get("/api/v2/me").await.status, 401);
    browser.get("/account").await.expect(200);
}

#[tokio::test]
async fn of_fifty_who_redeem_a_code_at_once_one_succeeds() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let code = code(&browser, &application(&admin).await).await;
    let answers = join_all((0..50).map(|_| exchange(&app, &code, VERIFIER, BACK))).await;
    let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(good.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 401)));
    assert_eq!(app.audit_count("session.started").await, 2);
    let program = app.guest().with_token(good[0].body["access_token"].as_str().unwrap());
    assert_eq!(program.get("/api/v2/me").await.status, 401, "the others had the code too");
}

#[tokio::test]
async fn p_29_a_code_of_somebody_who_is_signed_out_meanwhile_gives_nothing() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let id = application(&admin).await;
    let first = code(&browser, &id).await;
    browser.get("/account").await.expect(200);
    browser.submit("/sign-out", &[]).await.expect(200);
    exchange(&app, &first, VERIFIER, BACK).await.expect_problem(401, "invalid_code");

    browser.sign_in("ana@example.com").await;
    let second = code(&browser, &id).await;
    app.superuser.execute("update portal_users set is_active = false", &[]).await.unwrap();
    exchange(&app, &second, VERIFIER, BACK).await.expect_problem(401, "invalid_code");
}

#[tokio::test]
async fn sessions_of_applications_count_like_any_other() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let id = application(&admin).await;
    let rule = json!({ "settings": { "session": { "most_concurrent": 2, "beyond_limit": "refuse" } } });
    admin.patch("/api/v2/tenant", rule).await.expect(200);
    signed_in(&app, &browser, &id).await;
    let third = code(&browser, &id).await;
    exchange(&app, &third, VERIFIER, BACK).await.expect_problem(409, "session_limit");
}

#[tokio::test]
async fn the_origins_of_an_application_may_call_the_api_as_those_of_the_tenant() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let id = application(&admin).await;
    let origin = "https://app.acme.example";
    let (program, _) = signed_in(&app, &browser, &id).await;
    let page = program.with_header("origin", origin);
    assert_eq!(page.get("/api/v2/me").await.header("access-control-allow-origin"), "");
    let listed = json!({ "allowed_origins": [origin] });
    admin.patch(&format!("/api/v2/applications/{id}"), listed).await.expect(200);
    app.clock.advance(Duration::seconds(1));
    assert_eq!(page.get("/api/v2/me").await.header("access-control-allow-origin"), origin);
    let guest = app.guest().with_header("origin", origin);
    let asked = guest.post("/api/v2/auth/token", json!({})).await;
    assert_eq!(asked.header("access-control-allow-origin"), origin);
    let stranger = program.with_header("origin", "https://evil.example");
    assert_eq!(stranger.get("/api/v2/me").await.header("access-control-allow-origin"), "");
}
