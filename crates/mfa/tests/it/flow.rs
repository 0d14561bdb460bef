//! Sign-ins of several steps.

use chrono::Duration;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::people::{ANA, ana, create, flow, holder, login, phone_of, reasons, verify};

#[tokio::test]
async fn a_flow_gives_one_session() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let flow = flow(&app, ANA).await;
    holder(&app, &verify(&app, &flow, json!({ "code": phone.code(&app) })).await.expect(200));
    app.clock.advance(Duration::seconds(30));
    let again = verify(&app, &flow, json!({ "code": phone.code(&app) })).await;
    again.expect_problem(401, "invalid_flow");
}

#[tokio::test]
async fn a_flow_ends_after_five_minutes_and_after_five_tries() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let late = flow(&app, ANA).await;
    app.clock.advance(Duration::minutes(5));
    let answer = verify(&app, &late, json!({ "code": phone.code(&app) })).await;
    answer.expect_problem(401, "invalid_flow");
    let tried = flow(&app, ANA).await;
    for _ in 0..5 {
        verify(&app, &tried, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
        app.clock.advance(Duration::seconds(10));
    }
    let answer = verify(&app, &tried, json!({ "code": phone.code(&app) })).await;
    answer.expect_problem(401, "invalid_flow");
}

#[tokio::test]
async fn what_is_no_flow_is_refused_and_so_is_a_session_from_it() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    let good = flow(&app, ANA).await;
    for bad in ["", "elder_flow_1", &good[..good.len() - 1], &good.replace("elder_flow", "elder_rt")] {
        verify(&app, bad, json!({ "code": "000000" })).await.expect_problem(401, "invalid_flow");
    }
    app.guest().with_token(&good).get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let refresh = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": good })).await;
    refresh.expect_problem(401, "invalid_refresh_token");
    for proofs in [json!({}), json!({ "code": "1", "backup_code": "2" }), json!({ "ceremony": "x" })] {
        verify(&app, &good, proofs).await.expect_problem(400, "validation_failed");
    }
    let enrol = app.guest().post("/api/v2/auth/mfa/enrol/totp", json!({ "flow": good })).await;
    enrol.expect_problem(401, "invalid_flow");
}

#[tokio::test]
async fn p_17_a_flow_is_for_its_own_account_and_state() {
    let app = TestApp::start().await;
    let (person, other) = (ana(&app).await, create(&app, "bob@acme.com", None).await);
    let bob = holder(&app, &login(&app, "bob@acme.com").await.expect(200));
    let (phone, others) = (phone_of(&app, &person).await, phone_of(&app, &bob).await);
    let flow = flow(&app, ANA).await;
    let foreign = verify(&app, &flow, json!({ "code": others.code(&app) })).await;
    foreign.expect_problem(401, "invalid_proof");
    let off = "update portal_users set is_active = false where email = $1";
    app.superuser.execute(off, &[&ANA]).await.unwrap();
    verify(&app, &flow, json!({ "code": phone.code(&app) })).await.expect_problem(401, "invalid_proof");
    assert_eq!(reasons(&app).await, ["inactive", "wrong_code"]);
    assert!(!other.is_empty());
}

#[tokio::test]
async fn p_10_the_password_alone_takes_no_failures_back() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    let first = flow(&app, ANA).await;
    for _ in 0..2 {
        verify(&app, &first, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
    }
    let second = flow(&app, ANA).await;
    verify(&app, &second, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
    // The third has made the next one wait, whatever door it comes through.
    login(&app, ANA).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn another_password_ends_the_flows_that_the_old_one_opened() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let flow = flow(&app, ANA).await;
    let change = json!({ "current_password": PASSWORD, "password": "another horse battery staple" });
    person.put("/api/v2/me/password", change).await.expect(204);
    let answer = verify(&app, &flow, json!({ "code": phone.code(&app) })).await;
    answer.expect_problem(401, "invalid_flow");
}

#[tokio::test]
async fn flows_that_are_over_are_deleted() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    flow(&app, ANA).await;
    elder_mfa::flow::service::forget_flows(&app.worker).await.unwrap();
    let count = "select count(*) from login_flows";
    let left = async || app.superuser.query_one(count, &[]).await.unwrap().get::<_, i64>(0);
    assert_eq!(left().await, 1);
    app.clock.advance(Duration::minutes(5));
    elder_mfa::flow::service::forget_flows(&app.worker).await.unwrap();
    assert_eq!(left().await, 0);
}
