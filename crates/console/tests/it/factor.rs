//! The second step of a sign-in.

use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use crate::browser::{Browser, Got, person};

const ANA: &str = "ana@example.com";

/// An authenticator application.
struct Phone(Totp);

impl Phone {
    fn with(secret: &str) -> Self {
        Self(Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap())
    }

    fn code(&self, app: &TestApp) -> String {
        self.0.generate(u64::try_from(app.seam.now().timestamp()).unwrap()).to_string()
    }
}

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
    assert!(matches!(wrong.status, 401 | 403), "{}", wrong.text);
    wrong.says("The code does not fit");
    let code = phone.code(&app);
    let done = browser.submit("/sign-in/factor", &[("flow", &flow), ("code", &code)]).await;
    assert_eq!(done.leads_to(), "/account");
    browser.get("/account").await.expect(200);

    let other = Browser::open(&app);
    let (_, flow) = second_step(&other).await;
    let done = other.submit("/sign-in/factor", &[("flow", &flow), ("code", &backup_code)]).await;
    assert_eq!(done.leads_to(), "/account");
}
