//! Sessions as admins see and end them.

use std::time::Duration;

use elder_testkit::{PASSWORD, TestApp};
use serde_json::json;

use crate::people::{create, holder, login};

#[tokio::test]
async fn an_admin_sees_and_ends_the_sessions_of_a_user() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let user = create(&admin, "ana@acme.com").await;
    let tokens = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let (id, (first, _)) = (tokens["session_id"].as_str().unwrap(), holder(&app, &tokens));
    let (second, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let path = format!("/api/v2/users/{user}/sessions");
    let sessions = admin.get(&path).await.expect(200);
    assert_eq!(sessions["data"].as_array().unwrap().len(), 2);
    stranger.get(&path).await.expect_problem(404, "not_found");
    first.get(&path).await.expect_problem(403, "permission_denied");
    stranger.delete(&format!("{path}/{id}")).await.expect_problem(404, "not_found");
    let others = format!("/api/v2/users/{}/sessions/{id}", admin.id());
    admin.delete(&others).await.expect_problem(404, "not_found");
    admin.delete(&format!("{path}/{id}")).await.expect(204);
    admin.delete(&format!("{path}/{id}")).await.expect_problem(404, "not_found");
    first.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    second.get("/api/v2/me").await.expect(200);
    assert_eq!(admin.post(&format!("{path}/revoke"), json!({})).await.expect(200)["revoked"], 1);
    second.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_whole_tenant_is_signed_out_and_no_other() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    admin.post("/api/v2/sessions/revoke", json!({})).await.expect(200);
    admin.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    stranger.get("/api/v2/me").await.expect(200);
}

#[tokio::test]
async fn a_deactivated_user_is_out_at_once_and_everywhere_within_a_second() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    let (ana, refresh) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    ana.get("/api/v2/me").await.expect(200);
    admin.post(&format!("/api/v2/users/{user}/deactivate"), json!({})).await.expect(200);
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let again = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": refresh })).await;
    again.expect_problem(401, "invalid_refresh_token");
    admin.post(&format!("/api/v2/users/{user}/activate"), json!({})).await.expect(200);
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let (ana, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    ana.get("/api/v2/me").await.expect(200);
    // Another node does the same: only the database knows of it.
    app.superuser
        .batch_execute("update portal_users set is_active = false where email = 'ana@acme.com'")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_and_is_the_only_one() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    let (ana, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let path = format!("/api/v2/users/{user}/password");
    admin.put(&path, json!({ "password": "short" })).await.expect_problem(400, "validation_failed");
    ana.get("/api/v2/me").await.expect(200);
    admin.put(&path, json!({ "password": "another horse battery staple" })).await.expect(204);
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    login(&app, "ana@acme.com", "another horse battery staple", None).await.expect(200);
}

#[tokio::test]
async fn every_node_learns_of_an_end_within_a_second_and_the_deciding_one_at_once() {
    let app = TestApp::start().await;
    let other = app.another_node().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    let end = async |way: &str| {
        let (ana, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
        let there = other.called_by(&ana);
        ana.get("/api/v2/me").await.expect(200);
        there.get("/api/v2/me").await.expect(200);
        admin.post(&format!("/api/v2/users/{user}/{way}"), json!({})).await.expect(200);
        ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
        tokio::time::sleep(Duration::from_secs(1)).await;
        there.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    };
    end("sessions/revoke").await;
    end("deactivate").await;
}

#[tokio::test]
async fn past_the_most_sessions_the_oldest_ends_or_the_next_is_refused() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let limit = async |way: &str| {
        let settings = json!({ "session": { "most_concurrent": 2, "beyond_limit": way } });
        let set = "update tenants set settings = $2 where id = $1";
        app.superuser.execute(set, &[&app.acme.id.0, &settings]).await.unwrap();
    };
    limit("end_oldest").await;
    let mut people = Vec::new();
    for _ in 0..3 {
        app.clock.advance(chrono::Duration::seconds(1));
        people.push(holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200)).0);
    }
    people[0].get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    people[1].get("/api/v2/me").await.expect(200);
    people[2].get("/api/v2/me").await.expect(200);
    limit("refuse").await;
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(409, "session_limit");
    people[1].post("/api/v2/auth/logout", json!({})).await.expect(204);
    let logins = (0..5).map(|_| login(&app, "ana@acme.com", PASSWORD, None));
    let answers = futures_util::future::join_all(logins).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409]);
}

#[tokio::test]
async fn an_operator_signs_everybody_out_on_every_node() {
    let app = TestApp::start().await;
    let other = app.another_node().await;
    let (operator, support) = (app.operator().await, app.support().await);
    let people = [app.tenant_admin().await, app.other_tenant().await];
    let path = "/api/v2/global/sessions/revoke";
    for refused in [&support, &people[0]] {
        refused.post(path, json!({})).await.expect_problem(403, "permission_denied");
    }
    for person in &people {
        person.get("/api/v2/me").await.expect(200);
        other.called_by(person).get("/api/v2/me").await.expect(200);
    }
    assert_eq!(operator.post(path, json!({})).await.expect(200)["revoked"], 4);
    for gone in people.iter().chain([&operator, &support]) {
        gone.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    other.called_by(&people[1]).get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(app.audit_count("platform.sessions_revoked").await, 1);
    app.operator().await.get("/api/v2/me").await.expect(200);
}
