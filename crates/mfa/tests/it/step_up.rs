//! What a stolen session must not do.

use chrono::Duration;
use elder_testkit::{Actor, PASSWORD, TestApp};
use serde_json::json;

use crate::people::{ANA, ana, create, flow, holder, phone_of, verify};

/// Makes the last proof of everybody older than 10 minutes.
async fn later(app: &TestApp) {
    app.superuser
        .batch_execute("update sessions set auth_time = auth_time - interval '10 minutes'")
        .await
        .unwrap();
    // The node believes what it has read for 900 ms.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}

async fn make_key(person: &Actor) -> elder_testkit::Answer {
    person.post("/api/v2/me/api-keys", json!({ "name": "key" })).await
}

#[tokio::test]
async fn p_36_an_old_proof_is_asked_for_anew_and_nothing_has_happened() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    make_key(&person).await.expect(201);
    later(&app).await;
    person.get("/api/v2/me").await.expect(200);
    let answer = make_key(&person).await;
    let challenge = answer.header("www-authenticate").to_owned();
    assert!(challenge.contains("error=\"insufficient_user_authentication\""), "{challenge}");
    assert!(challenge.contains("max_age=600"), "{challenge}");
    assert_eq!(answer.expect_problem(401, "step_up_required")["factors"], json!(["password"]));
    assert_eq!(app.audit_count("api_key.created").await, 1);

    let prove = async |proof| person.post("/api/v2/me/step-up", proof).await;
    prove(json!({ "password": "wrong" })).await.expect_problem(401, "invalid_proof");
    prove(json!({})).await.expect_problem(400, "validation_failed");
    let both = json!({ "password": PASSWORD, "code": "000000" });
    prove(both).await.expect_problem(400, "validation_failed");
    make_key(&person).await.expect_problem(401, "step_up_required");
    let raised = prove(json!({ "password": PASSWORD })).await.expect(200);
    let raised = person.with_token(raised["access_token"].as_str().unwrap());
    make_key(&raised).await.expect(201);
    // The session was raised, and the older token is of the same.
    make_key(&person).await.expect(201);
    assert_eq!(app.audit_count("session.stepped_up").await, 1);
}

#[tokio::test]
async fn p_36_who_has_a_second_factor_proves_that_and_no_password() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let elsewhere = ana_again(&app).await;
    let phone = phone_of(&app, &person).await;
    // This session has seen the password alone, a moment ago.
    let weak = make_key(&elsewhere).await.expect_problem(401, "step_up_required");
    assert_eq!(weak["factors"], json!(["totp"]));
    let password = elsewhere.post("/api/v2/me/step-up", json!({ "password": PASSWORD })).await;
    let problem = password.expect_problem(401, "step_up_required");
    assert_eq!(problem["factors"], json!(["totp"]));
    make_key(&elsewhere).await.expect_problem(401, "step_up_required");
    let wrong = elsewhere.post("/api/v2/me/step-up", json!({ "code": "000000" })).await;
    wrong.expect_problem(401, "invalid_proof");
    elsewhere.post("/api/v2/me/step-up", json!({ "code": phone.code(&app) })).await.expect(200);
    make_key(&elsewhere).await.expect(201);
    later(&app).await;
    make_key(&elsewhere).await.expect_problem(401, "step_up_required");
}

async fn ana_again(app: &TestApp) -> Actor {
    holder(app, &crate::people::login(app, ANA).await.expect(200))
}

#[tokio::test]
async fn p_15_wrong_codes_count_at_this_door_too() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let prove = async |code: &str| person.post("/api/v2/me/step-up", json!({ "code": code })).await;
    for _ in 0..3 {
        prove("000000").await.expect_problem(401, "invalid_proof");
    }
    prove(&phone.code(&app)).await.expect_problem(401, "invalid_proof");
    let count = "select failed_in_a_row from portal_users where email = $1";
    let in_a_row: i32 = app.superuser.query_one(count, &[&ANA]).await.unwrap().get(0);
    assert_eq!(in_a_row, 3, "the most in a row counts them with all others");
    app.clock.advance(Duration::seconds(1));
    prove(&phone.code(&app)).await.expect(200);
}

#[tokio::test]
async fn p_12_strangers_keep_nobody_from_proving_anew_who_is_signed_in() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    create(&app, "bob@acme.com", None).await;
    let bob = holder(&app, &crate::people::login(&app, "bob@acme.com").await.expect(200));
    for _ in 0..10 {
        for email in [ANA, "bob@acme.com"] {
            let guess = json!({ "email": email, "password": "wrong horse battery staple" });
            let refused = app.guest().post("/api/v2/auth/login", guess).await;
            refused.expect_problem(401, "invalid_credentials");
        }
        app.clock.advance(Duration::seconds(11));
    }
    crate::people::login(&app, ANA).await.expect_problem(401, "invalid_credentials");
    person.post("/api/v2/me/step-up", json!({ "code": phone.code(&app) })).await.expect(200);
    bob.post("/api/v2/me/step-up", json!({ "password": PASSWORD })).await.expect(200);
    let another = json!({ "current_password": PASSWORD, "password": "another horse battery staple" });
    bob.put("/api/v2/me/password", another).await.expect(204);
}

#[tokio::test]
async fn p_36_a_newer_proof_is_believed_on_every_node_at_once() {
    let app = TestApp::start().await;
    let other = app.another_node().await;
    let person = ana(&app).await;
    app.superuser
        .batch_execute("update sessions set auth_time = auth_time - interval '10 minutes'")
        .await
        .unwrap();
    let there = other.called_by(&person);
    make_key(&there).await.expect_problem(401, "step_up_required");
    let raised = person.post("/api/v2/me/step-up", json!({ "password": PASSWORD })).await.expect(200);
    make_key(&there.with_token(raised["access_token"].as_str().unwrap())).await.expect(201);
}

#[tokio::test]
async fn a_sign_in_with_a_second_factor_is_such_a_proof() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let done = verify(&app, &flow(&app, ANA).await, json!({ "code": phone.code(&app) })).await.expect(200);
    make_key(&holder(&app, &done)).await.expect(201);
}

#[tokio::test]
async fn programs_are_not_asked() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let key = admin.post("/api/v2/me/api-keys", json!({ "name": "key" })).await.expect(201);
    let program = admin.with_token(key["key"].as_str().unwrap());
    app.clock.advance(Duration::minutes(11));
    program.post("/api/v2/users", json!({ "email": "new@acme.com" })).await.expect(201);
}
