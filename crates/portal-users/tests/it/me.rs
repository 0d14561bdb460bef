//! One's own account.

use elder_access::Role;
use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::people::{create, holder, login};

#[tokio::test]
async fn i_see_my_profile_permissions_and_organizations() {
    let app = TestApp::start().await;
    let member = app.organization_member(app.acme.child, Role::Maintainer).await;
    let me = member.get("/api/v2/me").await.expect(200);
    assert_eq!((&me["id"], &me["tenant"]["slug"]), (&json!(member.id()), &json!("acme")));
    assert_eq!(me["permissions"], json!([]));
    assert_eq!(
        me["organizations"],
        json!([{ "id": app.acme.child, "name": "child", "role": "maintainer", "custom_role": null }])
    );
    let admin = app.tenant_admin().await.get("/api/v2/me").await.expect(200);
    assert!(admin["permissions"].as_array().unwrap().contains(&json!("users:write")));
    assert_eq!(member.patch("/api/v2/me", json!({ "locale": "de" })).await.expect(200)["locale"], "de");
    app.guest().get("/api/v2/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn i_change_my_password_if_i_know_the_present_one() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let (here, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let (there, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let change = async |current: &str, new: &str| {
        here.put("/api/v2/me/password", json!({ "current_password": current, "password": new })).await
    };
    let problem =
        change("wrong", "another horse battery staple").await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/current_password");
    let problem = change(PASSWORD, "short").await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "too_short");
    there.get("/api/v2/me").await.expect(200);
    change(PASSWORD, "another horse battery staple").await.expect(204);
    here.get("/api/v2/me").await.expect(200);
    there.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn i_see_and_end_my_own_sessions_alone() {
    let app = TestApp::start().await;
    let (admin, other) = (app.tenant_admin().await, app.tenant_admin().await);
    app.clock.advance(chrono::Duration::seconds(1));
    let elsewhere = admin.with_token(app.session_of(app.acme.id, admin.user.unwrap()).await);
    let sessions = admin.get("/api/v2/me/sessions").await.expect(200);
    let current: Vec<_> =
        sessions["data"].as_array().unwrap().iter().map(|session| &session["is_current"]).collect();
    assert_eq!(current, [true, false]);
    let path = format!("/api/v2/me/sessions/{}", sessions["data"][1]["id"].as_str().unwrap());
    other.delete(&path).await.expect_problem(404, "not_found");
    admin.delete(&path).await.expect(204);
    elsewhere.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    admin.get("/api/v2/me").await.expect(200);
}
