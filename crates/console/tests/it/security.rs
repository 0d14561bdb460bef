//! How one signs in: password, second factors, backup codes.

use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::{
    browser::{Browser, ana},
    phone::Phone,
};

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("the field");
    rest.split_once('"').unwrap().0.to_owned()
}

/// Sets up an authenticator application at the pages. Its code of the moment is used; the clock goes on to the next.
async fn with_phone(app: &TestApp, browser: &Browser) -> Phone {
    browser.get("/account/security").await.expect(200);
    let page = browser.submit("/account/security/authenticator", &[]).await.expect(200);
    let page = page.says("<svg").says("otpauth://totp/");
    assert!(!page.text.contains("<?xml"));
    let phone = Phone::shown_at(&page.text);
    let factor = hidden(&page.text, "factor");
    let confirm = |code: String| async move {
        let fields = [("factor", factor.as_str()), ("code", code.as_str())];
        browser.submit("/account/security/authenticator/confirm", &fields).await
    };
    let target = confirm(phone.code(app)).await.leads_to();
    browser.get(&target).await.expect(200).says("Your second factor is set up.");
    app.clock.advance(Duration::seconds(30));
    phone
}

#[tokio::test]
async fn the_password_is_changed_by_who_knows_it_and_other_sessions_end() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let other = Browser::open(&app);
    other.sign_in("ana@example.com").await;
    browser.get("/account/security").await.expect(200);
    let change =
        |present: &'static str, new: &'static str| [("current_password", present), ("password", new)];
    let wrong = browser
        .submit("/account/security/password", &change("another one", "gravel-otter-quantum-seventeen"))
        .await;
    wrong.expect(400).says("This is not your current password.");
    let weak = browser.submit("/account/security/password", &change(PASSWORD, "short")).await.expect(400);
    weak.says("A password has at least 15 characters.");
    other.get("/account").await.expect(200);
    let new = change(PASSWORD, "gravel-otter-quantum-seventeen");
    let target = browser.submit("/account/security/password", &new).await.leads_to();
    browser.get(&target).await.expect(200).says("Your password is changed");
    assert_eq!(other.get("/account").await.leads_to(), "/sign-in");
}

#[tokio::test]
async fn p_36_what_changes_how_one_signs_in_takes_a_new_proof_and_leads_back() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account/security").await.expect(200);
    app.clock.advance(Duration::minutes(11));
    let passwords = [("current_password", PASSWORD), ("password", "gravel-otter-quantum-seventeen")];
    let factor = [("factor", "fac_01h455vb4pex5vsknk084sn02q")];
    for (path, fields) in [
        ("/account/security/password", &passwords[..]),
        ("/account/security/authenticator", &[]),
        ("/account/security/authenticator/confirm", &[factor[0], ("code", "123456")]),
        ("/account/security/passkey", &[("ceremony", "x"), ("credential", "{}")]),
        ("/account/security/factors/remove", &factor),
        ("/account/security/backup-codes", &[]),
    ] {
        assert_eq!(browser.submit(path, fields).await.leads_to(), "/sign-in?for=security", "{path}");
    }
    assert_eq!(browser.get("/account/security/passkey").await.leads_to(), "/sign-in?for=security");
    assert_eq!(app.audit_count("mfa.factor.started").await, 0);
    let page = browser.get("/sign-in?for=security").await.expect(200).says("Sign in again to go on");
    let page = page.says("value=\"ana@example.com\"").says("type=\"password\"");
    assert!(!page.text.contains("name=\"credential\""));
    let before = browser.cookie();
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign-in?for=security", &fields).await.leads_to(), "/account/security");
    assert_ne!(browser.cookie(), before, "the proof gives another session (P-27)");
    browser.get("/account/security").await.expect(200);
    browser.submit("/account/security/authenticator", &[]).await.expect(200);
}

#[tokio::test]
async fn an_authenticator_is_set_up_named_and_removed() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    browser.get("/account/security").await.expect(200).says("You have none yet.");
    let page = browser.submit("/account/security/authenticator", &[]).await.expect(200);
    let (phone, factor) = (Phone::shown_at(&page.text), hidden(&page.text, "factor"));
    let with = |code: &str| [("factor", factor.clone()), ("code", code.to_owned())];
    let confirm = "/account/security/authenticator/confirm";
    let wrong = with("000000");
    let wrong: Vec<_> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = browser.submit(confirm, &wrong).await.expect(403).says("The code does not fit");
    let secret = |page: &str| page.split_once("<code>").unwrap().1.split_once('<').unwrap().0.to_owned();
    assert_eq!(secret(&refused.text), secret(&page.text), "the same secret is shown until a code was right");
    assert!(refused.text.contains("<svg"), "{}", refused.text);
    let right = with(&phone.code(&app));
    let right: Vec<_> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let target = browser.submit(confirm, &right).await.leads_to();
    browser.get(&target).await.expect(200).says("Your second factor is set up.").says("last used");
    assert_eq!(app.audit_count("mfa.factor.added").await, 1);
    let late = browser.submit(confirm, &wrong).await;
    assert!(!late.text.contains("otpauth:") && late.status >= 400, "a factor shows its secret to nobody");

    let rename = "/account/security/factors/rename";
    let named = [("factor", factor.as_str()), ("name", "My <b>phone</b>")];
    let target = browser.submit(rename, &named).await.leads_to();
    browser.get(&target).await.expect(200).says("My &#60;b&#62;phone&#60;/b&#62;");
    for bad in ["", "  ", &"x".repeat(101)] {
        let fields = [("factor", factor.as_str()), ("name", bad)];
        browser.submit(rename, &fields).await.expect(400).says("A name has 1 to 100 characters");
    }
    for _ in 0..2 {
        let removed = browser.submit("/account/security/factors/remove", &[("factor", &factor)]).await;
        browser.get(&removed.leads_to()).await.expect(200).says("The second factor is removed.");
    }
    assert_eq!(app.audit_count("mfa.factor.removed").await, 1);
}

#[tokio::test]
async fn backup_codes_are_shown_once() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    with_phone(&app, &browser).await;
    let made = browser.submit("/account/security/backup-codes", &[]).await.expect(200);
    let made = made.says("they are never shown again");
    assert_eq!(made.header("cache-control"), "no-store");
    let codes: Vec<_> = made.text.split("<li><code>").skip(1).map(|rest| rest[..11].to_owned()).collect();
    assert_eq!(codes.len(), 10);
    let page = browser.get("/account/security").await.expect(200).says("10 unused");
    assert!(codes.iter().all(|code| !page.text.contains(code)));

    let other = Browser::open(&app);
    other.get("/sign-in").await.expect(200);
    let page = other.submit("/sign-in", &[("email", "ana@example.com"), ("password", PASSWORD)]).await;
    let flow = hidden(&page.expect(200).text, "flow");
    let done = other.submit("/sign-in/factor", &[("flow", &flow), ("code", &codes[3])]).await;
    assert_eq!(done.leads_to(), "/account");
    browser.get("/account/security").await.expect(200).says("9 unused");
}

#[tokio::test]
async fn what_the_tenant_does_not_take_is_said_and_not_set_up() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let rule = json!({ "settings": { "mfa": { "factors": ["webauthn"] } } });
    admin.patch("/api/v2/tenant", rule).await.expect(200);
    browser.get("/account/security").await.expect(200);
    for path in ["/account/security/authenticator", "/account/security/backup-codes"] {
        let refused = browser.submit(path, &[]).await.expect(409);
        refused.says("Your organization does not take this kind of second factor.");
    }
    browser.get("/account/security/passkey").await.expect(200).says("data-passkey=\"create\"");
}

#[tokio::test]
async fn nobody_touches_the_factors_of_another() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    with_phone(&app, &browser).await;
    let page = browser.get("/account/security").await.expect(200);
    let factor = hidden(&page.text, "factor");
    let admin = app.tenant_admin().await;
    crate::browser::person(&admin, "bob@example.com").await;
    let bob = Browser::open(&app);
    bob.sign_in("bob@example.com").await;
    bob.get("/account/security").await.expect(200);
    let fields = [("factor", factor.as_str()), ("name", "Bob's")];
    bob.submit("/account/security/factors/rename", &fields).await.expect(404);
    bob.submit("/account/security/factors/remove", &fields[..1]).await.leads_to();
    let same = browser.get("/account/security").await.expect(200);
    assert!(same.text.contains(&factor) && !same.text.contains("Bob"));
}
