//! Codes of an authenticator application.

use chrono::Duration;
use elder_testkit::TestApp;
use serde_json::json;

use crate::people::{ANA, Phone, ana, demand, flow, holder, login, phone_of, race, reasons, verify};

#[tokio::test]
async fn an_application_becomes_a_factor_by_its_first_code() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let begun = person.post("/api/v2/me/mfa/totp", json!({ "name": "Phone" })).await.expect(201);
    assert!(
        begun["uri"].as_str().unwrap().starts_with("otpauth://totp/acme:ana%40acme.com?secret="),
        "{begun}"
    );
    assert!(begun["qr_svg"].as_str().unwrap().contains("<svg"));
    let phone = Phone::scan(&begun);
    assert_eq!(person.get("/api/v2/me/mfa").await.expect(200)["factors"], json!([]));
    assert_eq!(login(&app, ANA).await.expect(200)["status"], "signed_in", "it proves nothing yet");

    let path = format!("/api/v2/me/mfa/totp/{}/confirm", begun["id"].as_str().unwrap());
    person.post(&path, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
    let factor = person.post(&path, json!({ "code": phone.code(&app) })).await.expect(200);
    assert_eq!((&factor["kind"], &factor["name"]), (&json!("totp"), &json!("Phone")));
    person.post(&path, json!({ "code": phone.code(&app) })).await.expect_problem(404, "not_found");
    assert_eq!(person.get("/api/v2/me/mfa").await.expect(200)["factors"][0]["id"], factor["id"]);
    // It has just proven that it is there: no need to wait for the next code.
    person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect(200);

    app.clock.advance(Duration::seconds(30));
    let waiting = login(&app, ANA).await.expect(200);
    assert_eq!((&waiting["status"], &waiting["expires_in"]), (&json!("mfa_required"), &json!(300)));
    assert_eq!(waiting["factors"], json!(["totp", "backup_code"]));
    assert!(waiting.get("access_token").is_none());
    let done = verify(&app, waiting["flow"].as_str().unwrap(), json!({ "code": phone.code(&app) })).await;
    let done = done.expect(200);
    let sessions = holder(&app, &done).get("/api/v2/me/sessions").await.expect(200);
    let current = sessions["data"].as_array().unwrap().iter().find(|session| session["is_current"] == true);
    assert_eq!(current.unwrap()["amr"], json!(["mfa", "otp", "pwd"]));
    assert_eq!(app.audit_count("session.challenged").await, 1);
}

#[tokio::test]
async fn p_23_a_secret_is_shown_once_and_stored_sealed() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let begun = person.post("/api/v2/me/mfa/totp", json!({})).await.expect(201);
    let shown = person.get("/api/v2/me/mfa").await.text;
    let secret = begun["secret"].as_str().unwrap();
    assert!(!shown.contains(secret));
    let stored = "select a.all || f.all, position(encode($1, 'hex') in a.all || f.all) > 0
        from (select string_agg(f::text, '') as all from mfa_factors f) f, (select string_agg(a::text, '') as all from audit_logs a) a";
    let bytes = totp_rs::Secret::try_from_base32(secret).unwrap();
    let row = app.superuser.query_one(stored, &[&bytes.as_bytes()]).await.unwrap();
    assert!(!row.get::<_, String>(0).contains(secret) && !row.get::<_, bool>(1));
}

#[tokio::test]
async fn p_14_a_code_is_good_once_and_so_is_its_step() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let code = phone.code(&app);
    verify(&app, &flow(&app, ANA).await, json!({ "code": code })).await.expect(200);
    let again = verify(&app, &flow(&app, ANA).await, json!({ "code": code })).await;
    again.expect_problem(401, "invalid_proof");
    assert_eq!(reasons(&app).await, ["used_code"]);
    app.clock.advance(Duration::seconds(30));
    verify(&app, &flow(&app, ANA).await, json!({ "code": code })).await.expect_problem(401, "invalid_proof");
    verify(&app, &flow(&app, ANA).await, json!({ "code": phone.code(&app) })).await.expect(200);
}

#[tokio::test]
async fn p_14_of_fifty_who_send_a_code_to_two_nodes_at_once_one_gets_in() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let answers = race(&app, json!({ "code": phone.code(&app) })).await;
    let passed = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(passed, 1, "{answers:?}");
    assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status)), "{answers:?}");
}

#[tokio::test]
async fn p_15_new_flows_give_no_new_tries() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let mut evaluated = 0;
    while evaluated < 10 {
        let flow = flow(&app, ANA).await;
        for _ in 0..4 {
            verify(&app, &flow, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
            app.clock.advance(Duration::seconds(10));
        }
        evaluated = reasons(&app).await.iter().filter(|reason| *reason == "wrong_code").count();
    }
    assert_eq!(evaluated, 10);
    // The lock is that of the account: neither the right code nor the right password passes it.
    login(&app, ANA).await.expect_problem(401, "invalid_credentials");
    app.clock.advance(Duration::minutes(16));
    verify(&app, &flow(&app, ANA).await, json!({ "code": phone.code(&app) })).await.expect(200);
}

#[tokio::test]
async fn p_15_the_right_code_is_refused_while_the_account_is_locked() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let flow = flow(&app, ANA).await;
    let lock = "update portal_users set locked_until = now() + interval '1 day' where email = $1";
    app.superuser.execute(lock, &[&ANA]).await.unwrap();
    verify(&app, &flow, json!({ "code": phone.code(&app) })).await.expect_problem(401, "invalid_proof");
    assert_eq!(reasons(&app).await, ["locked"]);
}

#[tokio::test]
async fn a_factor_is_renamed_and_removed_by_its_owner_alone() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect(200);
    let id = person.get("/api/v2/me/mfa").await.expect(200)["factors"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v2/me/mfa/factors/{id}");
    let stranger = app.tenant_admin().await;
    stranger.patch(&path, json!({ "name": "Mine" })).await.expect_problem(404, "not_found");
    stranger.delete(&path).await.expect_problem(404, "not_found");
    assert_eq!(person.patch(&path, json!({ "name": "Old phone" })).await.expect(200)["name"], "Old phone");
    person.patch(&path, json!({ "name": "Old phone" })).await.expect(200);
    assert_eq!(app.audit_count("mfa.factor.renamed").await, 1);
    person.patch(&path, json!({ "name": "" })).await.expect_problem(400, "validation_failed");
    person.delete(&path).await.expect(204);
    person.delete(&path).await.expect_problem(404, "not_found");
    let left = person.get("/api/v2/me/mfa").await.expect(200);
    assert_eq!((&left["factors"], &left["backup_codes_left"]), (&json!([]), &json!(0)));
    holder(&app, &login(&app, ANA).await.expect(200));
}

#[tokio::test]
async fn a_tenant_that_takes_no_codes_lets_nobody_set_them_up() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    demand(&app, json!({ "factors": ["webauthn"] })).await;
    person.post("/api/v2/me/mfa/totp", json!({})).await.expect_problem(409, "conflict");
    person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect_problem(409, "conflict");
}
