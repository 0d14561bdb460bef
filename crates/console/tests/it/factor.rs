//! The second step of a sign-in.

use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Got, person},
    phone::Phone,
};

const ANA: &str = "ana@example.com";

/// Ana, who has set up an authenticator application and backup codes; gives a backup code too.
async fn with_phone(app: &TestApp) -> (Phone, String) {
    person(&app.tenant_admin().await, ANA).await;
    let login = json!({ "email": ANA, "password": PASSWORD });
    let tokens = app.guest().post("/api/v2/auth/login", login).await.expect(200);
    let ana = app.guest().with_token(tokens["access_token"].as_str().unwrap());
    let begun = ana.post("/api/v2/me/mfa/totp", json!({ "name": "Phone" })).await.expect(201);
    let phone = Phone::with(begun["secret"].as_str().unwrap());
    let path = format!("/api/v2/me/mfa/totp/{}/confirm", begun["id"].as_str().unwrap());
    let confirmed = ana.post(&path, json!({ "code": phone.code(app) })).await.expect(200);
    assert_eq!(confirmed["kind"], "totp");
    app.clock.advance(Duration::seconds(30));
    let proof = json!({ "code": phone.code(app) });
    let raised: Value = ana.post("/api/v2/me/step-up", proof).await.expect(200);
    let ana = app.guest().with_token(raised["access_token"].as_str().unwrap());
    let codes = ana.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect(200);
    app.clock.advance(Duration::seconds(30));
    (phone, codes["codes"][0].as_str().unwrap().to_owned())
}

/// Signs in with the password; gives the page of the second step, and the flow that it carries.
async fn second_step(browser: &Browser) -> (Got, String) {
    browser.get("/sign-in").await.expect(200);
    let page = browser.submit("/sign-in", &[("email", ANA), ("password", PASSWORD)]).await.expect(200);
    let (_, rest) = page.text.split_once("name=\"flow\" value=\"").expect("the second step");
    let flow = rest.split_once('"').unwrap().0.to_owned();
    (page, flow)
}

#[tokio::test]
async fn p_17_who_has_a_second_factor_proves_it_here_too() {
    let app = TestApp::start().await;
    let (phone, backup_code) = with_phone(&app).await;
    let browser = Browser::open(&app);
    let (page, flow) = second_step(&browser).await;
    page.says("autocomplete=\"one-time-code\"");
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in", "half a sign-in opens nothing");
    let wrong = browser.submit("/sign-in/factor", &[("flow", &flow), ("code", "000000")]).await;
    let wrong = wrong.expect(403).says("The code does not fit").says("aria-describedby=\"code-alert\"");
    assert!(wrong.text.contains(&flow), "one may try again");
    let code = phone.code(&app);
    let done = browser.submit("/sign-in/factor", &[("flow", &flow), ("code", &code)]).await;
    assert_eq!(done.leads_to(), "/account");
    browser.get("/account").await.expect(200);

    let other = Browser::open(&app);
    let (_, flow) = second_step(&other).await;
    let done = other.submit("/sign-in/factor", &[("flow", &flow), ("code", &backup_code)]).await;
    assert_eq!(done.leads_to(), "/account");
}

/// Has the tenant demand a second factor of everybody, at once.
async fn demand(app: &TestApp, factors: serde_json::Value) {
    let mfa = json!({ "mfa": { "required": "everyone", "grace_days": 0, "factors": factors } });
    let set = "update tenants set settings = $2::text::jsonb where id = $1";
    app.superuser.execute(set, &[&app.acme.id.0, &mfa.to_string()]).await.unwrap();
}

#[tokio::test]
async fn p_17_who_must_have_a_second_factor_sets_it_up_on_the_way_in() {
    let app = TestApp::start().await;
    person(&app.tenant_admin().await, ANA).await;
    demand(&app, json!(["totp", "webauthn"])).await;
    let browser = Browser::open(&app);
    let (page, flow) = second_step(&browser).await;
    let page = page.says("Your organization asks for a second factor").says("<svg");
    let page = page.says("data-passkey=\"create\"");
    let phone = Phone::shown_at(&page.text);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
    let wrong = browser.submit("/sign-in/factor", &[("flow", &flow), ("code", "000000")]).await.expect(403);
    let wrong = wrong.says("The code does not fit").says("<svg");
    let secret = |page: &str| page.split_once("<code>").unwrap().1.split_once('<').unwrap().0.to_owned();
    assert_eq!(secret(&wrong.text), secret(&page.text), "what was scanned stays good");
    let done = browser.submit("/sign-in/factor", &[("flow", &flow), ("code", &phone.code(&app))]).await;
    assert_eq!(done.leads_to(), "/account");
    browser.get("/account/security").await.expect(200).says("Authenticator");
    assert_eq!(app.audit_count("session.started").await, 1);
}

#[tokio::test]
async fn p_15_after_five_tries_or_five_minutes_a_sign_in_begins_again() {
    let app = TestApp::start().await;
    let (phone, _) = with_phone(&app).await;
    let browser = Browser::open(&app);
    let (_, flow) = second_step(&browser).await;
    for _ in 0..5 {
        browser.submit("/sign-in/factor", &[("flow", &flow), ("code", "000000")]).await.expect(403);
    }
    let over = browser.submit("/sign-in/factor", &[("flow", &flow), ("code", &phone.code(&app))]).await;
    let over = over.expect(403).says("This sign-in is over. Begin again.").says("href=\"/sign-in\"");
    assert!(!over.text.contains("name=\"code\""));
    let other = Browser::open(&app);
    app.clock.advance(Duration::minutes(30));
    let (_, flow) = second_step(&other).await;
    app.clock.advance(Duration::minutes(6));
    let late = other.submit("/sign-in/factor", &[("flow", &flow), ("code", &phone.code(&app))]).await;
    late.expect(403).says("This sign-in is over.");
}

#[tokio::test]
async fn a_remembered_device_is_asked_for_no_code_until_it_is_withdrawn() {
    let app = TestApp::start().await;
    let (phone, _) = with_phone(&app).await;
    let rule = json!({ "settings": { "session": { "remember_device_days": 7 } } });
    app.tenant_admin().await.patch("/api/v2/tenant", rule).await.expect(200);
    let browser = Browser::open(&app);
    let (_, flow) = second_step(&browser).await;
    let code = phone.code(&app);
    let proof = [("flow", flow.as_str()), ("code", code.as_str()), ("remember", "yes")];
    assert_eq!(browser.submit("/sign-in/factor", &proof).await.leads_to(), "/account");
    browser.sign_in(ANA).await;
    browser.get("/account/devices").await.expect(200).says("no second factor asked until");
    second_step(&Browser::open(&app)).await;
}
