//! What the server says of itself: pages of error codes, and the API for people to read.

use elder_kernel::ErrorCode;
use elder_testkit::{Answer, Options, TestApp};

/// What the envelope demands of every page that says nothing else.
const STRICT: &str = "default-src 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn the_type_of_a_problem_leads_to_the_page_of_its_code() {
    let app = TestApp::start().await;
    let refused = app.guest().get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    let page = app.guest().get(refused["type"].as_str().unwrap()).await;
    assert!(page.text.contains("<h1>A valid credential is needed</h1>"), "{}", page.text);
    assert!(page.text.contains("<code>Authorization: Bearer …</code>"), "{}", page.text);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
}

#[tokio::test]
async fn every_code_has_a_page_without_scripts_that_says_what_to_do() {
    let app = TestApp::start().await;
    let list = app.guest().get("/problems").await;
    for code in ErrorCode::ALL {
        let page = app.guest().get(&format!("/problems/{}", code.slug())).await;
        assert_eq!((page.status, page.header("content-security-policy")), (200, STRICT), "{code:?}");
        let remedy = code.remedy().split('`').next().unwrap();
        for words in [code.slug(), remedy, code.mender().name(), "href=\"../problems\""] {
            assert!(page.text.contains(words), "{code:?} does not say {words}: {}", page.text);
        }
        assert!(!page.text.contains("<script") && !page.text.contains("style="), "{code:?}");
        assert!(list.text.contains(&format!("href=\"problems/{}\"", code.slug())), "{code:?} is not listed");
    }
    app.guest().get("/problems/no_such_code").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_program_gets_the_codes_as_json_and_a_browser_a_page() {
    let app = TestApp::start().await;
    let program = app.guest().with_header("accept", "application/json");
    let known = program.get("/problems/not_found").await.expect(200);
    assert_eq!((&known["code"], &known["status"]), (&"not_found".into(), &404.into()));
    assert_eq!(known["remedy"], ErrorCode::NotFound.remedy());
    let all = program.get("/problems").await.expect(200);
    assert_eq!(all.as_array().unwrap().len(), ErrorCode::ALL.len());
    let browser = app.guest().with_header("accept", "text/html,application/xhtml+xml,application/json;q=0.9");
    assert!(browser.get("/problems").await.text.starts_with("<!doctype html>"));
}

/// What a page names by `src` and `href`.
fn named(page: &Answer) -> Vec<&str> {
    let values = |attribute: &'static str| {
        page.text.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap())
    };
    values("src=\"").chain(values("href=\"")).collect()
}

#[tokio::test]
async fn the_api_is_shown_from_assets_of_this_server_alone() {
    let app = TestApp::start().await;
    let page = app.guest().get("/docs").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{policy}");
    for foreign in ["//", "*", "http", "unsafe-"] {
        assert!(!policy.contains(foreign), "{policy}");
    }
    assert!(!page.text.contains("//") && !page.text.contains("style="), "{}", page.text);
    assert!(!page.text.contains("<script>"), "a script stands in the page");
    let names = named(&page);
    for (name, media_type, least) in [
        ("docs/swagger-ui.css", "text/css", 10_000),
        ("docs/swagger-ui-bundle.js", "text/javascript", 100_000),
        ("docs/start.js", "text/javascript", 100),
        ("docs/favicon-32x32.png", "image/png", 100),
        ("api/v2/openapi.json", "application/json", 100_000),
        ("problems", "text/html; charset=utf-8", 1_000),
    ] {
        assert!(names.contains(&name), "the page does not name {name}");
        let file = app.guest().get(&format!("/{name}")).await;
        assert_eq!((file.status, file.header("content-type")), (200, media_type), "{name}");
        assert!(file.text.len() > least, "{name} has {} bytes", file.text.len());
    }
    assert_eq!(names.len(), 6, "{names:?}");
    let start = app.guest().get("/docs/start.js").await;
    assert!(!start.text.contains("http"), "{}", start.text);
    app.guest().get("/docs/swagger-ui.js").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_pages_of_the_api_can_be_switched_off() {
    let app = TestApp::start_with(Options { without_docs: true, ..Options::default() }).await;
    app.guest().get("/docs").await.expect_problem(404, "route_not_found");
    app.guest().get("/docs/start.js").await.expect_problem(404, "route_not_found");
    app.guest().get("/api/v2/openapi.json").await.expect(200);
}
