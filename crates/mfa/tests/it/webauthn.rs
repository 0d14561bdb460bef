//! Passkeys and security keys, by an authenticator in software.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use elder_testkit::{Actor, Answer, TestApp};
use serde_json::{Value, json};
use webauthn_authenticator_rs::{WebauthnAuthenticator as _, prelude::Url, softpasskey::SoftPasskey};

use crate::people::{ANA, ana, create, demand, flow, holder, login, reasons, verify};

const ORIGIN: &str = "https://elder.test";

/// Somebody's passkeys, and the browser before them.
struct Keys(SoftPasskey);

impl Keys {
    fn new() -> Self {
        Self(SoftPasskey::new(true))
    }

    fn create(&mut self, options: &Value) -> Value {
        let options = serde_json::from_value(options.clone()).unwrap();
        json!(self.0.do_registration(Url::parse(ORIGIN).unwrap(), options).unwrap())
    }

    fn get(&mut self, options: &Value) -> Value {
        let options = serde_json::from_value(options.clone()).unwrap();
        json!(self.0.do_authentication(Url::parse(ORIGIN).unwrap(), options).unwrap())
    }

    /// Answers a challenge that names no key, as an authenticator does that keeps the account with it.
    fn discover(&mut self, options: &Value, key: &Value, user: uuid::Uuid) -> Value {
        let mut options = options.clone();
        options["publicKey"]["allowCredentials"] = json!([{ "type": "public-key", "id": key["rawId"] }]);
        let mut answer = self.get(&options);
        answer["response"]["userHandle"] = json!(URL_SAFE_NO_PAD.encode(user.as_bytes()));
        answer
    }
}

async fn begin(person: &Actor) -> Value {
    person.post("/api/v2/me/mfa/webauthn/options", json!({})).await.expect(200)
}

/// Registers a passkey; gives what the browser made of it.
async fn register(person: &Actor, keys: &mut Keys) -> Value {
    let begun = begin(person).await;
    let credential = keys.create(&begun["options"]);
    let new = json!({ "name": "Laptop", "ceremony": begun["ceremony"], "credential": credential });
    person.post("/api/v2/me/mfa/webauthn", new).await.expect(201);
    credential
}

async fn challenge(app: &TestApp, flow: &str) -> Value {
    app.guest().post("/api/v2/auth/mfa/webauthn/options", json!({ "flow": flow })).await.expect(200)
}

fn proof(challenge: &Value, credential: &Value) -> Value {
    json!({ "ceremony": challenge["ceremony"], "credential": credential })
}

/// Changes what a browser says of where it was asked. The signature does not fit any more, but that is looked at last.
fn bent(credential: &Value, field: &str, value: Value) -> Value {
    let mut bent = credential.clone();
    let place = &mut bent["response"]["clientDataJSON"];
    let plain = URL_SAFE_NO_PAD.decode(place.as_str().unwrap()).unwrap();
    let mut data: Value = serde_json::from_slice(&plain).unwrap();
    data[field] = value;
    *place = json!(URL_SAFE_NO_PAD.encode(data.to_string()));
    bent
}

async fn user(app: &TestApp) -> uuid::Uuid {
    let find = "select id from portal_users where email = $1";
    app.superuser.query_one(find, &[&ANA]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_passkey_is_a_second_factor() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let mut keys = Keys::new();
    let begun = begin(&person).await;
    let asked = &begun["options"]["publicKey"];
    assert_eq!(asked["rp"]["id"], "elder.test");
    assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(asked["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(asked["user"]["name"], ANA);
    register(&person, &mut keys).await;
    let factors = person.get("/api/v2/me/mfa").await.expect(200)["factors"].clone();
    assert_eq!((&factors[0]["kind"], &factors[0]["name"]), (&json!("webauthn"), &json!("Laptop")));
    let again = begin(&person).await;
    assert_eq!(again["options"]["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);

    let waiting = login(&app, ANA).await.expect(200);
    assert_eq!(waiting["factors"], json!(["webauthn"]));
    let flow = waiting["flow"].as_str().unwrap();
    let asked = challenge(&app, flow).await;
    let signed = keys.get(&asked["options"]);
    let done = verify(&app, flow, proof(&asked, &signed)).await.expect(200);
    let sessions = holder(&app, &done).get("/api/v2/me/sessions").await.expect(200);
    let current = sessions["data"].as_array().unwrap().iter().find(|session| session["is_current"] == true);
    assert_eq!(current.unwrap()["amr"], json!(["hwk", "mfa", "pwd"]));
}

async fn passkey_sign_in(app: &TestApp, keys: &mut Keys, key: &Value) -> (Value, Answer) {
    let asked = app.guest().post("/api/v2/auth/passkey/options", json!({})).await.expect(200);
    let signed = keys.discover(&asked["options"], key, user(app).await);
    let sent = proof(&asked, &signed);
    (sent.clone(), app.guest().post("/api/v2/auth/passkey/verify", sent).await)
}

#[tokio::test]
async fn a_passkey_signs_in_without_a_password_and_past_a_lock_that_strangers_caused() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let mut keys = Keys::new();
    let key = register(&person, &mut keys).await;
    let asked = app.guest().post("/api/v2/auth/passkey/options", json!({})).await.expect(200);
    assert_eq!(asked["options"]["publicKey"]["allowCredentials"], json!([]), "it names nobody (P-09)");
    let lock = "update portal_users set locked_until = now() + interval '1 day', failed_in_a_row = 7 where email = $1";
    app.superuser.execute(lock, &[&ANA]).await.unwrap();
    let (sent, answer) = passkey_sign_in(&app, &mut keys, &key).await;
    let there = holder(&app, &answer.expect(200));
    there.post("/api/v2/me/api-keys", json!({ "name": "key" })).await.expect(201);
    let again = app.guest().post("/api/v2/auth/passkey/verify", sent).await;
    again.expect_problem(401, "invalid_proof");
    assert_eq!(reasons(&app).await, ["used_challenge"]);
    // It takes nothing off what failed at the password.
    let failed = "select failed_in_a_row from portal_users where email = $1";
    assert_eq!(app.superuser.query_one(failed, &[&ANA]).await.unwrap().get::<_, i32>(0), 7);
    demand(&app, json!({ "factors": ["totp"] })).await;
    let (_, answer) = passkey_sign_in(&app, &mut keys, &key).await;
    answer.expect_problem(401, "invalid_proof");
}

#[tokio::test]
async fn p_22_a_passkey_opens_no_other_account() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    create(&app, "bob@acme.com", None).await;
    let bob = holder(&app, &login(&app, "bob@acme.com").await.expect(200));
    let (mut keys, mut others) = (Keys::new(), Keys::new());
    register(&person, &mut keys).await;
    let foreign = register(&bob, &mut others).await;
    // Bob's key, with Ana's name on it.
    let (_, answer) = passkey_sign_in(&app, &mut others, &foreign).await;
    answer.expect_problem(401, "invalid_proof");
    let flow = flow(&app, ANA).await;
    let asked = challenge(&app, &flow).await;
    let mut options = asked["options"].clone();
    options["publicKey"]["allowCredentials"] = json!([{ "type": "public-key", "id": foreign["rawId"] }]);
    let signed = others.get(&options);
    verify(&app, &flow, proof(&asked, &signed)).await.expect_problem(401, "invalid_proof");
}

#[tokio::test]
async fn p_19_a_challenge_is_good_once_for_a_while_and_where_it_was_made() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let mut keys = Keys::new();
    register(&person, &mut keys).await;
    let (here, there) = (flow(&app, ANA).await, flow(&app, ANA).await);
    let asked = challenge(&app, &here).await;
    let signed = keys.get(&asked["options"]);
    let elsewhere = verify(&app, &there, proof(&asked, &signed)).await;
    elsewhere.expect_problem(401, "invalid_proof");
    let mut unsigned = signed.clone();
    unsigned["response"]["signature"] = json!(URL_SAFE_NO_PAD.encode([0; 70]));
    verify(&app, &here, proof(&asked, &unsigned)).await.expect_problem(401, "invalid_proof");
    let after = verify(&app, &here, proof(&asked, &signed)).await;
    after.expect_problem(401, "invalid_proof");
    let late = challenge(&app, &here).await;
    let signed = keys.get(&late["options"]);
    app.clock.advance(Duration::seconds(299));
    let asked = challenge(&app, &there).await;
    let foreign = json!({ "ceremony": asked["ceremony"], "credential": signed });
    verify(&app, &here, foreign).await.expect_problem(401, "invalid_proof");
    app.clock.advance(Duration::seconds(2));
    verify(&app, &here, proof(&late, &signed)).await.expect_problem(401, "invalid_flow");
    let said = ["wrong_challenge", "used_challenge", "wrong_credential", "wrong_challenge"];
    assert_eq!(reasons(&app).await, said);
}

#[tokio::test]
async fn p_19_a_registration_belongs_to_the_session_that_began_it() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let elsewhere = holder(&app, &login(&app, ANA).await.expect(200));
    let mut keys = Keys::new();
    let begun = begin(&person).await;
    let new = json!({ "ceremony": begun["ceremony"], "credential": keys.create(&begun["options"]) });
    elsewhere.post("/api/v2/me/mfa/webauthn", new.clone()).await.expect_problem(401, "invalid_proof");
    person.post("/api/v2/me/mfa/webauthn", new.clone()).await.expect(201);
    person.post("/api/v2/me/mfa/webauthn", new).await.expect_problem(401, "invalid_proof");
}

#[tokio::test]
async fn p_20_another_origin_type_or_frame_is_refused() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let mut keys = Keys::new();
    register(&person, &mut keys).await;
    for (field, value) in [
        ("origin", json!("https://evil.test")),
        ("origin", json!("https://elder.test:81")),
        ("origin", json!("https://acme.elder.test")),
        ("type", json!("webauthn.create")),
        ("crossOrigin", json!(true)),
    ] {
        let flow = flow(&app, ANA).await;
        let asked = challenge(&app, &flow).await;
        let signed = bent(&keys.get(&asked["options"]), field, value.clone());
        let answer = verify(&app, &flow, proof(&asked, &signed)).await;
        answer.expect_problem(401, "invalid_proof");
    }
    let begun = begin(&person).await;
    let made = bent(&keys.create(&begun["options"]), "origin", json!("https://evil.test"));
    let new = json!({ "ceremony": begun["ceremony"], "credential": made });
    person.post("/api/v2/me/mfa/webauthn", new).await.expect_problem(401, "invalid_proof");
}

#[tokio::test]
async fn p_21_a_key_that_has_not_verified_its_user_is_refused_by_the_server() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let mut keys = Keys::new();
    register(&person, &mut keys).await;
    let flow = flow(&app, ANA).await;
    let asked = challenge(&app, &flow).await;
    // A page that asks for less than the server said.
    let mut options = asked["options"].clone();
    options["publicKey"]["userVerification"] = json!("discouraged");
    let signed = keys.get(&options);
    verify(&app, &flow, proof(&asked, &signed)).await.expect_problem(401, "invalid_proof");
    let begun = begin(&person).await;
    let mut options = begun["options"].clone();
    options["publicKey"]["authenticatorSelection"]["userVerification"] = json!("discouraged");
    let new = json!({ "ceremony": begun["ceremony"], "credential": Keys::new().create(&options) });
    person.post("/api/v2/me/mfa/webauthn", new).await.expect_problem(401, "invalid_proof");
}

#[tokio::test]
async fn p_22_a_counter_that_goes_back_is_that_of_a_copy() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let mut keys = Keys::new();
    register(&person, &mut keys).await;
    app.superuser.batch_execute("update mfa_factors set sign_count = 1000").await.unwrap();
    let flow = flow(&app, ANA).await;
    let asked = challenge(&app, &flow).await;
    let signed = keys.get(&asked["options"]);
    verify(&app, &flow, proof(&asked, &signed)).await.expect_problem(401, "invalid_proof");
    assert_eq!(reasons(&app).await, ["copied_credential"]);
}

#[tokio::test]
async fn a_passkey_steps_a_session_up() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let elsewhere = holder(&app, &login(&app, ANA).await.expect(200));
    elsewhere.post("/api/v2/me/step-up/options", json!({})).await.expect_problem(409, "conflict");
    let mut keys = Keys::new();
    register(&person, &mut keys).await;
    let key = json!({ "name": "key" });
    elsewhere.post("/api/v2/me/api-keys", key.clone()).await.expect_problem(401, "step_up_required");
    let asked = elsewhere.post("/api/v2/me/step-up/options", json!({})).await.expect(200);
    let signed = keys.get(&asked["options"]);
    elsewhere.post("/api/v2/me/step-up", proof(&asked, &signed)).await.expect(200);
    elsewhere.post("/api/v2/me/api-keys", key).await.expect(201);
}

#[tokio::test]
async fn who_must_have_a_factor_can_set_up_a_passkey_on_the_way() {
    let app = TestApp::start().await;
    create(&app, ANA, None).await;
    demand(&app, json!({ "required": "everyone", "grace_days": 0 })).await;
    let waiting = login(&app, ANA).await.expect(200);
    let flow = waiting["flow"].as_str().unwrap();
    let body = json!({ "flow": flow });
    let begun = app.guest().post("/api/v2/auth/mfa/enrol/webauthn", body).await.expect(200);
    let made = Keys::new().create(&begun["options"]);
    let done = verify(&app, flow, proof(&begun, &made)).await.expect(200);
    let overview = holder(&app, &done).get("/api/v2/me/mfa").await.expect(200);
    assert_eq!(overview["factors"][0]["kind"], "webauthn");
}
