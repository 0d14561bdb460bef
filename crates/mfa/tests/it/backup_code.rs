//! Codes on paper.

use elder_testkit::{Actor, TestApp};
use serde_json::json;

use crate::people::{ANA, ana, flow, holder, login, phone_of, race, verify};

async fn codes(person: &Actor) -> Vec<String> {
    let made = person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect(200);
    made["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn p_24_each_of_ten_codes_is_good_once_and_new_ones_void_the_old() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    let paper = codes(&person).await;
    assert_eq!(paper.len(), 10);
    let used = verify(&app, &flow(&app, ANA).await, json!({ "backup_code": paper[0].to_uppercase() })).await;
    let there = holder(&app, &used.expect(200));
    assert_eq!(there.get("/api/v2/me/mfa").await.expect(200)["backup_codes_left"], 9);
    let again = verify(&app, &flow(&app, ANA).await, json!({ "backup_code": paper[0] })).await;
    again.expect_problem(401, "invalid_proof");
    verify(&app, &flow(&app, ANA).await, json!({ "backup_code": paper[1] })).await.expect(200);
    let newer = codes(&person).await;
    let old = verify(&app, &flow(&app, ANA).await, json!({ "backup_code": paper[2] })).await;
    old.expect_problem(401, "invalid_proof");
    verify(&app, &flow(&app, ANA).await, json!({ "backup_code": newer[2] })).await.expect(200);
    let stored: String = app
        .superuser
        .query_one("select string_agg(c::text, '') from backup_codes c", &[])
        .await
        .unwrap()
        .get(0);
    assert!(newer.iter().all(|code| !stored.contains(code.as_str())));
}

#[tokio::test]
async fn p_24_of_fifty_who_send_a_code_to_two_nodes_at_once_one_gets_in() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    let paper = codes(&person).await;
    let answers = race(&app, json!({ "backup_code": paper[0] })).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(person.get("/api/v2/me/mfa").await.expect(200)["backup_codes_left"], 9);
}

#[tokio::test]
async fn codes_without_a_factor_change_nothing() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    codes(&person).await;
    holder(&app, &login(&app, ANA).await.expect(200));
}
