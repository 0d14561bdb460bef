//! `/api/v2/directories/{dir_id}/tokens`, and what a token opens.

use chrono::Duration;
use elder_access::Role;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{ana, expect_error, patch, path, rows};

async fn issue(app: &TestApp, admin: &Actor, body: Value) -> (String, Actor, Value) {
    let (directory, _) = app.directory().await;
    let place = format!("/api/v2/directories/{directory}/tokens");
    let issued = admin.post(&place, body).await.expect(201);
    let provider = app.guest().with_token(issued["token"].as_str().unwrap());
    (place, provider, issued)
}

#[tokio::test]
async fn the_text_of_a_token_is_shown_once_and_stored_hashed() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (place, provider, issued) = issue(&app, &admin, json!({"name": "okta", "expires_in_days": 30})).await;
    provider.post("/scim/v2/Users", ana()).await.expect(201);
    let text = issued["token"].as_str().unwrap();
    assert!(text.starts_with("elder_scim_"));
    let list = admin.get(&place).await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    assert!(list["data"].as_array().unwrap().iter().all(|token| token.get("token").is_none()));
    let secret = text.rsplit('_').next().unwrap();
    let traces = "select count(*) from scim_tokens where scim_tokens::text like '%' || $1 || '%'";
    assert_eq!(app.superuser.query_one(traces, &[&secret]).await.unwrap().get::<_, i64>(0), 0);
    let traces = "select count(*) from audit_logs where audit_logs::text like '%' || $1 || '%'";
    assert_eq!(app.superuser.query_one(traces, &[&secret]).await.unwrap().get::<_, i64>(0), 0);
    assert_eq!(app.audit_count("scim.token.created").await, 1);
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_stays_in_the_list() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (place, provider, issued) = issue(&app, &admin, json!({"name": "okta"})).await;
    provider.get("/scim/v2/Users").await.expect(200);
    let token = format!("{place}/{}", issued["id"].as_str().unwrap());
    admin.delete(&token).await.expect(204);
    expect_error(provider.get("/scim/v2/Users").await, 401, None);
    admin.delete(&token).await.expect(204);
    assert_eq!(app.audit_count("scim.token.revoked").await, 1);
    let list = admin.get(&place).await.expect(200);
    let listed = list["data"].as_array().unwrap().iter().find(|listed| listed["id"] == issued["id"]).unwrap();
    assert!(listed["revoked_at"].is_string());
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (_, provider, _) = issue(&app, &admin, json!({"name": "okta", "expires_in_days": 1})).await;
    provider.get("/scim/v2/Users").await.expect(200);
    app.clock.advance(Duration::days(1));
    // What a node believes of a credential, it believes by its own clock for 900 ms.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    expect_error(provider.get("/scim/v2/Users").await, 401, None);
}

#[tokio::test]
async fn a_token_that_may_not_write_reads_alone() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (_, reader, _) = issue(&app, &admin, json!({"name": "import", "can_write": false})).await;
    reader.get("/scim/v2/Users").await.expect(200);
    expect_error(reader.post("/scim/v2/Users", ana()).await, 403, None);
    assert_eq!(rows(&app, "scim_users").await, 0);
}

#[tokio::test]
async fn tokens_of_a_foreign_or_unknown_directory_are_not_found() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (foreign, _) = app.directory_of(app.globex.id, "generic").await;
    let (_, _, issued) = issue(&app, &admin, json!({"name": "okta"})).await;
    for directory in [foreign, app.seam.id()] {
        let place = format!("/api/v2/directories/{directory}/tokens");
        admin.get(&place).await.expect_problem(404, "not_found");
        admin.post(&place, json!({"name": "x"})).await.expect_problem(404, "not_found");
        let token = format!("{place}/{}", issued["id"].as_str().unwrap());
        admin.delete(&token).await.expect_problem(404, "not_found");
    }
    assert_eq!(app.audit_count("scim.token.revoked").await, 0);
}

#[tokio::test]
async fn only_admins_make_tokens_and_only_good_ones() {
    let app = TestApp::start().await;
    let (directory, _) = app.directory().await;
    let place = format!("/api/v2/directories/{directory}/tokens");
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.get(&place).await.expect(200);
    reader.post(&place, json!({"name": "x"})).await.expect_problem(403, "permission_denied");
    let admin = app.tenant_admin().await;
    for body in [json!({"name": ""}), json!({"name": "x", "expires_in_days": 0}), json!({})] {
        admin.post(&place, body).await.expect_problem(400, "validation_failed");
    }
    assert_eq!(rows(&app, "scim_tokens").await, 1);
}

#[tokio::test]
async fn the_use_of_a_token_is_written_down_once_a_minute() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    provider.get("/scim/v2/Users").await.expect(200);
    let used = "select k.last_used_at is not null and c.last_activity_at is not null from scim_tokens k
        join scim_configurations c on c.id = k.configuration_id where c.id = $1";
    for _ in 0..100 {
        if app.superuser.query_one(used, &[&directory.uuid()]).await.unwrap().get(0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the use was not written down");
}

#[tokio::test]
async fn d_02_every_route_demands_a_good_token_of_its_own_directory() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    let (other, neighbour) = app.directory().await;
    let (_, stranger) = app.directory_of(app.globex.id, "generic").await;
    let person = app.tenant_admin().await;
    let ana = provider.post("/scim/v2/Users", ana()).await.expect(201);
    let own = path(&ana);
    let change = || patch(&json!([{"op": "replace", "path": "active", "value": false}]));
    for actor in [app.guest(), app.guest().with_token("elder_scim_1_x_y"), person] {
        let answers = [
            actor.get("/scim/v2/Users").await,
            actor.post("/scim/v2/Users", crate::wire::named("eve")).await,
            actor.post("/scim/v2/Users/.search", json!({})).await,
            actor.post("/scim/v2/.search", json!({})).await,
            actor.get(&own).await,
            actor.put(&own, crate::wire::named("eve")).await,
            actor.patch(&own, change()).await,
            actor.delete(&own).await,
            actor.get("/scim/v2/Me").await,
        ];
        for answer in answers {
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", answer.asked);
            expect_error(answer, 401, None);
        }
    }
    for actor in [&neighbour, &stranger] {
        expect_error(actor.get(&own).await, 404, None);
        expect_error(actor.put(&own, crate::wire::named("eve")).await, 404, None);
        expect_error(actor.patch(&own, change()).await, 404, None);
        expect_error(actor.delete(&own).await, 404, None);
        assert_eq!(actor.get("/scim/v2/Users").await.expect(200)["totalResults"], 0);
        expect_error(actor.get(&format!("/scim/v2/{directory}/Users")).await, 401, None);
    }
    expect_error(provider.get(&format!("/scim/v2/{other}/Users")).await, 401, None);
    provider.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    assert_eq!(provider.get(&own).await.expect(200), ana);
}

#[tokio::test]
async fn providers_may_send_the_token_bare_or_as_a_basic_password() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let token = provider.token.clone().unwrap();
    app.guest().with_header("authorization", &token).get("/scim/v2/Users").await.expect(200);
    app.guest()
        .with_header("authorization", format!("BEARER {token}"))
        .get("/scim/v2/Users")
        .await
        .expect(200);
    let answer = app.guest().with_header("authorization", "non-token").get("/scim/v2/Users").await;
    expect_error(answer, 401, None);
}

#[tokio::test]
async fn tokens_are_made_with_their_secrets_and_revoked_in_batches() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (place, provider, issued) = issue(&app, &admin, json!({"name": "okta"})).await;
    provider.get("/scim/v2/Users").await.expect(200);
    let operations = json!([
        { "op": "create", "data": { "name": "next" } },
        { "op": "create", "data": { "name": "" } },
        { "op": "delete", "id": issued["id"] },
        { "op": "delete", "id": "sct_01h455vb4pex5vsknk084sn02q" },
    ]);
    let batch = format!("{place}/batch");
    let body = json!({ "atomic": false, "operations": operations });
    let answer = admin.post(&batch, body.clone()).await.expect(200);
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 400, 204, 404], "{answer}");
    expect_error(provider.get("/scim/v2/Users").await, 401, None);
    let next = app.guest().with_token(results[0]["secret"].as_str().unwrap());
    next.get("/scim/v2/Users").await.expect(200);
    assert_eq!(app.audit_count("scim.token.created").await, 2);
    assert_eq!(app.audit_count("scim.token.revoked").await, 1);
    let unknown = "/api/v2/directories/dir_01h455vb4pex5vsknk084sn02q/tokens/batch";
    admin.post(unknown, body.clone()).await.expect_problem(404, "not_found");
    app.other_tenant().await.post(&batch, body.clone()).await.expect_problem(404, "not_found");
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.post(&batch, body).await.expect_problem(403, "permission_denied");
}
