//! The activity of a directory: what was sent, without what it said.

use elder_access::Role;
use elder_testkit::TestApp;
use serde_json::json;

use crate::wire::{ana, group, named, patch, path, query, rows};

const USERS: &str = "/scim/v2/Users";

/// Ids are in the order of time, which stands still else.
fn tick(app: &TestApp) {
    app.clock.advance(chrono::Duration::milliseconds(1));
}

fn activity(directory: impl std::fmt::Display) -> String {
    format!("/api/v2/directories/{directory}/activity")
}

#[tokio::test]
async fn what_was_sent_is_listed_with_what_became_of_it_and_nothing_of_it() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let user = provider.post(USERS, ana()).await.expect(201);
    tick(&app);
    provider.post(USERS, ana()).await.expect(409);
    tick(&app);
    provider.get(&query(USERS, &[("filter", "userName eq \"ana@example.com\"")])).await.expect(200);
    tick(&app);
    provider.get(&path(&user)).await.expect(200);
    tick(&app);
    provider.get("/scim/v2/Users/ana@example.com").await.expect(404);
    assert_eq!(rows(&app, "scim_activity").await, 0, "no request waits for a row");
    elder_scim::keep_activity(&app.worker, &app.activity).await.unwrap();
    let page = admin.get(&activity(id)).await.expect(200);
    let seen: Vec<_> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["method"], one["path"], one["status"], one["code"], one["resource_id"]]))
        .collect();
    let one = "/scim/v2/Users/{id}";
    assert_eq!(
        seen,
        [
            json!(["POST", USERS, 201, null, null]),
            json!(["POST", USERS, 409, "already_exists", null]),
            json!(["GET", USERS, 200, null, null]),
            json!(["GET", one, 200, null, user["id"]]),
            json!(["GET", one, 404, "not_found", null]),
        ]
    );
    assert!(!page.to_string().contains("ana@"), "{page}");
    let refused = query(&activity(id), &[("filter", "status ge 400 and method eq \"POST\"")]);
    assert_eq!(admin.get(&refused).await.expect(200)["data"], json!([page["data"][1]]));
}

#[tokio::test]
async fn a_request_is_listed_with_the_rules_of_its_profile_that_it_needed() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (provider, rules) in [
        ("entra", [json!([]), json!(["create_on_no_match"]), json!(["brief_group_patch"])]),
        ("okta", [json!(["numbers_as_text"]), json!([]), json!([])]),
        ("generic", [json!([]), json!([]), json!([])]),
    ] {
        let (id, provider) = app.directory_of(app.acme.id, provider).await;
        let mut user = named(&format!("ana@{id}.example.com").replace('_', "-"));
        user["userType"] = if rules[0] == json!([]) { "7".into() } else { 7.into() };
        let user = provider.post(USERS, user).await.expect(201);
        tick(&app);
        let phone = json!([{"op": "add", "path": "phoneNumbers[type eq \"work\"].value", "value": "1"}]);
        provider.patch(&path(&user), patch(&phone)).await;
        tick(&app);
        let team = provider.post("/scim/v2/Groups", group("Team", &[&user])).await.expect(201);
        tick(&app);
        let rename = json!([{"op": "replace", "path": "displayName", "value": "Crew"}]);
        provider.patch(&path(&team), patch(&rename)).await;
        elder_scim::keep_activity(&app.worker, &app.activity).await.unwrap();
        let page = admin.get(&activity(id)).await.expect(200);
        let used: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| one["rules"].clone()).collect();
        assert_eq!([&used[0], &used[1], &used[3]], [&rules[0], &rules[1], &rules[2]], "{page}");
    }
}

#[tokio::test]
async fn each_directory_has_its_own_activity_and_no_other_tenant_sees_it() {
    let app = TestApp::start().await;
    let (admin, (id, provider), (other, _)) =
        (app.tenant_admin().await, app.directory().await, app.directory().await);
    provider.get(USERS).await.expect(200);
    tick(&app);
    provider.get(&format!("/scim/v2/{other}/Users")).await.expect(401);
    app.guest().get(USERS).await.expect(401);
    admin.get("/api/v2/users").await.expect(200);
    elder_scim::keep_activity(&app.worker, &app.activity).await.unwrap();
    let own = admin.get(&activity(id)).await.expect(200);
    let status: Vec<_> = own["data"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(status, [json!(200), json!(401)]);
    assert_eq!(admin.get(&activity(other)).await.expect(200)["data"], json!([]));
    app.other_tenant().await.get(&activity(id)).await.expect_problem(404, "not_found");
    app.member(app.acme.id, None).await.get(&activity(id)).await.expect_problem(403, "permission_denied");
    app.member(app.acme.id, Some(Role::Reader)).await.get(&activity(id)).await.expect(200);
}

#[tokio::test]
async fn activity_is_kept_for_seven_days_and_no_longer_than_its_directory() {
    let app = TestApp::start().await;
    let (id, provider) = app.directory().await;
    let keep = || elder_scim::keep_activity(&app.worker, &app.activity);
    provider.get(USERS).await.expect(200);
    keep().await.unwrap();
    app.clock.advance(chrono::Duration::days(6));
    provider.get(USERS).await.expect(200);
    keep().await.unwrap();
    elder_scim::forget_activity(&app.worker).await.unwrap();
    assert_eq!(rows(&app, "scim_activity").await, 2);
    app.clock.advance(chrono::Duration::days(1));
    elder_scim::forget_activity(&app.worker).await.unwrap();
    assert_eq!(rows(&app, "scim_activity").await, 1);
    provider.get(USERS).await.expect(200);
    app.superuser.execute("delete from scim_configurations where id = $1", &[&id.uuid()]).await.unwrap();
    keep().await.unwrap();
    assert_eq!(rows(&app, "scim_activity").await, 0);
}
