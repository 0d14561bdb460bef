//! One's own devices and sessions.

use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::browser::{Browser, ana};

#[tokio::test]
async fn sessions_are_listed_and_others_can_be_ended() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let login = json!({ "email": "ana@example.com", "password": PASSWORD });
    let agent = app.guest().with_header("user-agent", "<script>alert(1)</script>");
    let tokens = agent.post("/api/v2/auth/login", login).await.expect(200);
    let program = app.guest().with_token(tokens["access_token"].as_str().unwrap());
    program.get("/api/v2/me").await.expect(200);
    let page = browser.get("/account/devices").await.expect(200).says("this browser</em>");
    assert_eq!(page.text.matches("action=\"/account/sessions/end\"").count(), 1, "none to end the own one");
    let session = tokens["session_id"].as_str().unwrap();
    let sessions = program.get("/api/v2/me/sessions").await.expect(200);
    let own = sessions["data"].as_array().unwrap().iter().find(|one| one["is_current"] == true).unwrap();
    let device = own["device_id"].as_str().unwrap().to_owned();
    let named = json!({ "name": "<script>alert(1)</script>" });
    program.patch(&format!("/api/v2/me/devices/{device}"), named).await.expect(200);
    let page = browser.get("/account/devices").await.expect(200);
    page.says("<strong>&#60;script&#62;alert(1)&#60;/script&#62;</strong>");
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
    browser.get("/account/devices").await.expect(200);
    let sessions = admin.get("/api/v2/me/sessions").await.expect(200);
    let theirs = sessions["data"][0]["id"].as_str().unwrap();
    browser.submit("/account/sessions/end", &[("session", theirs)]).await.leads_to();
    admin.get("/api/v2/me").await.expect(200);
    browser.submit("/account/sessions/end", &[("session", "ses_x")]).await.expect(400);
}

#[tokio::test]
async fn a_device_is_withdrawn_with_its_sessions() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let other = Browser::open(&app);
    other.sign_in("ana@example.com").await;
    let page = browser.get("/account/devices").await.expect(200).says("this device</em>");
    let devices: Vec<_> = page.text.split("name=\"device\" value=\"").skip(1).collect();
    assert_eq!(devices.len(), 2);
    let rows: Vec<_> = page.text.split("<li>").filter(|row| row.contains("name=\"device\"")).collect();
    let theirs = rows.iter().find(|row| !row.contains("this device")).unwrap();
    let (_, rest) = theirs.split_once("name=\"device\" value=\"").unwrap();
    let device = rest.split_once('"').unwrap().0.to_owned();

    crate::browser::person(&admin, "bob@example.com").await;
    let bob = Browser::open(&app);
    bob.sign_in("bob@example.com").await;
    bob.get("/account/devices").await.expect(200);
    bob.submit("/account/devices/withdraw", &[("device", &device)]).await.leads_to();
    other.get("/account").await.expect(200);
    for _ in 0..2 {
        let target = browser.submit("/account/devices/withdraw", &[("device", &device)]).await.leads_to();
        browser.get(&target).await.expect(200).says("The device is removed");
    }
    assert_eq!(other.get("/account/devices").await.leads_to(), "/sign-in?for=devices");
    assert_eq!(app.audit_count("device.deleted").await, 1);
}
