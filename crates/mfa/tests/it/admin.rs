//! What admins see of the factors of others, and take away.

use elder_access::{Role, markers};
use elder_testkit::TestApp;
use serde_json::json;

use crate::people::{ANA, ana, create, flow, holder, login, phone_of, verify};

async fn id_of(app: &TestApp, email: &str) -> String {
    let find = "select id from portal_users where email = $1";
    let id: uuid::Uuid = app.superuser.query_one(find, &[&email]).await.unwrap().get(0);
    elder_kernel::Id::<elder_kernel::User>::from_uuid(id).to_string()
}

#[tokio::test]
async fn an_admin_takes_all_factors_away_and_their_owner_is_told() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect(200);
    let waiting = flow(&app, ANA).await;
    let (admin, user) = (app.tenant_admin().await, id_of(&app, ANA).await);
    let path = format!("/api/v2/users/{user}/mfa");
    let seen = admin.get(&path).await.expect(200);
    assert_eq!((&seen["factors"][0]["kind"], &seen["backup_codes_left"]), (&json!("totp"), &json!(10)));
    assert!(seen["factors"][0].get("secret").is_none());

    let reset = format!("{path}/reset");
    let stranger = app.other_tenant().await;
    stranger.get(&path).await.expect_problem(404, "not_found");
    stranger.post(&reset, json!({})).await.expect_problem(404, "not_found");
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.get(&path).await.expect_problem(403, "permission_denied");
    reader.post(&reset, json!({})).await.expect_problem(403, "permission_denied");
    assert_eq!(admin.get(&path).await.expect(200), seen);

    admin.post(&reset, json!({})).await.expect(204);
    person.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let left = admin.get(&path).await.expect(200);
    assert_eq!((&left["factors"], &left["backup_codes_left"]), (&json!([]), &json!(0)));
    verify(&app, &waiting, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
    holder(&app, &login(&app, ANA).await.expect(200));
    let mails = "select count(*) from mails where kind = 'factors_reset' and recipient = $1";
    assert_eq!(app.superuser.query_one(mails, &[&ANA]).await.unwrap().get::<_, i64>(0), 1);
    assert_eq!(app.audit_count("mfa.reset").await, 1);
}

#[tokio::test]
async fn p_37_nobody_resets_the_factors_of_somebody_with_higher_roles() {
    let app = TestApp::start().await;
    create(&app, "boss@acme.com", Some(Role::Admin)).await;
    let boss = holder(&app, &login(&app, "boss@acme.com").await.expect(200));
    phone_of(&app, &boss).await;
    let helper = app.member_with::<markers::MfaWrite>().await;
    let reset = format!("/api/v2/users/{}/mfa/reset", id_of(&app, "boss@acme.com").await);
    helper.post(&reset, json!({})).await.expect_problem(403, "grant_exceeds_own");
    assert_eq!(boss.get("/api/v2/me/mfa").await.expect(200)["factors"].as_array().unwrap().len(), 1);
}
