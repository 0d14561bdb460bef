//! The page behind the setup link.

use elder_portal_users::setup_link;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::{browser::Browser, faults::bound};

fn entries<'a>(token: &'a str, email: &'a str, password: &'a str) -> [(&'a str, &'a str); 4] {
    [("token", token), ("email", email), ("full_name", "Ona <Owner>"), ("password", password)]
}

#[tokio::test]
async fn the_form_of_the_setup_link_makes_the_owner_once() {
    let app = TestApp::start().await;
    let link = setup_link(&app.worker).await.unwrap().unwrap();
    let browser = Browser::open(&app);
    let form = browser.get(&format!("/setup?token={}", link.expose())).await.expect(200);
    bound(&form);
    let form = form.says(&format!("name=\"token\" value=\"{}\"", link.expose()));
    for field in ["email", "full_name", "password"] {
        assert!(form.text.contains(&format!("<label for=\"{field}\">")), "{field} has no label");
    }
    let done =
        browser.submit("/setup", &entries(link.expose(), "ona@example.com", PASSWORD)).await.expect(201);
    bound(&done.says("ona@example.com owns this platform"));
    let login = json!({ "email": "ona@example.com", "password": PASSWORD });
    app.guest().post("/api/v2/auth/login", login).await.expect(200);
    let again = browser.submit("/setup", &entries(link.expose(), "eve@example.com", PASSWORD)).await;
    again.expect(409).says("has its owner already");
    assert_eq!(app.audit_count("platform.owner_created").await, 1);
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_what_was_typed_but_the_password() {
    let app = TestApp::start().await;
    let link = setup_link(&app.worker).await.unwrap().unwrap();
    let browser = Browser::open(&app);
    browser.get(&format!("/setup?token={}", link.expose())).await.expect(200);
    for (email, password, words) in [
        ("ona@example.com", "short-271828", "A password has at least"),
        ("ona", "a-long-password-271828", "This is no e-mail address."),
    ] {
        let page = browser.submit("/setup", &entries(link.expose(), email, password)).await.expect(400);
        bound(&page);
        let page = page.says(words).says("role=\"alert\"").says(&format!("value=\"{email}\""));
        let page = page.says("value=\"Ona &#60;Owner&#62;\"");
        assert!(!page.text.contains("271828"), "the page shows the password");
    }
    assert_eq!(app.audit_count("platform.owner_created").await, 0);
}

#[tokio::test]
async fn a_token_that_is_none_is_refused_and_never_reflected() {
    let app = TestApp::start().await;
    let browser = Browser::open(&app);
    for query in ["", "?token=", "?token=elder_setup_x", "?token=%22%3E%3Cscript%3E"] {
        let page =
            browser.get(&format!("/setup{query}")).await.expect(403).says("The setup link is not valid");
        assert!(!page.text.contains("elder_setup_x") && !page.text.contains("<form"));
    }
    let replaced = setup_link(&app.worker).await.unwrap().unwrap();
    browser.get(&format!("/setup?token={}", replaced.expose())).await.expect(200);
    setup_link(&app.worker).await.unwrap().unwrap();
    for token in [replaced.expose(), "\"><script>"] {
        let page = browser.submit("/setup", &entries(token, "ona@example.com", PASSWORD)).await.expect(403);
        bound(&page.says("The setup link is not valid"));
    }
    assert_eq!(app.audit_count("platform.owner_created").await, 0);
}
