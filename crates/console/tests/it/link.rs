//! What mailed links lead to.

use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp, mailed_token, mails};
use serde_json::json;

use crate::{
    browser::{Browser, ana, person},
    faults::bound,
};

const NEW: &str = "gravel-otter-quantum-seventeen";
const ANA: &str = "ana@example.com";

/// What was written down, and the links that are good.
async fn state(app: &TestApp) -> (i64, i64) {
    let row = "select (select count(*) from audit_logs), (select count(*) from one_time_tokens where used_at is null)";
    let row = app.superuser.query_one(row, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

/// Opens a link as programs do that look through mails, and demands that it changes nothing.
async fn scanned(app: &TestApp, browser: &Browser, path: &str) {
    let before = state(app).await;
    for _ in 0..2 {
        bound(&browser.get(path).await.expect(200));
    }
    assert_eq!(state(app).await, before, "{path}");
}

/// Asks for a link at the page for forgotten passwords.
async fn forget(browser: &Browser, email: &str) -> String {
    browser.get("/reset").await.expect(200);
    browser.submit("/reset/link", &[("email", email)]).await.expect(202).text
}

#[tokio::test]
async fn p_25_a_forgotten_password_is_replaced_by_a_link_that_is_good_once() {
    let app = TestApp::start().await;
    let (_, signed_in) = ana(&app).await;
    let browser = Browser::open(&app);
    forget(&browser, ANA).await;
    let token = mailed_token(&app, ANA).await;
    scanned(&app, &browser, &format!("/reset?token={token}")).await;
    let reset =
        |token: &str, password: &str| [("token", token.to_owned()), ("password", password.to_owned())];
    let submit = async |fields: [(&'static str, String); 2]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.submit("/reset", &fields).await
    };
    let weak = submit(reset(&token, "short-271828")).await.expect(400).says("at least 15 characters");
    assert!(!weak.text.contains("271828") && weak.text.contains("id=\"password-alert\""));
    let done = submit(reset(&token, NEW)).await.expect(200).says("Your password is set");
    assert!(done.header("set-cookie").is_empty(), "it signs nobody in");
    assert_eq!(signed_in.get("/account").await.leads_to(), "/sign-in");
    for used in [token.as_str(), "", "x", "elder_reset_x"] {
        submit(reset(used, PASSWORD)).await.expect(403).says("This link is not valid");
    }
    browser.get("/sign-in").await.expect(200);
    let credentials = [("email", ANA), ("password", NEW)];
    assert_eq!(browser.submit("/sign-in", &credentials).await.leads_to(), "/account");

    let late = Browser::open(&app);
    forget(&late, ANA).await;
    let token = mailed_token(&app, ANA).await;
    app.clock.advance(Duration::minutes(31));
    late.get(&format!("/reset?token={token}")).await.expect(200);
    let fields = [("token", token.as_str()), ("password", PASSWORD)];
    late.submit("/reset", &fields).await.expect(403).says("This link is not valid");
}

#[tokio::test]
async fn p_09_whether_an_address_has_an_account_is_told_to_nobody_who_asks() {
    let app = TestApp::start().await;
    person(&app.tenant_admin().await, ANA).await;
    let browser = Browser::open(&app);
    let known = forget(&browser, ANA).await;
    assert_eq!(forget(&browser, "eve@example.com").await, known);
    assert!(mails(&app, "eve@example.com").await.is_empty());
    let wrong = browser.submit("/reset/link", &[("email", "eve")]).await;
    wrong.expect(400).says("This is no e-mail address.");
}

#[tokio::test]
async fn p_38_an_invitation_gives_an_account_once() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let invite = async |email: &str| {
        admin.post("/api/v2/invitations", json!({ "email": email, "days": 3 })).await.expect(201);
        mailed_token(&app, email).await
    };
    let browser = Browser::open(&app);
    let token = invite("bob@example.com").await;
    scanned(&app, &browser, &format!("/invitation?token={token}")).await;
    let accept = async |token: &str, name: &str, password: &str| {
        let fields = [("token", token), ("full_name", name), ("password", password)];
        browser.submit("/invitation", &fields).await
    };
    accept(&token, "Bob", "short").await.expect(400).says("at least 15 characters").says("value=\"Bob\"");
    accept(&token, &"x".repeat(201), PASSWORD).await.expect(400).says("id=\"full_name-alert\"");
    accept(&token, "Bob", PASSWORD).await.expect(201).says("You have an account now.");
    for used in [token.as_str(), "", "elder_invite_x"] {
        accept(used, "Eve", PASSWORD).await.expect(403).says("This link is not valid");
    }
    browser.sign_in("bob@example.com").await;
    let late = invite("eve@example.com").await;
    app.clock.advance(Duration::days(3) + Duration::minutes(1));
    browser.get(&format!("/invitation?token={late}")).await.expect(200);
    accept(&late, "Eve", PASSWORD).await.expect(403).says("This link is not valid");
}

#[tokio::test]
async fn who_asks_for_an_account_gets_it_by_the_link_in_the_mail() {
    let app = TestApp::start().await;
    app.superuser.batch_execute("update platform_settings set registration = 'open'").await.unwrap();
    let admin = app.tenant_admin().await;
    admin.patch("/api/v2/tenant", json!({ "settings": { "registration": "open" } })).await.expect(200);
    let browser = Browser::open(&app);
    let page = format!("/register?tenant={}", app.acme.slug);
    browser.get(&page).await.expect(200);
    let ask = async |email: &str, password: &str| {
        let fields = [("email", email), ("full_name", "Cleo"), ("password", password)];
        browser.submit(&page, &fields).await
    };
    ask("cleo", PASSWORD).await.expect(400).says("id=\"email-alert\"");
    ask("cleo@example.com", "short").await.expect(400).says("id=\"password-alert\"");
    ask("cleo@example.com", PASSWORD).await.expect(202).says("a mail is on its way");
    let token = mailed_token(&app, "cleo@example.com").await;
    scanned(&app, &browser, &format!("/verify?token={token}")).await;
    browser.submit("/verify", &[("token", &token)]).await.expect(200).says("You have an account now.");
    for used in [token.as_str(), "", "x"] {
        browser.submit("/verify", &[("token", used)]).await.expect(403).says("This link is not valid");
    }
    browser.sign_in("cleo@example.com").await;
}

#[tokio::test]
async fn a_change_of_address_is_confirmed_by_a_button_and_not_by_the_link() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account").await.expect(200);
    let asked = [("email", "ana@new.example"), ("current_password", PASSWORD)];
    browser.submit("/account/email", &asked).await.leads_to();
    let token = mailed_token(&app, "ana@new.example").await;
    scanned(&app, &browser, &format!("/email-change?token={token}")).await;
    let press = async |token: &str| browser.submit("/email-change", &[("token", token)]).await;
    press(&token).await.expect(200).says("This address agrees.");
    press(&token).await.expect(403).says("This link is not valid");
    press("").await.expect(403);
    app.clock.advance(Duration::days(2));
    let late = mailed_token(&app, ANA).await;
    press(&late).await.expect(403).says("This link is not valid");
    assert_eq!(app.audit_count("portal_user.email_changed").await, 0);
}

#[tokio::test]
async fn a_link_leads_to_a_page_in_the_looks_of_the_tenant_that_has_sent_it() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let branding = json!({ "display_name": "Acme Inc.", "color": "#5b21b6", "locale": "de" });
    admin.patch("/api/v2/tenant", json!({ "settings": { "branding": branding } })).await.expect(200);
    admin.post("/api/v2/invitations", json!({ "email": "bob@example.com", "days": 3 })).await.expect(201);
    let token = mailed_token(&app, "bob@example.com").await;
    let browser = Browser::at(&app.base, "fr");
    let page = browser.get(&format!("/invitation?token={token}")).await.expect(200);
    page.says("Acme Inc.").says("/assets/brand-5b21b6.css").says("<html lang=\"de\">");
    browser.get("/invitation?token=x").await.expect(200).says("<p class=\"brand\">Elder</p>");
}
