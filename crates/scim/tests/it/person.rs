//! What a push does to the person, and what it may not do.

use elder_access::Role;
use elder_testkit::{Actor, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::wire::{ana, expect_error, named, patch, path, rows};

const USERS: &str = "/scim/v2/Users";

fn active(active: bool) -> Value {
    patch(&json!([{"op": "replace", "path": "active", "value": active}]))
}

/// The account behind a resource, as an admin sees it.
async fn account(admin: &Actor, user: &Value) -> Value {
    admin.get(&format!("/api/v2/users/{}", user["id"].as_str().unwrap())).await.expect(200)
}

/// The person behind a resource, signed in.
async fn signed_in(app: &TestApp, user: &Value) -> Actor {
    let token = app.session_of(app.acme.id, user["id"].as_str().unwrap().parse().unwrap()).await;
    app.guest().with_token(token)
}

async fn email_of(app: &TestApp, actor: &Actor) -> String {
    let email = "select email from portal_users where id = $1";
    app.superuser.query_one(email, &[&actor.user.unwrap().uuid()]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_pushed_user_is_a_portal_user_that_the_directory_manages() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    let mut body = ana();
    (body["locale"], body["timezone"]) = ("de-AT".into(), "Europe/Vienna".into());
    let user = provider.post(USERS, body).await.expect(201);
    let account = account(&admin, &user).await;
    for (name, value) in [
        ("email", json!("ana@example.com")),
        ("full_name", json!("Ana Gruber")),
        ("is_active", json!(true)),
        ("email_verified", json!(false)),
        ("external_id", json!("00u1")),
        ("locale", json!("de-AT")),
        ("time_zone", json!("Europe/Vienna")),
        ("managed_by", json!(directory)),
        ("tenant_role", json!(null)),
    ] {
        assert_eq!(account[name], value, "{name}");
    }
}

#[tokio::test]
async fn each_change_leaves_one_event_of_its_own_kind() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let user = provider.post(USERS, ana()).await.expect(201);
    let own = path(&user);
    provider.patch(&own, patch(&json!([{"op": "add", "path": "title", "value": "Dr."}]))).await.expect(200);
    provider.patch(&own, active(false)).await.expect(200);
    provider.patch(&own, active(true)).await.expect(200);
    provider.delete(&own).await.expect(204);
    for (action, times) in [("created", 1), ("updated", 2), ("deactivated", 1), ("deleted", 1)]
        .map(|(a, n)| (format!("scim.user.{a}"), n))
    {
        assert_eq!(app.audit_count(&action).await, times, "{action}");
        let outbox = "select count(*) from outbox where type = 'elder.' || $1";
        assert_eq!(app.superuser.query_one(outbox, &[&action]).await.unwrap().get::<_, i64>(0), times);
    }
    let events = rows(&app, "audit_logs").await;
    assert_eq!(events, 5);
}

#[tokio::test]
async fn deactivation_ends_the_sessions_of_the_person_at_once() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let user = provider.post(USERS, ana()).await.expect(201);
    let person = signed_in(&app, &user).await;
    assert_ne!(person.get("/api/v2/users").await.status, 401);
    provider.patch(&path(&user), active(false)).await.expect(200);
    person.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    provider.patch(&path(&user), active(true)).await.expect(200);
    person.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    assert_ne!(signed_in(&app, &user).await.get("/api/v2/users").await.status, 401);
}

#[tokio::test]
async fn a_delete_deactivates_or_deletes_the_person_as_the_directory_is_set() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    let user = provider.post(USERS, ana()).await.expect(201);
    let person = signed_in(&app, &user).await;
    provider.delete(&path(&user)).await.expect(204);
    person.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    let left = account(&admin, &user).await;
    assert_eq!((&left["is_active"], &left["managed_by"]), (&json!(false), &json!(null)));
    let again = provider.post(USERS, ana()).await.expect(201);
    assert_eq!(account(&admin, &again).await["is_active"], true);
    let place = format!("/api/v2/directories/{directory}");
    admin.patch(&place, json!({"deprovisioning": "delete"})).await.expect(200);
    provider.delete(&path(&again)).await.expect(204);
    let gone = format!("/api/v2/users/{}", again["id"].as_str().unwrap());
    admin.get(&gone).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn an_account_that_nobody_manages_is_taken_over_with_its_roles() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    let member = app.member(app.acme.id, Some(Role::Maintainer)).await;
    let user = provider.post(USERS, named(&email_of(&app, &member).await)).await.expect(201);
    assert_eq!(user["id"], member.id());
    let account = account(&admin, &user).await;
    assert_eq!((&account["managed_by"], &account["tenant_role"]), (&json!(directory), &json!("maintainer")));
}

#[tokio::test]
async fn an_account_that_is_taken_over_inactive_is_signed_out_at_once() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let member = app.member(app.acme.id, Some(Role::Reader)).await;
    member.get("/api/v2/users").await.expect(200);
    let mut body = named(&email_of(&app, &member).await);
    body["active"] = false.into();
    provider.post(USERS, body).await.expect(201);
    member.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    assert_eq!(app.audit_count("scim.user.deactivated").await, 1);
}

#[tokio::test]
async fn d_05_an_admins_account_or_that_of_another_directory_is_not_taken_over() {
    let app = TestApp::start().await;
    let ((_, provider), (_, other)) = (app.directory().await, app.directory().await);
    let admin = app.tenant_admin().await;
    expect_error(provider.post(USERS, named(&email_of(&app, &admin).await)).await, 409, Some("uniqueness"));
    let user = provider.post(USERS, ana()).await.expect(201);
    expect_error(other.post(USERS, ana()).await, 409, Some("uniqueness"));
    let cy = other.post(USERS, named("cy@example.com")).await.expect(201);
    let steal = patch(&json!([{"op": "add", "path": "emails", "value": [{"value": "ana@example.com"}]}]));
    expect_error(other.patch(&path(&cy), steal).await, 409, Some("uniqueness"));
    assert_eq!(provider.get(&path(&user)).await.expect(200), user);
    assert_eq!(rows(&app, "scim_users").await, 2);
}

#[tokio::test]
async fn a_directory_that_refuses_conflicts_takes_nobody_over() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    let place = format!("/api/v2/directories/{directory}");
    assert_eq!(admin.get(&place).await.expect(200)["conflicts"], "link");
    admin.patch(&place, json!({"conflicts": "refuse"})).await.expect(200);
    let member = app.member(app.acme.id, Some(Role::Reader)).await;
    let email = email_of(&app, &member).await;
    expect_error(provider.post(USERS, named(&email)).await, 409, Some("uniqueness"));
    let user = admin.get(&format!("/api/v2/users/{}", member.id())).await.expect(200);
    assert_eq!((&user["managed_by"], rows(&app, "scim_users").await), (&json!(null), 0));
    provider.post(USERS, ana()).await.expect(201);
}

#[tokio::test]
async fn a_directory_may_have_its_people_beside_those_who_are_there() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    let place = format!("/api/v2/directories/{directory}");
    admin.patch(&place, json!({"conflicts": "duplicate-name"})).await.expect(200);
    let member = app.member(app.acme.id, Some(Role::Admin)).await;
    let email = email_of(&app, &member).await;
    let user = provider.post(USERS, named(&email)).await.expect(201);
    assert_eq!(user["userName"], json!(email), "the provider reads what it has sent");
    let beside = account(&admin, &user).await;
    assert_ne!(beside["id"], json!(member.id()));
    assert!(beside["email"].as_str().unwrap().ends_with(".invalid"), "{beside}");
    let untouched = admin.get(&format!("/api/v2/users/{}", member.id())).await.expect(200);
    assert_eq!((&untouched["managed_by"], &untouched["email"]), (&json!(null), &json!(email)));
    let to = |email: &str| patch(&json!([{"op": "replace", "path": "emails", "value": [{"value": email}]}]));
    provider.patch(&path(&user), to("free@example.com")).await.expect(200);
    assert_eq!(account(&admin, &user).await["email"], "free@example.com");
    provider.patch(&path(&user), to(&email)).await.expect(200);
    let again = account(&admin, &user).await;
    assert!(again["email"].as_str().unwrap().ends_with(".invalid"), "{again}");
    let second = provider.post(USERS, named("free@example.com")).await.expect(201);
    assert_eq!(account(&admin, &second).await["email"], "free@example.com");
}

#[tokio::test]
async fn d_05_a_push_gives_no_role_and_proves_no_address() {
    let app = TestApp::start().await;
    let (admin, (_, provider)) = (app.tenant_admin().await, app.directory().await);
    let mut body = ana();
    body["roles"] = json!([{"value": "admin", "primary": true}]);
    body["entitlements"] = json!([{"value": "tenant:write"}]);
    body["groups"] = json!([{"value": "admins"}]);
    for (name, value) in [("tenant_role", "admin"), ("global_role", "admin"), ("email_verified", "true")] {
        body[name] = value.into();
    }
    let user = provider.post(USERS, body).await.expect(201);
    assert_eq!(user["roles"], json!([{"value": "admin", "primary": true}]));
    let change = patch(&json!([{"op": "add", "path": "roles", "value": [{"value": "owner"}]}]));
    provider.patch(&path(&user), change).await.expect(200);
    let account = account(&admin, &user).await;
    for name in ["tenant_role", "global_role"] {
        assert_eq!(account[name], json!(null));
    }
    assert_eq!(account["email_verified"], false);
    signed_in(&app, &user).await.get("/api/v2/directories").await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn d_05_the_external_id_of_another_reaches_nobody() {
    let app = TestApp::start().await;
    let (admin, (_, provider), (_, other)) =
        (app.tenant_admin().await, app.directory().await, app.directory().await);
    let user = provider.post(USERS, ana()).await.expect(201);
    let theirs = |name: &str| {
        let mut body = named(name);
        (body["externalId"], body["password"]) = ("00u1".into(), "another horse battery".into());
        body
    };
    for (pusher, name) in [(&provider, "bo@example.com"), (&other, "cy@example.com")] {
        let made = pusher.post(USERS, theirs(name)).await.expect(201);
        assert_ne!(made["id"], user["id"]);
        pusher.patch(&path(&made), active(false)).await.expect(200);
        pusher.delete(&path(&made)).await.expect(204);
    }
    assert_eq!(provider.get(&path(&user)).await.expect(200), user);
    let account = account(&admin, &user).await;
    assert_eq!((&account["is_active"], &account["email"]), (&json!(true), &json!("ana@example.com")));
    let login = json!({"tenant": "acme", "email": "ana@example.com", "password": "another horse battery"});
    app.guest().post("/api/v2/auth/login", login).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn the_last_admin_is_neither_deactivated_nor_removed_by_a_push() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let user = provider.post(USERS, ana()).await.expect(201);
    let appoint = "update portal_users set tenant_role = 'admin' where email = 'ana@example.com'";
    app.superuser.execute(appoint, &[]).await.unwrap();
    expect_error(provider.patch(&path(&user), active(false)).await, 409, None);
    expect_error(provider.delete(&path(&user)).await, 409, None);
    assert_eq!(provider.get(&path(&user)).await.expect(200), user);
    assert_eq!(app.audit_count("scim.user.removal_refused").await, 2);
    app.tenant_admin().await;
    provider.patch(&path(&user), active(false)).await.expect(200);
}

#[tokio::test]
async fn a_person_without_an_address_gets_one_that_no_mail_reaches() {
    let app = TestApp::start().await;
    let (admin, (directory, provider)) = (app.tenant_admin().await, app.directory().await);
    let user = provider.post(USERS, named("jdoe")).await.expect(201);
    let host = directory.to_string().replace('_', "-");
    assert_eq!(account(&admin, &user).await["email"], format!("jdoe@{host}.invalid"));
    expect_error(provider.post(USERS, named("John Doe")).await, 400, Some("invalidValue"));
    let mut body = named("max");
    body["emails"] = json!([{"value": "not an address"}]);
    expect_error(provider.post(USERS, body).await, 400, Some("invalidValue"));
    assert_eq!(rows(&app, "scim_users").await, 1);
}

#[tokio::test]
async fn unq_2_of_twenty_parallel_creates_one_makes_the_user() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let answers = join_all((0..20).map(|number| {
        let mut body = ana();
        body["emails"] = if number % 2 == 0 {
            ana()["emails"].clone()
        } else {
            json!([{"value": format!("{number}@b.c")}])
        };
        let provider = &provider;
        async move { provider.post(USERS, body).await }
    }))
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    for answer in refused {
        expect_error(answer, 409, Some("uniqueness"));
    }
    assert_eq!((rows(&app, "scim_users").await, rows(&app, "portal_users").await), (1, 1));
    assert_eq!(app.audit_count("scim.user.created").await, 1);
}

#[tokio::test]
async fn parallel_changes_of_one_user_are_all_kept() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let user = provider.post(USERS, ana()).await.expect(201);
    let own = path(&user);
    join_all((0..10).map(|number| {
        let value = json!([{"value": format!("+43 {number}"), "type": format!("t{number}")}]);
        let (provider, own) = (&provider, &own);
        async move {
            let body = patch(&json!([{"op": "add", "path": "phoneNumbers", "value": value}]));
            provider.patch(own, body).await.expect(200)
        }
    }))
    .await;
    let after = provider.get(&own).await.expect(200);
    assert_eq!(
        (after["phoneNumbers"].as_array().unwrap().len(), &after["meta"]["version"]),
        (10, &json!("W/\"11\""))
    );
}
