//! Limits: checked in the transaction that would pass them, whoever writes and however many at once.

use std::time::Duration;

use elder_testkit::Options;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::world::World;

fn limited(limits: &Value) -> Value {
    json!({ "tier": "enterprise", "limits": limits })
}

#[tokio::test]
async fn p_40_of_a_hundred_who_try_for_the_last_tenant_one_gets_it_on_whichever_node() {
    let world = World::start().await;
    let there = world.count("select count(*) from tenants").await;
    world.install(&world.license(&limited(&json!({ "max_tenants": there + 1 })))).await;
    let other = world.app.another_node_with(Options::default()).await;
    let operator = world.app.operator().await;
    let nodes = [operator.clone(), other.called_by(&operator)];
    // Else the first would be done before the others have a connection.
    join_all((0..40).map(|number| nodes[number % 2].get("/api/v2/global/tenants"))).await;
    let tries = (0..100).map(|number| {
        let operator = &nodes[number % 2];
        async move {
            let new = json!({ "name": "N", "slug": format!("new-{number}") });
            operator.post("/api/v2/global/tenants", new).await
        }
    });
    let answers = join_all(tries).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let refused = answers.into_iter().filter(|answer| answer.status != 201);
    for answer in refused {
        let problem = answer.expect_problem(402, "license_required");
        assert!(problem["detail"].as_str().unwrap().contains("max_tenants"), "{problem}");
    }
    assert_eq!(world.count("select count(*) from tenants").await, there + 1);
    assert_eq!(world.app.audit_count("tenant.created").await, 1);
}

#[tokio::test]
async fn who_comes_second_to_the_last_place_waits_for_the_first_and_is_refused() {
    let world = World::start().await;
    let there = world.count("select count(*) from tenants").await;
    world.install(&world.license(&limited(&json!({ "max_tenants": there + 1 })))).await;
    let database = &world.app.database;
    let (first, second) =
        (database.connect("elder_platform").await, database.connect("elder_platform").await);
    first.batch_execute("begin; insert into tenants (name, slug) values ('N', 'first')").await.unwrap();
    let mut waiting =
        Box::pin(second.execute("insert into tenants (name, slug) values ('N', 'second')", &[]));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(early.is_err(), "it was decided before the first was: {early:?}");
    first.batch_execute("commit").await.unwrap();
    let refused = waiting.await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("license_max_tenants"));
    // Had the first given up, the second would have got the place.
    first.batch_execute("delete from tenants where slug = 'first'").await.unwrap();
    first.batch_execute("begin; insert into tenants (name, slug) values ('N', 'first')").await.unwrap();
    let waiting = second.execute("insert into tenants (name, slug) values ('N', 'second')", &[]);
    let (made, given_up) = tokio::join!(waiting, first.batch_execute("rollback"));
    given_up.unwrap();
    assert_eq!(made.unwrap(), 1);
}

#[tokio::test]
async fn people_are_limited_however_they_come() {
    let world = World::start().await;
    let admin = world.app.tenant_admin().await;
    let (_, provider) = world.app.directory().await;
    let there = world.count("select count(*) from portal_users").await;
    world.install(&world.license(&limited(&json!({ "max_tenants": -1, "max_users": there + 1 })))).await;
    let new = |number: u8| json!({ "email": format!("new-{number}@example.com"), "full_name": "New" });
    admin.post("/api/v2/users", new(1)).await.expect(201);
    let problem = admin.post("/api/v2/users", new(2)).await.expect_problem(402, "license_required");
    assert!(problem["detail"].as_str().unwrap().contains("`max_users`"), "{problem}");
    let pushed = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "new@acme.com",
        "emails": [{ "value": "new@acme.com", "primary": true }] });
    let refused = provider.post("/scim/v2/Users", pushed).await.expect(402);
    assert_eq!(refused["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    let operations = json!([{ "op": "create", "data": new(3) }]);
    let batch = admin
        .post("/api/v2/users/batch", json!({ "atomic": false, "operations": operations }))
        .await
        .expect(200);
    assert_eq!(batch["results"][0]["status"], 402, "{batch}");
    assert_eq!(world.count("select count(*) from portal_users").await, there + 1);
    // Whoever is there is changed as before.
    let first =
        admin.get("/api/v2/users?limit=1").await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("/api/v2/users/{first}"), json!({ "full_name": "Another" })).await.expect(200);
}

#[tokio::test]
async fn far_from_a_limit_nobody_counts_and_at_it_what_was_deleted_is_free() {
    let world = World::start().await;
    let admin = world.app.tenant_admin().await;
    let people = "select count(*) from portal_users";
    let there = world.count(people).await;
    world.install(&world.license(&limited(&json!({ "max_tenants": -1, "max_users": there + 3 })))).await;
    let at_most = "select at_most from license_places where resource = 'users'";
    let new = |number: u8| json!({ "email": format!("new-{number}@example.com"), "full_name": "New" });
    for number in 1..=3 {
        admin.post("/api/v2/users", new(number)).await.expect(201);
        assert_eq!(world.count(at_most).await, there + i64::from(number));
    }
    admin.post("/api/v2/users", new(4)).await.expect_problem(402, "license_required");
    world
        .app
        .superuser
        .execute("delete from portal_users where email = 'new-1@example.com'", &[])
        .await
        .unwrap();
    assert_eq!(world.count(at_most).await, there + 3, "a delete takes nothing from it");
    admin.post("/api/v2/users", new(4)).await.expect(201);
    admin.post("/api/v2/users", new(5)).await.expect_problem(402, "license_required");
    assert_eq!(world.count(people).await, there + 3);
    // It is believed: with another number in it, nobody looks at the rows.
    world.app.superuser.execute("update license_places set at_most = 0", &[]).await.unwrap();
    admin.post("/api/v2/users", new(5)).await.expect(201);
    // Another licence has all counted anew.
    world.install(&world.license(&limited(&json!({ "max_tenants": -1, "max_users": there + 4 })))).await;
    admin.post("/api/v2/users", new(6)).await.expect_problem(402, "license_required");
}

#[tokio::test]
async fn what_was_added_without_a_limit_is_waited_for_by_who_comes_under_one() {
    let world = World::start().await;
    let there = world.count("select count(*) from tenants").await;
    world.install(&world.enterprise()).await;
    let database = &world.app.database;
    let (first, second) =
        (database.connect("elder_platform").await, database.connect("elder_platform").await);
    first.batch_execute("begin; insert into tenants (name, slug) values ('N', 'first')").await.unwrap();
    world.install(&world.license(&limited(&json!({ "max_tenants": there + 1 })))).await;
    let mut waiting =
        Box::pin(second.execute("insert into tenants (name, slug) values ('N', 'second')", &[]));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(early.is_err(), "it did not know of the first: {early:?}");
    first.batch_execute("commit").await.unwrap();
    let refused = waiting.await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("license_max_tenants"));
}

#[tokio::test]
async fn of_a_hundred_who_try_for_the_last_user_one_gets_it() {
    let world = World::start().await;
    let admin = world.app.tenant_admin().await;
    let people = "select count(*) from portal_users";
    let limits = json!({ "max_tenants": -1, "max_users": world.count(people).await + 5 });
    world.install(&world.license(&limited(&limits))).await;
    let new = |number: u8| json!({ "email": format!("new-{number}@example.com"), "full_name": "New" });
    // Some whom nobody counts, so that the last place is one that is believed to be free.
    for number in 0..4 {
        admin.post("/api/v2/users", new(number)).await.expect(201);
    }
    let before = world.count(people).await;
    let answers = join_all((100..200).map(|number| admin.post("/api/v2/users", new(number)))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 402).count(), 99);
    assert_eq!(world.count(people).await, before + 1);
}

#[tokio::test]
async fn entities_are_counted_together() {
    let world = World::start().await;
    let admin = world.app.tenant_admin().await;
    let entities = "select (select count(*) from portal_users) + (select count(*) from organizations)
        + (select count(*) from roles) + (select count(*) from scim_configurations)";
    let there = world.count(entities).await;
    world.install(&world.license(&limited(&json!({ "max_tenants": -1, "max_entities": there + 2 })))).await;
    admin.post("/api/v2/organizations", json!({ "name": "One" })).await.expect(201);
    admin.post("/api/v2/directories", json!({ "name": "Two" })).await.expect(201);
    for (path, body) in [
        ("/api/v2/organizations", json!({ "name": "Three" })),
        ("/api/v2/directories", json!({ "name": "Three" })),
        ("/api/v2/users", json!({ "email": "three@example.com", "full_name": "Three" })),
        ("/api/v2/roles", json!({ "name": "Three", "tier": "tenant", "permissions": ["users:read"] })),
    ] {
        let problem = admin.post(path, body).await.expect_problem(402, "license_required");
        assert!(problem["detail"].as_str().unwrap().contains("`max_entities`"), "{problem}");
    }
    assert_eq!(world.count(entities).await, there + 2);
}

#[tokio::test]
async fn a_limit_falls_with_its_licence_even_if_no_node_looks() {
    let world = World::start().await;
    world.install(&world.enterprise()).await;
    let insert = "insert into tenants (name, slug) values ('N', 'beside')";
    world
        .app
        .superuser
        .execute("update license_state set ends_at = now() - interval '1 second'", &[])
        .await
        .unwrap();
    let refused = world.app.superuser.execute(insert, &[]).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("license_max_tenants"));
    world.app.superuser.execute("update license_state set ends_at = null", &[]).await.unwrap();
    world.app.superuser.execute(insert, &[]).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_adds_nothing_is_not_refused() {
    let world = World::start().await;
    world.install(&world.license(&json!({ "tier": "community" }))).await;
    let again = "insert into tenants (name, slug) values ('Acme', 'acme') on conflict do nothing";
    assert_eq!(world.app.superuser.execute(again, &[]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_tenant_may_send_no_more_requests_than_the_licence_says() {
    let world = World::start().await;
    let terms =
        json!({ "tier": "enterprise", "limits": { "max_tenants": -1, "api_requests_per_minute": 3 } });
    world.install(&world.license(&terms)).await;
    let admin = world.app.tenant_admin().await;
    for _ in 0..3 {
        admin.get("/api/v2/users").await.expect(200);
    }
    let refused = admin.get("/api/v2/users").await;
    assert!(refused.header("ratelimit-policy").contains("\"tenant\";q=3;w=60"), "{:?}", refused.headers);
    refused.expect_problem(429, "rate_limited");
}
