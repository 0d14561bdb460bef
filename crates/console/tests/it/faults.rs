//! Pages that say that something cannot be done.

use elder_testkit::TestApp;

use crate::browser::{Browser, Got, ana};

/// Demands a page that may run and load nothing from elsewhere, and be sent nowhere else.
#[track_caller]
pub(crate) fn bound(page: &Got) {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(!page.text.contains("<script") && !page.text.contains("style=") && !page.text.contains("<style"));
}

#[tokio::test]
async fn w_27_every_page_runs_nothing_and_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    for (path, status) in [("/sign-in", 200), ("/account", 200), ("/setup", 403), ("/account/nothing", 404)] {
        bound(&browser.get(path).await.expect(status));
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
    ] {
        let page = browser.get(&path).await;
        assert!(!page.text.contains("<script"), "{path}: {}", page.text);
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
async fn the_style_sheet_is_kept_for_ever_under_the_name_of_its_content() {
    let app = TestApp::start().await;
    let browser = Browser::open(&app);
    let page = browser.get("/sign-in").await.expect(200);
    let (_, rest) = page.text.split_once("href=\"/assets/style-").unwrap();
    let name = rest.split_once('"').unwrap().0;
    let sheet = browser.get(&format!("/assets/style-{name}")).await.expect(200).says("--ink");
    assert_eq!(sheet.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(browser.get("/assets/../Cargo.toml").await.status, 404);
    assert_eq!(browser.get("/assets/style-.css").await.status, 404);
}
