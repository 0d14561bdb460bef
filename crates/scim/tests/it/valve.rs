//! The safety valve: a directory that would take too many people away is paused instead.

use elder_testkit::{Actor, TestApp};
use futures_util::{StreamExt as _, future::join_all, stream};
use serde_json::{Value, json};

use crate::wire::{expect_error, named, patch, path, rows};

const USERS: &str = "/scim/v2/Users";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// So many people, whom the directory has for more than an hour.
async fn people(app: &TestApp, provider: &Actor, number: usize) -> Vec<Value> {
    let mut users = Vec::new();
    for number in 0..number {
        users.push(provider.post(USERS, named(&format!("u{number}@example.com"))).await.expect(201));
    }
    app.clock.advance(chrono::Duration::hours(2));
    users
}

fn active(active: bool) -> Value {
    patch(&json!([{"op": "replace", "path": "active", "value": active}]))
}

async fn deactivate(provider: &Actor, users: &[Value]) {
    for user in users {
        provider.patch(&path(user), active(false)).await.expect(200);
    }
}

/// How many people of the directory are active.
async fn active_people(app: &TestApp) -> i64 {
    let count = "select count(*) from portal_users where is_active and managed_by is not null";
    app.superuser.query_one(count, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn who_would_deactivate_too_many_is_paused_and_the_admins_are_told() {
    let app = TestApp::start().await;
    let (id, provider) = app.directory().await;
    let users = people(&app, &provider, 13).await;
    let admin = app.tenant_admin().await;
    deactivate(&provider, &users[..10]).await;
    let refused = provider.patch(&path(&users[10]), active(false)).await;
    assert_eq!(refused.header("retry-after"), "300");
    let error = expect_error(refused, 503, None);
    assert!(error["detail"].as_str().unwrap().contains("11 of 13 people"), "{error}");
    assert_eq!((active_people(&app).await, rows(&app, "scim_removals").await), (3, 10));
    expect_error(provider.get(USERS).await, 503, None);
    let place = format!("/api/v2/directories/{id}");
    assert_eq!(admin.get(&place).await.expect(200)["is_active"], false);
    assert_eq!(app.audit_count("scim.directory.paused").await, 1);
    let told = "select recipient, subject from mails where kind = 'directory_paused'";
    let told = app.superuser.query(told, &[]).await.unwrap();
    assert_eq!(told.len(), 1, "one admin, one mail");
    assert!(told[0].get::<_, &str>(1).contains(&id.to_string()), "it names the directory");
    admin.post(&format!("{place}/resume"), json!({})).await.expect(200);
    deactivate(&provider, &users[10..]).await;
    assert_eq!(active_people(&app).await, 0);
}

#[tokio::test]
async fn a_deletion_counts_as_a_deactivation_does() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let users = people(&app, &provider, 12).await;
    deactivate(&provider, &users[..5]).await;
    for user in &users[5..10] {
        provider.delete(&path(user)).await.expect(204);
    }
    provider.delete(&path(&users[0])).await.expect(204);
    expect_error(provider.delete(&path(&users[10])).await, 503, None);
    assert_eq!(rows(&app, "scim_users").await, 6);
}

#[tokio::test]
async fn a_bulk_request_ends_where_the_directory_is_paused() {
    let app = TestApp::start().await;
    let (id, provider) = app.directory().await;
    let users = people(&app, &provider, 14).await;
    let operation = |user: &Value| {
        let path = format!("/Users/{}", user["id"].as_str().unwrap());
        json!({"method": "PATCH", "path": path, "data": active(false)})
    };
    let body = json!({"schemas": [BULK], "Operations": users.iter().map(operation).collect::<Vec<_>>()});
    let done = provider.post("/scim/v2/Bulk", body).await.expect(200);
    let status: Vec<_> =
        done["Operations"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!((status.len(), status.last()), (11, Some(&json!("503"))));
    assert_eq!(active_people(&app).await, 4);
    let paused = "select not is_active from scim_configurations where id = $1";
    assert!(app.superuser.query_one(paused, &[&id.uuid()]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn of_those_who_go_at_the_same_time_no_more_go_than_may() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let users = people(&app, &provider, 16).await;
    let answers = join_all(users.iter().map(|user| {
        let provider = &provider;
        async move { provider.patch(&path(user), active(false)).await.status }
    }));
    let done = answers.await.into_iter().filter(|status| *status == 200).count();
    assert_eq!((done, active_people(&app).await), (10, 6));
    assert_eq!(app.audit_count("scim.directory.paused").await, 1);
}

#[tokio::test]
async fn of_those_who_go_from_a_large_directory_while_the_limit_comes_near_no_more_go_than_may() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let operation = |number: usize| {
        let name = format!("u{number}@example.com");
        json!({"method": "POST", "path": "/Users", "bulkId": name, "data": named(&name)})
    };
    let operations: Vec<_> = (0..700).map(operation).collect();
    let body = json!({"schemas": [BULK], "Operations": operations});
    let made = provider.post("/scim/v2/Bulk", body).await.expect(200);
    app.clock.advance(chrono::Duration::hours(2));
    let going: Vec<_> = made["Operations"].as_array().unwrap()[..170].to_vec();
    let going = going.iter().map(|made| {
        let place = made["location"].as_str().unwrap();
        let place = &place[place.find("/scim/").unwrap()..];
        provider.patch(place, active(false))
    });
    let answers =
        stream::iter(going).buffer_unordered(16).map(|answer| answer.status).collect::<Vec<_>>().await;
    let done = answers.into_iter().filter(|status| *status == 200).count();
    assert_eq!((done, active_people(&app).await), (140, 560), "a fifth of 700");
}

#[tokio::test]
async fn the_share_is_the_directorys_own_and_a_hundred_percent_never_pauses() {
    let app = TestApp::start().await;
    let (id, provider) = app.directory().await;
    let users = people(&app, &provider, 12).await;
    let admin = app.tenant_admin().await;
    let place = format!("/api/v2/directories/{id}");
    assert_eq!(admin.get(&place).await.expect(200)["max_removals"], 20);
    for share in [0, 101] {
        let change = json!({"max_removals": share});
        let problem = admin.patch(&place, change).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/max_removals");
    }
    admin.patch(&place, json!({"max_removals": 100})).await.expect(200);
    deactivate(&provider, &users).await;
    assert_eq!(active_people(&app).await, 0);
}

#[tokio::test]
async fn who_is_new_or_back_or_went_long_ago_is_not_counted() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let users = people(&app, &provider, 12).await;
    deactivate(&provider, &users[..10]).await;
    provider.patch(&path(&users[0]), active(true)).await.expect(200);
    deactivate(&provider, &users[10..11]).await;
    for number in 0..12 {
        let new = provider.post(USERS, named(&format!("new{number}@example.com"))).await.expect(201);
        provider.delete(&path(&new)).await.expect(204);
    }
    app.clock.advance(chrono::Duration::hours(1));
    deactivate(&provider, &users[11..]).await;
    assert_eq!(rows(&app, "scim_removals").await, 1);
    deactivate(&provider, &users[..1]).await;
    assert_eq!(active_people(&app).await, 0);
}

#[tokio::test]
async fn accounts_that_are_taken_over_inactive_are_counted_too() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let mut emails = Vec::new();
    for _ in 0..11 {
        let member = app.member(app.acme.id, None).await;
        let email = "select email from portal_users where id = $1";
        let row = app.superuser.query_one(email, &[&member.user.unwrap().uuid()]).await.unwrap();
        emails.push(row.get::<_, String>(0));
    }
    app.superuser
        .execute("update portal_users set created_at = now() - interval '9 days'", &[])
        .await
        .unwrap();
    for (number, email) in emails.iter().enumerate() {
        let mut body = named(email);
        body["active"] = false.into();
        let answer = provider.post(USERS, body).await;
        if number < 10 {
            answer.expect(201);
        } else {
            expect_error(answer, 503, None);
        }
    }
    assert_eq!(rows(&app, "scim_users").await, 10);
}
