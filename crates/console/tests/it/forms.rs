//! Forms are taken from the pages that this browser got, and from nowhere else.

use elder_testkit::{PASSWORD, TestApp};
use reqwest::Method;

use crate::browser::{Browser, ana};

/// Every form, with good fields.
const FORMS: [(&str, &[(&str, &str)]); 24] = [
    ("/sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]),
    ("/sign-in/passkey", &[("ceremony", "x"), ("credential", "{}")]),
    ("/sign-in/factor", &[("flow", "x"), ("code", "123456")]),
    ("/sign-out", &[]),
    ("/account/profile", &[("full_name", "Mallory"), ("locale", "de")]),
    ("/account/email", &[("email", "eve@example.com"), ("current_password", PASSWORD)]),
    ("/account/email/verification", &[]),
    (
        "/account/security/password",
        &[("current_password", PASSWORD), ("password", "gravel-otter-quantum-seventeen")],
    ),
    ("/account/security/authenticator", &[]),
    (
        "/account/security/authenticator/confirm",
        &[("factor", "fac_01h455vb4pex5vsknk084sn02q"), ("code", "123456")],
    ),
    ("/account/security/passkey", &[("ceremony", "x"), ("credential", "{}")]),
    ("/account/security/factors/rename", &[("factor", "fac_01h455vb4pex5vsknk084sn02q"), ("name", "Mine")]),
    ("/account/security/factors/remove", &[("factor", "fac_01h455vb4pex5vsknk084sn02q")]),
    ("/account/security/backup-codes", &[]),
    ("/account/link", &[]),
    ("/account/devices/withdraw", &[("device", "dev_01h455vb4pex5vsknk084sn02q")]),
    ("/account/sessions/end", &[("session", "ses_01h455vb4pex5vsknk084sn02q")]),
    ("/reset", &[("token", "x"), ("password", PASSWORD)]),
    ("/reset/link", &[("email", "ana@example.com")]),
    ("/verify", &[("token", "x")]),
    ("/email-change", &[("token", "x")]),
    ("/invitation", &[("token", "x"), ("full_name", ""), ("password", PASSWORD)]),
    ("/register", &[("email", "a@b.example"), ("full_name", ""), ("password", PASSWORD)]),
    ("/setup", &[("token", "x"), ("email", "a@b.example"), ("full_name", ""), ("password", PASSWORD)]),
];

#[test]
fn every_form_of_the_pages_is_tried_here() {
    let mut table = elder_http::RouteTable::default();
    elder_console::routes(&mut table);
    // What a provider's page posts is signed by the provider, and asks for no cookie: see the tests of `elder-sso`.
    let is_own = |route: &&elder_http::Route| !route.path.starts_with("/sso/saml/");
    let changing = table.routes().iter().filter(|route| route.method.as_str() != "GET").filter(is_own);
    let paths: Vec<_> = changing.map(|route| route.path.as_str()).collect();
    assert_eq!(paths.len(), FORMS.len());
    assert!(paths.iter().all(|path| FORMS.iter().any(|(form, _)| form == path)), "{paths:?}");
    assert!(
        paths.iter().all(|path| elder_access::is_page(path)),
        "the gate does not know them as pages: {paths:?}"
    );
}

async fn events(app: &TestApp) -> i64 {
    app.superuser.query_one("select count(*) from audit_logs", &[]).await.unwrap().get(0)
}

/// The fields with the proof.
fn proven<'a>(token: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("form_token", token)], fields].concat()
}

#[tokio::test]
async fn w_28_a_form_from_another_site_or_without_its_proof_changes_nothing() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account").await.expect(200);
    let own = browser.form_token().unwrap();
    let stranger = Browser::open(&app);
    stranger.get("/sign-in").await.expect(200);
    let foreign = stranger.form_token().unwrap();
    let before = events(&app).await;
    let same = [("sec-fetch-site", "same-origin")];
    for (path, fields) in FORMS {
        let with = |token| proven(token, fields);
        for headers in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "http://elder.test.evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://elder.test")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
        ] {
            let refused = browser.send(Method::POST, path, headers, Some(&with(&own))).await;
            refused.expect(403).says("This form did not come from a page of this server");
        }
        for fields in [fields.to_vec(), with(""), with(&foreign), [with(&own), with(&own)].concat()] {
            let refused = browser.send(Method::POST, path, &same, Some(&fields)).await;
            refused.expect(403).says("This form did not come from a page of this server");
        }
        // Neither by another method, nor by a method in disguise.
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            assert_eq!(browser.send(method, path, &same, None).await.status, 405, "{path}");
        }
        let disguised = [("x-http-method-override", "POST")];
        assert!(browser.send(Method::GET, path, &disguised, None).await.status != 303, "{path}");
    }
    assert_eq!(events(&app).await, before);
    // The origin alone will do for a browser that sends no `Sec-Fetch-Site`.
    let good = [("form_token", own.as_str()), ("full_name", "Ana"), ("locale", "")];
    let origin = [("origin", "http://elder.test")];
    assert_eq!(browser.send(Method::POST, "/account/profile", &origin, Some(&good)).await.status, 303);
}

#[tokio::test]
async fn w_28_login_csrf_nobody_is_signed_in_by_a_page_of_another_site() {
    let app = TestApp::start().await;
    let (_, _) = ana(&app).await;
    let victim = Browser::open(&app);
    let attacker = Browser::open(&app);
    attacker.get("/sign-in").await.expect(200);
    let token = attacker.form_token().unwrap();
    let fields = [("form_token", token.as_str()), ("email", "ana@example.com"), ("password", PASSWORD)];
    let same = [("sec-fetch-site", "same-origin")];
    victim.send(Method::POST, "/sign-in", &same, Some(&fields)).await.expect(403);
    victim.get("/sign-in").await.expect(200);
    victim.send(Method::POST, "/sign-in", &same, Some(&fields)).await.expect(403);
}

#[tokio::test]
async fn what_is_no_form_is_refused_with_a_page() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account").await.expect(200);
    let unknown = [("full_name", "Ana"), ("locale", ""), ("global_role", "admin")];
    browser.submit("/account/profile", &unknown).await.expect(400).says("The form could not be read");
    let twice = [("full_name", "Ana"), ("full_name", "Eve"), ("locale", "")];
    browser.submit("/account/profile", &twice).await.expect(400);
    browser.submit("/account/profile", &[("full_name", "Ana")]).await.expect(400);
    browser.submit("/account/profile", &[("full_name", "\0"), ("locale", "")]).await.expect(400);
    let long = "x".repeat(1 << 20);
    browser.submit("/account/profile", &[("full_name", &long), ("locale", "")]).await.expect(413);
    let same = [("sec-fetch-site", "same-origin"), ("content-type", "text/plain")];
    browser.send(Method::POST, "/account/profile", &same, None).await.expect(415);
    assert_eq!(app.audit_count("portal_user.updated").await, 0);
}
