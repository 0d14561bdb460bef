//! Second factors and the devices that they are proven with.

use chrono::Duration;
use elder_testkit::{Answer, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::people::{ANA, Phone, ana, create, flow, holder, login, phone_of, verify};

async fn login_with(app: &TestApp, password: &str, device: &str) -> Answer {
    let body = json!({ "email": ANA, "password": password, "device_token": device });
    app.guest().post("/api/v2/auth/login", body).await
}

/// Signs in with both factors and a new device.
async fn sign_in(app: &TestApp, phone: &Phone, remember: bool) -> Value {
    let flow = flow(app, ANA).await;
    let proof = json!({ "code": phone.code(app), "remember_device": remember });
    let signed_in = verify(app, &flow, proof).await.expect(200);
    app.clock.advance(Duration::seconds(30));
    signed_in
}

fn device(signed_in: &Value) -> &str {
    signed_in["device_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_remembered_device_is_asked_for_no_second_factor_until_it_is_withdrawn() {
    let app = TestApp::start().await;
    let phone = phone_of(&app, &ana(&app).await).await;
    let (plain, kept) = (sign_in(&app, &phone, false).await, sign_in(&app, &phone, true).await);
    assert_eq!(login_with(&app, PASSWORD, device(&plain)).await.expect(200)["status"], "mfa_required");
    assert_eq!(login(&app, ANA).await.expect(200)["status"], "mfa_required");
    let again = login_with(&app, PASSWORD, device(&kept)).await.expect(200);
    let person = holder(&app, &again);
    // The device stands for the factor at the sign-in, and for nothing that asks for a proof of its own.
    let key = person.post("/api/v2/me/api-keys", json!({ "name": "New" })).await;
    key.expect_problem(401, "step_up_required");

    let devices = person.get("/api/v2/me/devices").await.expect(200);
    let current = devices["data"].as_array().unwrap().iter().find(|device| device["is_current"] == true);
    let path = format!("/api/v2/me/devices/{}", current.unwrap()["id"].as_str().unwrap());
    person.delete(&path).await.expect(204);
    assert_eq!(login_with(&app, PASSWORD, device(&kept)).await.expect(200)["status"], "mfa_required");
}

#[tokio::test]
async fn a_device_is_remembered_for_as_long_as_the_tenant_says_and_for_its_owner_alone() {
    let app = TestApp::start().await;
    let phone = phone_of(&app, &ana(&app).await).await;
    let set = async |days: u32| {
        let body = json!({ "settings": { "session": { "remember_device_days": days } } });
        app.tenant_admin().await.patch("/api/v2/tenant", body).await.expect(200);
    };
    let is_remembered = async |signed_in: &Value| {
        login_with(&app, PASSWORD, device(signed_in)).await.expect(200)["status"] == "signed_in"
    };
    set(0).await;
    let in_vain = sign_in(&app, &phone, true).await;
    set(30).await;
    assert!(!is_remembered(&in_vain).await, "0 days remember nothing");
    create(&app, "bob@acme.com", None).await;
    let of_bob = login(&app, "bob@acme.com").await.expect(200);
    assert!(!is_remembered(&of_bob).await, "another's device");

    let kept = sign_in(&app, &phone, true).await;
    assert!(is_remembered(&kept).await);
    set(0).await;
    assert!(!is_remembered(&kept).await, "nor what was granted before");
    set(7).await;
    assert!(is_remembered(&kept).await);
    app.clock.advance(Duration::days(30));
    assert!(!is_remembered(&kept).await);

    let kept = sign_in(&app, &phone, true).await;
    let path = format!("/api/v2/users/{}/password", kept["user"]["id"].as_str().unwrap());
    let another = "another horse battery staple";
    app.tenant_admin().await.put(&path, json!({ "password": another })).await.expect(204);
    let asked = login_with(&app, another, device(&kept)).await.expect(200);
    assert_eq!(asked["status"], "mfa_required", "another password withdraws it");
}

#[tokio::test]
async fn what_is_remembered_ends_with_the_factors() {
    let app = TestApp::start().await;
    let phone = phone_of(&app, &ana(&app).await).await;
    let kept = sign_in(&app, &phone, true).await;
    let user = kept["user"]["id"].as_str().unwrap();
    let admin = app.tenant_admin().await;
    admin.post(&format!("/api/v2/users/{user}/mfa/reset"), json!({})).await.expect(204);
    let phone = phone_of(&app, &holder(&app, &login(&app, ANA).await.expect(200))).await;
    let asked = login_with(&app, PASSWORD, device(&kept)).await.expect(200);
    assert_eq!(asked["status"], "mfa_required");
    let flow = asked["flow"].as_str().unwrap();
    verify(&app, flow, json!({ "code": phone.code(&app) })).await.expect(200);
}

#[tokio::test]
async fn p_12_strangers_lock_nobody_out_of_either_factor() {
    let app = TestApp::start().await;
    let phone = phone_of(&app, &ana(&app).await).await;
    let known = sign_in(&app, &phone, false).await;
    let guess = json!({ "email": ANA, "password": "wrong horse battery staple" });
    for _ in 0..10 {
        app.guest()
            .post("/api/v2/auth/login", guess.clone())
            .await
            .expect_problem(401, "invalid_credentials");
        app.clock.advance(Duration::seconds(11));
    }
    login(&app, ANA).await.expect_problem(401, "invalid_credentials");
    let asked = login_with(&app, PASSWORD, device(&known)).await.expect(200);
    let flow = asked["flow"].as_str().unwrap();
    holder(&app, &verify(&app, flow, json!({ "code": phone.code(&app) })).await.expect(200));
}
