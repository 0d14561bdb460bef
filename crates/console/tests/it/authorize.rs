//! Where applications send people, and where these are sent back to.

use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::browser::{Browser, ana, person};

/// What RFC 7636 shows in its appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Of that verifier.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Where people return to.
pub(crate) const BACK: &str = "https://app.acme.example/back?from=elder";

/// Registers an application of the admin's tenant; gives its id.
pub(crate) async fn application(admin: &elder_testkit::Actor) -> String {
    let new = json!({ "name": "Payroll", "redirect_uris": [BACK, "com.acme.app:/back"] });
    let application = admin.post("/api/v2/applications", new).await.expect(201);
    application["id"].as_str().unwrap().to_owned()
}

/// What an application sends a person with.
pub(crate) fn request(application: &str) -> String {
    with(application, BACK)
}

fn with(application: &str, redirect_uri: &str) -> String {
    let parameters = [
        ("application", application),
        ("redirect_uri", redirect_uri),
        ("state", "a b&c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let url = reqwest::Url::parse_with_params("http://x/authorize", parameters).unwrap();
    format!("/authorize?{}", url.query().unwrap())
}

/// The parameters that somebody returns with.
#[track_caller]
pub(crate) fn parameter(target: &str, name: &str) -> String {
    let url = reqwest::Url::parse(target).unwrap();
    let found = url.query_pairs().find(|(found, _)| found == name);
    found.unwrap_or_else(|| panic!("{name}: {target}")).1.into_owned()
}

#[tokio::test]
async fn who_is_signed_in_returns_at_once_with_a_code_and_no_token() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let target = browser.get(&request(&application(&admin).await)).await.leads_to();
    assert!(target.starts_with("https://app.acme.example/back?from=elder&code=elder_code_"), "{target}");
    assert_eq!(parameter(&target, "state"), "a b&c");
    assert_eq!(parameter(&target, "iss"), "http://elder.test");
    assert_eq!(app.audit_count("application.code_issued").await, 1);
    for secret in ["elder_rt", "elder_web", "eyJ"] {
        assert!(!target.contains(secret), "{target}");
    }
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_first_and_then_returns() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    person(&admin, "ana@example.com").await;
    let browser = Browser::open(&app);
    let asked = request(&application(&admin).await);
    let page = browser.get(&asked).await.leads_to();
    assert_eq!(page, asked.replacen("/authorize", "/sign-in", 1));
    let form = browser.get(&page).await.expect(200).says("<strong>Payroll</strong>").says("acme");
    // The browser follows the form onward only to where the policy lets it.
    assert!(form.header("content-security-policy").contains("form-action 'self' https://app.acme.example;"));
    browser.submit(&page, &[("email", "ana@example.com")]).await.expect(200);
    let back =
        browser.submit(&page, &[("email", "ana@example.com"), ("password", PASSWORD)]).await.leads_to();
    assert_eq!(back, asked);
    assert!(browser.get(&back).await.leads_to().starts_with(BACK));
}

#[tokio::test]
async fn w_33_nobody_is_sent_to_a_uri_that_is_not_registered() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let id = application(&admin).await;
    for uri in [
        "https://evil.example/",
        "https://app.acme.example/back",
        "https://app.acme.example/back?from=elder&x=1",
        "https://app.acme.example/back?from=elder#x",
        "https://APP.acme.example/back?from=elder",
        "https://app.acme.example.evil.example/back?from=elder",
        "https://app.acme.example@evil.example/back?from=elder",
        "http://app.acme.example/back?from=elder",
        "//evil.example",
        "/account",
        "javascript:alert(1)",
        "",
    ] {
        let refused = browser.get(&with(&id, uri)).await.expect(400);
        assert_eq!(refused.header("location"), "", "{uri}");
        let path = with(&id, uri).replacen("/authorize", "/sign-in", 1);
        browser.get(&path).await.expect(400);
    }
    assert_eq!(app.audit_count("application.code_issued").await, 0);
    let target = browser.get(&with(&id, "com.acme.app:/back")).await.leads_to();
    assert!(target.starts_with("com.acme.app:/back?code="), "{target}");
}

#[tokio::test]
async fn a_request_that_is_not_complete_or_weak_is_refused() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let good = request(&application(&admin).await);
    for (part, instead) in [
        ("S256", "plain"),
        ("&code_challenge_method=S256", ""),
        (CHALLENGE, "short"),
        ("&state=a+b%26c", ""),
        ("application=app_", "application=usr_"),
    ] {
        let bad = good.replace(part, instead);
        assert_ne!(bad, good, "{part}");
        browser.get(&bad).await.expect(400);
    }
    browser.get(&request("app_01h455vb4pex5vsknk084sn02q")).await.expect(404);
}

#[tokio::test]
async fn who_is_signed_in_to_another_tenant_signs_in_to_the_applications() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let other = app.other_tenant().await;
    person(&other, "ana@example.com").await;
    let asked = request(&application(&other).await);
    let page = browser.get(&asked).await.leads_to();
    assert!(page.starts_with("/sign-in?application="), "{page}");
    browser.get(&page).await.expect(200).says("globex");
    let back =
        browser.submit(&page, &[("email", "ana@example.com"), ("password", PASSWORD)]).await.leads_to();
    assert!(browser.get(&back).await.leads_to().starts_with(BACK));
    browser.get("/account").await.expect(200).says("<dd>globex</dd>");
}

#[tokio::test]
async fn an_application_of_a_tenant_that_is_closed_is_not_found() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let asked = request(&application(&admin).await);
    let browser = Browser::open(&app);
    browser.get(&asked).await.leads_to();
    let close = format!("/api/v2/global/tenants/{}/deactivate", app.acme.slug);
    app.operator().await.post(&close, json!({})).await.expect(200);
    browser.get(&asked).await.expect(404);
}
