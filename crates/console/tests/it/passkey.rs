//! Passkeys at the pages, by an authenticator in software: what the script would put into the forms.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};
use webauthn_authenticator_rs::{WebauthnAuthenticator as _, prelude::Url, softpasskey::SoftPasskey};

use crate::browser::{Browser, Got, ana};

const ORIGIN: &str = "https://elder.test";
const ANA: &str = "ana@example.com";

/// What a page asks the browser for.
struct Challenge {
    ceremony: String,
    options: Value,
}

impl Challenge {
    #[track_caller]
    fn of(page: &Got) -> Self {
        let field = |start: &str| {
            let (_, rest) = page.text.split_once(start).unwrap_or_else(|| panic!("{start}: {}", page.text));
            rest.split_once('"').unwrap().0.replace("&#34;", "\"").replace("&#38;", "&")
        };
        let options = serde_json::from_str(&field("data-options=\"")).unwrap();
        Self { ceremony: field("name=\"ceremony\" value=\""), options }
    }
}

/// Somebody's passkey, and the browser before it.
struct Key {
    device: SoftPasskey,
    made: Value,
}

impl Key {
    /// Registers one at the page for it.
    async fn add(browser: &Browser) -> Self {
        let page = browser.get("/account/security/passkey").await.expect(200);
        let asked = Challenge::of(&page);
        let mut device = SoftPasskey::new(true);
        let options = serde_json::from_value(asked.options).unwrap();
        let made = json!(device.do_registration(Url::parse(ORIGIN).unwrap(), options).unwrap());
        let credential = made.to_string();
        let fields = [("ceremony", asked.ceremony.as_str()), ("credential", &credential), ("name", "Laptop")];
        let target = browser.submit("/account/security/passkey", &fields).await.leads_to();
        browser.get(&target).await.expect(200).says("Your second factor is set up.").says("Laptop");
        let again = browser.submit("/account/security/passkey", &fields).await.expect(403);
        again.says("The browser gave no passkey.");
        Self { device, made }
    }

    fn answer(&mut self, asked: &Challenge) -> Value {
        let options = serde_json::from_value(asked.options.clone()).unwrap();
        json!(self.device.do_authentication(Url::parse(ORIGIN).unwrap(), options).unwrap())
    }

    /// Answers a challenge that names no key, as an authenticator does that keeps the account with it.
    async fn discover(&mut self, app: &TestApp, asked: &Challenge) -> Value {
        let find = "select id from portal_users where email = $1";
        let user: uuid::Uuid = app.superuser.query_one(find, &[&ANA]).await.unwrap().get(0);
        let mut options = asked.options.clone();
        options["publicKey"]["allowCredentials"] =
            json!([{ "type": "public-key", "id": self.made["rawId"] }]);
        let mut answer = self.answer(&Challenge { ceremony: String::new(), options });
        answer["response"]["userHandle"] = json!(URL_SAFE_NO_PAD.encode(user.as_bytes()));
        answer
    }
}

#[tokio::test]
async fn a_passkey_alone_signs_in_and_its_answer_is_good_once() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let mut key = Key::add(&browser).await;
    let other = Browser::open(&app);
    let asked = Challenge::of(&other.get("/sign-in").await.expect(200));
    let credential = key.discover(&app, &asked).await.to_string();
    let proof = [("ceremony", asked.ceremony.as_str()), ("credential", credential.as_str())];
    let planted = other.cookie();
    assert_eq!(other.submit("/sign-in/passkey", &proof).await.leads_to(), "/account");
    assert_ne!(other.cookie(), planted, "nobody had the cookie before (P-27)");
    other.get("/account").await.expect(200).says("Ana Gruber");

    // P-19: the same answer, another browser.
    let thief = Browser::open(&app);
    thief.get("/sign-in").await.expect(200);
    let refused = thief.submit("/sign-in/passkey", &proof).await.expect(403);
    let refused = refused.says("The passkey is not known here").says("data-passkey=\"get\"");
    assert!(!refused.text.contains(&credential[..40]));
    assert_eq!(thief.get("/account").await.leads_to(), "/sign-in");
}

#[tokio::test]
async fn p_19_what_is_no_answer_to_the_challenge_is_refused_alike() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let mut key = Key::add(&browser).await;
    let other = Browser::open(&app);
    let early = Challenge::of(&other.get("/sign-in").await.expect(200));
    let good = key.discover(&app, &early).await.to_string();
    let late = Challenge::of(&other.get("/sign-in").await.expect(200));
    for (ceremony, credential) in [
        (late.ceremony.as_str(), good.as_str()),
        (early.ceremony.as_str(), "{}"),
        (early.ceremony.as_str(), "no JSON"),
        (early.ceremony.as_str(), ""),
        ("x", good.as_str()),
    ] {
        let proof = [("ceremony", ceremony), ("credential", credential)];
        other.submit("/sign-in/passkey", &proof).await.expect(403).says("The passkey is not known here");
    }
    app.clock.advance(Duration::minutes(6));
    let proof = [("ceremony", early.ceremony.as_str()), ("credential", good.as_str())];
    other.submit("/sign-in/passkey", &proof).await.expect(403).says("The passkey is not known here");
    assert_eq!(app.audit_count("session.started").await, 1, "the one before");
}

#[tokio::test]
async fn who_has_a_passkey_proves_it_after_the_password() {
    let app = TestApp::start().await;
    let (_, browser) = ana(&app).await;
    let mut key = Key::add(&browser).await;
    let other = Browser::open(&app);
    other.get("/sign-in").await.expect(200);
    let page = other.submit("/sign-in", &[("email", ANA), ("password", PASSWORD)]).await.expect(200);
    let page = page.says("data-passkey=\"get\"").says("Passkeys need JavaScript");
    assert!(!page.text.contains("name=\"code\""), "there is nothing to type");
    let asked = Challenge::of(&page);
    let (_, rest) = page.text.split_once("name=\"flow\" value=\"").unwrap();
    let flow = rest.split_once('"').unwrap().0;
    let credential = key.answer(&asked).to_string();
    let proof =
        |credential| [("flow", flow), ("ceremony", asked.ceremony.as_str()), ("credential", credential)];
    let wrong = other.submit("/sign-in/factor", &proof("{}")).await.expect(403);
    wrong.says("does not fit").says("data-passkey=\"get\"");
    assert_eq!(other.submit("/sign-in/factor", &proof(&credential)).await.leads_to(), "/account");
}

#[tokio::test]
async fn p_23_a_passkey_made_for_one_session_is_registered_in_no_other() {
    let app = TestApp::start().await;
    let (admin, browser) = ana(&app).await;
    let asked = Challenge::of(&browser.get("/account/security/passkey").await.expect(200));
    let mut device = SoftPasskey::new(true);
    let options = serde_json::from_value(asked.options).unwrap();
    let made = json!(device.do_registration(Url::parse(ORIGIN).unwrap(), options).unwrap()).to_string();
    crate::browser::person(&admin, "bob@example.com").await;
    let bob = Browser::open(&app);
    bob.sign_in("bob@example.com").await;
    bob.get("/account/security/passkey").await.expect(200);
    let fields = [("ceremony", asked.ceremony.as_str()), ("credential", made.as_str()), ("name", "Mine")];
    bob.submit("/account/security/passkey", &fields).await.expect(403);
    bob.get("/account/security").await.expect(200).says("You have none yet.");
    assert_eq!(app.audit_count("mfa.factor.added").await, 0);
}
