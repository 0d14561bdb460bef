//! The page behind the setup link.

use elder_portal_users::setup_link;
use elder_testkit::{Answer, PASSWORD, TestApp};
use reqwest::Method;
use serde_json::json;

use crate::people::login;

/// Sends the form.
async fn submit(app: &TestApp, entries: &[(&str, &str)]) -> Answer {
    let form = reqwest::Url::parse_with_params("http://form", entries).unwrap();
    let body = form.query().unwrap().as_bytes().to_vec();
    let kind = "application/x-www-form-urlencoded";
    app.guest().send_bytes(Method::POST, "/setup", kind, Some(body)).await
}

fn entries<'a>(token: &'a str, email: &'a str, password: &'a str) -> [(&'a str, &'a str); 4] {
    [("token", token), ("email", email), ("full_name", "Ona <Owner>"), ("password", password)]
}

/// Demands a page that may run and load nothing, and be sent nowhere else.
#[track_caller]
fn expect_page(answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.text.contains(words), "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(!answer.text.contains("<script") && !answer.text.contains("style="));
}

#[tokio::test]
async fn the_form_of_the_setup_link_makes_the_owner_once() {
    let app = TestApp::start().await;
    let link = setup_link(&app.worker).await.unwrap().unwrap();
    let form = app.guest().get(&format!("/setup?token={}", link.expose())).await;
    expect_page(&form, 200, &format!("name=\"token\" value=\"{}\"", link.expose()));
    for field in ["email", "full_name", "password"] {
        assert!(form.text.contains(&format!("<label for=\"{field}\">")), "{field} has no label");
    }
    let done = submit(&app, &entries(link.expose(), "ona@example.com", PASSWORD)).await;
    expect_page(&done, 201, "ona@example.com owns this platform");
    login(&app, "ona@example.com", PASSWORD, None).await.expect(200);
    assert_eq!(app.audit_count("platform.owner_created").await, 1);
    let again = submit(&app, &entries(link.expose(), "eve@example.com", PASSWORD)).await;
    expect_page(&again, 409, "has its owner already");
    assert_eq!(app.audit_count("platform.owner_created").await, 1);
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_what_was_typed_but_the_password() {
    let app = TestApp::start().await;
    let link = setup_link(&app.worker).await.unwrap().unwrap();
    for (email, password, words) in [
        ("ona@example.com", "short-271828", "A password has at least"),
        ("ona", "a-long-password-271828", "Expected an e-mail address"),
    ] {
        let answer = submit(&app, &entries(link.expose(), email, password)).await;
        expect_page(&answer, 400, words);
        assert!(answer.text.contains("role=\"alert\""));
        assert!(answer.text.contains(&format!("value=\"{email}\"")), "{}", answer.text);
        assert!(answer.text.contains("value=\"Ona &lt;Owner&gt;\""), "{}", answer.text);
        assert!(!answer.text.contains("271828"), "the page shows the password");
    }
    assert_eq!(app.audit_count("platform.owner_created").await, 0);
}

#[tokio::test]
async fn a_token_that_is_none_is_refused_and_never_reflected() {
    let app = TestApp::start().await;
    for query in ["", "?token=", "?token=elder_setup_x", "?token=%22%3E%3Cscript%3E"] {
        let answer = app.guest().get(&format!("/setup{query}")).await;
        expect_page(&answer, 403, "The setup link is not valid");
        assert!(!answer.text.contains("elder_setup_x") && !answer.text.contains("<form"));
    }
    let answer = submit(&app, &entries("\"><script>", "ona@example.com", PASSWORD)).await;
    expect_page(&answer, 403, "The setup link is not valid");
    let replaced = setup_link(&app.worker).await.unwrap().unwrap();
    setup_link(&app.worker).await.unwrap().unwrap();
    let answer = submit(&app, &entries(replaced.expose(), "ona@example.com", PASSWORD)).await;
    expect_page(&answer, 403, "The setup link is not valid");
    assert_eq!(app.audit_count("platform.owner_created").await, 0);
}

#[tokio::test]
async fn what_is_no_form_of_the_page_is_refused_with_a_page_and_changes_nothing() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let app = TestApp::start().await;
    let link = setup_link(&app.worker).await.unwrap().unwrap();
    let good =
        reqwest::Url::parse_with_params("http://form", entries(link.expose(), "ona@example.com", PASSWORD));
    let good = good.unwrap().query().unwrap().to_owned();
    for (kind, body, status) in [
        (FORM, "token=x".to_owned(), 400),
        (FORM, String::new(), 400),
        (FORM, format!("{good}&global_role=admin"), 400),
        (FORM, format!("{good}&email=eve%40example.com"), 400),
        (FORM, good.replace("Ona", "%00"), 400),
        (FORM, format!("{good}{}", "x".repeat(1 << 20)), 413),
        ("application/json", json!({ "token": link.expose() }).to_string(), 415),
        ("text/plain", good.clone(), 415),
        ("multipart/form-data; boundary=x", good.clone(), 415),
    ] {
        let answer = app.guest().send_bytes(Method::POST, "/setup", kind, Some(body.into_bytes())).await;
        expect_page(&answer, status, "<main>");
    }
    assert_eq!(app.audit_count("platform.owner_created").await, 0);
    let answer = app.guest().send_bytes(Method::POST, "/setup", FORM, Some(good.into_bytes())).await;
    expect_page(&answer, 201, "owns this platform");
}
