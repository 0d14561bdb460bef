//! What people are told of their second factors.

use elder_testkit::TestApp;
use serde_json::json;

use crate::people::{ANA, Phone, ana, create, demand, flow, login, phone_of, verify};

/// The kinds of the mails to somebody, by the alphabet: the clock stands still, so they have no other order.
async fn told(app: &TestApp) -> Vec<String> {
    let kinds = "select kind from mails where recipient = $1 order by kind";
    app.superuser.query(kinds, &[&ANA]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn whoever_changes_their_factors_is_told_by_mail() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect(200);
    let factors = person.get("/api/v2/me/mfa").await.expect(200);
    let path = format!("/api/v2/me/mfa/factors/{}", factors["factors"][0]["id"].as_str().unwrap());
    person.patch(&path, json!({ "name": "Old phone" })).await.expect(200);
    person.delete(&path).await.expect(204);
    assert_eq!(told(&app).await, ["backup_codes_made", "factor_added", "factor_removed"]);

    let quiet = json!({ "settings": { "notification": { "credential_changes": false } } });
    app.tenant_admin().await.patch("/api/v2/tenant", quiet).await.expect(200);
    phone_of(&app, &person).await;
    assert_eq!(told(&app).await.len(), 3);
}

#[tokio::test]
async fn a_factor_that_is_set_up_on_the_way_in_is_told_too() {
    let app = TestApp::start().await;
    create(&app, ANA, None).await;
    demand(&app, json!({ "required": "everyone", "grace_days": 0 })).await;
    let waiting = login(&app, ANA).await.expect(200);
    let flow = waiting["flow"].as_str().unwrap();
    let begun = app.guest().post("/api/v2/auth/mfa/enrol/totp", json!({ "flow": flow })).await.expect(200);
    assert!(told(&app).await.is_empty(), "nothing is added before it is proven");
    verify(&app, flow, json!({ "code": Phone::scan(&begun).code(&app) })).await.expect(200);
    assert_eq!(told(&app).await, ["factor_added"]);
}

#[tokio::test]
async fn a_lock_that_wrong_codes_have_caused_is_told() {
    let app = TestApp::start().await;
    phone_of(&app, &ana(&app).await).await;
    for _ in 0..10 {
        let flow = flow(&app, ANA).await;
        verify(&app, &flow, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
        app.clock.advance(chrono::Duration::seconds(11));
    }
    // It is told beside the answer.
    for _ in 0..250 {
        if app.audit_count("portal_user.locked").await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(told(&app).await, ["account_locked", "factor_added"]);
}
