//! What people are told by mail of their own accounts.

use chrono::Duration;
use elder_testkit::{Actor, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::people::{create, holder, login};

const OTHER: &str = "another horse battery staple";

/// The kinds of the mails to an address, in their order.
pub(crate) async fn kinds(app: &TestApp, to: &str) -> Vec<String> {
    let sql = "select kind from mails where recipient = $1 order by id";
    app.superuser.query(sql, &[&to]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn login_by(app: &TestApp, agent: &str) -> Value {
    let body = json!({ "email": "ana@acme.com", "password": PASSWORD });
    app.guest().with_header("user-agent", agent).post("/api/v2/auth/login", body).await.expect(200)
}

async fn set(admin: &Actor, notification: Value) {
    admin.patch("/api/v2/tenant", json!({ "settings": { "notification": notification } })).await.expect(200);
}

#[tokio::test]
async fn a_sign_in_with_a_new_device_is_told_but_for_the_first() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    create(&admin, "ana@acme.com").await;
    let first = login_by(&app, "curl/8.5.0").await;
    login_by(&app, "curl/8.5.0").await;
    assert!(kinds(&app, "ana@acme.com").await.is_empty(), "neither the first nor what is known from there");
    login_by(&app, "Mozilla/5.0 (X11; Linux) Firefox/140.0").await;
    assert_eq!(kinds(&app, "ana@acme.com").await, ["new_device"]);
    let known =
        json!({ "email": "ana@acme.com", "password": PASSWORD, "device_token": first["device_token"] });
    app.guest().with_header("user-agent", "curl/9").post("/api/v2/auth/login", known).await.expect(200);
    assert_eq!(kinds(&app, "ana@acme.com").await.len(), 1, "a device that shows its token is known");
    set(&admin, json!({ "new_device": false })).await;
    login_by(&app, "wget/1").await;
    assert_eq!(kinds(&app, "ana@acme.com").await.len(), 1);
}

#[tokio::test]
async fn a_new_device_is_told_even_if_all_others_were_forgotten() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    login_by(&app, "curl/8.5.0").await;
    app.superuser.batch_execute("delete from devices").await.unwrap();
    login_by(&app, "curl/8.5.0").await;
    assert_eq!(kinds(&app, "ana@acme.com").await, ["new_device"]);
}

#[tokio::test]
async fn another_password_is_told_whoever_sets_it() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let id = create(&admin, "ana@acme.com").await;
    let (ana, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let own = json!({ "current_password": PASSWORD, "password": OTHER });
    ana.put("/api/v2/me/password", own).await.expect(204);
    assert_eq!(kinds(&app, "ana@acme.com").await, ["password_changed"]);
    let path = format!("/api/v2/users/{id}/password");
    admin.put(&path, json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(kinds(&app, "ana@acme.com").await.len(), 2);
    let at_login = json!({ "email": "ana@acme.com", "password": PASSWORD, "new_password": OTHER });
    app.guest().post("/api/v2/auth/login", at_login).await.expect(200);
    assert_eq!(kinds(&app, "ana@acme.com").await.len(), 3);
    set(&admin, json!({ "credential_changes": false })).await;
    admin.put(&path, json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(kinds(&app, "ana@acme.com").await.len(), 3);
}

#[tokio::test]
async fn a_lock_is_told_once_when_it_begins() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    for _ in 0..12 {
        login(&app, "ana@acme.com", "wrong", None).await.expect_problem(401, "invalid_credentials");
        app.clock.advance(Duration::seconds(10));
    }
    // It is told beside the answer.
    for _ in 0..100 {
        if app.audit_count("portal_user.locked").await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(kinds(&app, "ana@acme.com").await, ["account_locked"]);
    assert_eq!(app.audit_count("portal_user.locked").await, 1);
}
