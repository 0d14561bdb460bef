//! Pages that say that something cannot be done.

use elder_testkit::TestApp;

use crate::browser::{Browser, Got, ana};

/// Demands a page that may run and load nothing from elsewhere, and be sent nowhere else.
#[track_caller]
pub(crate) fn bound(page: &Got) {
    bound_but(page, "");
    assert!(!page.text.contains("<script"), "{}", page.text);
}

/// The same of a page that runs the one script.
#[track_caller]
pub(crate) fn bound_but_for_passkeys(page: &Got) {
    bound_but(page, " script-src 'self';");
    assert_eq!(page.text.matches("<script").count(), 1);
    assert!(page.text.contains("<script src=\"/assets/passkey-"), "{}", page.text);
}

#[track_caller]
fn bound_but(page: &Got, script: &str) {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert_eq!(
        policy,
        format!(
            "default-src 'none';{script} style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
        )
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    for inline in ["style=", "<style", "onclick", "onload", "<script>"] {
        assert!(!page.text.contains(inline), "{inline}: {}", page.text);
    }
}

#[tokio::test]
async fn w_27_every_page_runs_nothing_and_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    for (path, status) in [
        ("/sign-in?for=security", 200),
        ("/account", 200),
        ("/account/security", 200),
        ("/account/devices", 200),
        ("/reset", 200),
        ("/reset?token=x", 200),
        ("/register", 200),
        ("/invitation?token=x", 200),
        ("/verify?token=x", 200),
        ("/email-change?token=x", 200),
        ("/setup", 403),
        ("/account/nothing", 404),
    ] {
        bound(&browser.get(path).await.expect(status));
    }
    for path in ["/sign-in", "/account/security/passkey"] {
        bound_but_for_passkeys(&browser.get(path).await.expect(200));
    }
}

#[tokio::test]
async fn w_27_nothing_that_the_query_says_becomes_markup() {
    let app = TestApp::start().await;
    let browser = Browser::open(&app);
    let payload = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        format!("/sign-in?tenant={payload}"),
        format!("/sign-in?x={payload}"),
        format!("/sign-in?application={payload}"),
        format!("/authorize?application={payload}"),
        format!("/setup?token={payload}"),
        format!("/account/{payload}"),
        format!("/account?saved={payload}"),
        format!("/sign-in?for={payload}"),
        format!("/reset?token={payload}"),
        format!("/register?tenant={payload}"),
        format!("/invitation?token={payload}"),
        format!("/verify?token={payload}"),
        format!("/email-change?token={payload}"),
    ] {
        let page = browser.get(&path).await;
        assert!(!page.text.contains("<script>"), "{path}: {}", page.text);
    }
    browser.get("/sign-in").await.expect(200);
    let page = browser.submit("/sign-in", &[("email", "\"><script>alert(1)</script>")]).await.expect(200);
    assert!(!page.text.contains("<script"), "{}", page.text);
}

#[tokio::test]
async fn a_browser_gets_a_page_and_a_program_a_problem() {
    let app = TestApp::start().await;
    let browser = Browser::open(&app);
    browser.get("/account/nothing").await.expect(404).says("There is nothing here");
    app.guest().get("/account/nothing").await.expect_problem(404, "route_not_found");
    app.guest().get("/account").await.expect_problem(401, "unauthenticated");
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
    // Elsewhere a browser is a program like any other.
    let problem = browser.get("/api/v2/me").await.expect(401);
    assert_eq!(problem.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_fault_of_the_server_shows_its_number_and_nothing_more() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    app.superuser.batch_execute("alter table organizations rename to elsewhere").await.unwrap();
    let page = browser.get("/account").await.expect(500).says("Elder could not answer");
    let id = page.header("x-request-id").to_owned();
    assert!(page.text.contains(&format!("<code>{id}</code>")), "{}", page.text);
    assert!(!page.text.contains("organizations") && !page.text.contains("relation"), "{}", page.text);
}

#[tokio::test]
async fn what_pages_load_is_kept_for_ever_under_the_name_of_its_content() {
    let app = TestApp::start().await;
    let browser = Browser::open(&app);
    let page = browser.get("/sign-in").await.expect(200);
    for (start, kind, content) in [
        ("href=\"/assets/style-", "text/css; charset=utf-8", "--ink"),
        ("src=\"/assets/passkey-", "text/javascript; charset=utf-8", "navigator.credentials.get"),
    ] {
        let (_, rest) = page.text.split_once(start).unwrap();
        let (_, path) = start.split_once('"').unwrap();
        let file = browser.get(&format!("{path}{}", rest.split_once('"').unwrap().0)).await.expect(200);
        let file = file.says(content);
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("content-type"), kind);
    }
    for other in ["/assets/../Cargo.toml", "/assets/style-.css", "/assets/passkey.js"] {
        assert_eq!(browser.get(other).await.status, 404, "{other}");
    }
}
