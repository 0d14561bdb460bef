//! One's own account.

use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::browser::{Browser, ana};

#[tokio::test]
async fn name_and_language_are_changed_and_the_page_obeys() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account").await.expect(200).says("<html lang=\"en\">");
    let profile = [("full_name", "Ana <Gruber>"), ("locale", "de")];
    let target = browser.submit("/account/profile", &profile).await.leads_to();
    let page = browser.get(&target).await.expect(200).says("Ihr Profil ist gespeichert.");
    let page = page.says("<html lang=\"de\">").says("value=\"Ana &#60;Gruber&#62;\"");
    assert!(page.text.contains("role=\"status\""));
    assert_eq!(app.audit_count("portal_user.updated").await, 1);

    let long = "x".repeat(201);
    let wrong = browser.submit("/account/profile", &[("full_name", &long), ("locale", "")]).await;
    wrong.expect(400).says("role=\"alert\"");
    assert_eq!(app.audit_count("portal_user.updated").await, 1);
    browser.submit("/account/profile", &[("full_name", "Ana"), ("locale", "")]).await.leads_to();
    browser.get("/account").await.expect(200).says("<html lang=\"en\">");
}

#[tokio::test]
async fn the_password_is_changed_by_who_knows_it_and_other_sessions_end() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let other = Browser::open(&app);
    other.sign_in("ana@example.com").await;
    browser.get("/account").await.expect(200);
    let change =
        |present: &'static str, new: &'static str| [("current_password", present), ("password", new)];
    let wrong =
        browser.submit("/account/password", &change("another one", "gravel-otter-quantum-seventeen")).await;
    wrong.expect(400).says("The present password is another one.");
    let weak = browser.submit("/account/password", &change(PASSWORD, "short")).await.expect(400);
    weak.says("A password has at least 15 characters.");
    other.get("/account").await.expect(200);
    let new = change(PASSWORD, "gravel-otter-quantum-seventeen");
    let target = browser.submit("/account/password", &new).await.leads_to();
    browser.get(&target).await.expect(200).says("Your password is changed");
    assert_eq!(other.get("/account").await.leads_to(), "/sign-in");
}

#[tokio::test]
async fn sessions_are_listed_and_others_can_be_ended() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let login = json!({ "email": "ana@example.com", "password": PASSWORD });
    let agent = app.guest().with_header("user-agent", "<script>alert(1)</script>");
    let tokens = agent.post("/api/v2/auth/login", login).await.expect(200);
    let program = app.guest().with_token(tokens["access_token"].as_str().unwrap());
    program.get("/api/v2/me").await.expect(200);
    let page = browser.get("/account").await.expect(200).says("<em>this browser</em>");
    let page = page.says("&#60;script&#62;alert(1)&#60;/script&#62;");
    assert_eq!(page.text.matches("action=\"/account/sessions/end\"").count(), 1, "none to end the own one");
    let session = tokens["session_id"].as_str().unwrap();
    for _ in 0..2 {
        let target = browser.submit("/account/sessions/end", &[("session", session)]).await.leads_to();
        browser.get(&target).await.expect(200).says("The session has ended.");
    }
    assert_eq!(program.get("/api/v2/me").await.status, 401);
    assert_eq!(app.audit_count("session.ended").await, 1);
}

#[tokio::test]
async fn another_persons_session_is_not_ended() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    browser.get("/account").await.expect(200);
    let sessions = admin.get("/api/v2/me/sessions").await.expect(200);
    let theirs = sessions["data"][0]["id"].as_str().unwrap();
    browser.submit("/account/sessions/end", &[("session", theirs)]).await.leads_to();
    admin.get("/api/v2/me").await.expect(200);
    browser.submit("/account/sessions/end", &[("session", "ses_x")]).await.expect(400);
}
