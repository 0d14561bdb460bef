//! Saved searches: whose they are, and what they find.

use elder_access::{Role, markers};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const SEARCHES: &str = "/api/v2/audit/searches";
const DENIED: &str = "action eq \"organization.created\"";

async fn saved(actor: &Actor, name: &str, is_shared: bool) -> String {
    let body = json!({ "name": name, "filter": DENIED, "is_shared": is_shared });
    let search = actor.post(SEARCHES, body).await.expect(201);
    format!("{SEARCHES}/{}", search["id"].as_str().unwrap())
}

fn names(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|search| search["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_search_finds_what_its_filter_says_in_pages_and_a_filter_narrows_it() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for name in ["One", "Two", "Three"] {
        app.clock.advance(chrono::Duration::milliseconds(1));
        admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201);
    }
    let path = saved(&admin, "New organizations", true).await;
    let first = admin.get(&format!("{path}/events?limit=2")).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("{path}/events?limit=2&cursor={cursor}")).await.expect(200);
    let ids = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|event| event["id"].to_string()).collect()
    };
    let direct =
        admin.get("/api/v2/audit/events?filter=action%20eq%20%22organization.created%22").await.expect(200);
    assert_eq!([ids(&first), ids(&second)].concat(), ids(&direct));
    assert_eq!(ids(&direct).len(), 3);
    let one = direct["data"][1]["resource_id"].as_str().unwrap();
    let narrow = admin.get(&format!("{path}/events?filter=resource_id%20eq%20%22{one}%22")).await.expect(200);
    assert_eq!(ids(&narrow), ids(&direct)[1..2]);
    let other =
        admin.get(&format!("{path}/events?filter=action%20eq%20%22session.started%22")).await.expect(200);
    assert_eq!(other["data"], json!([]));
    // A cursor of one search is none of another.
    let another = saved(&admin, "Another", true).await;
    admin
        .get(&format!("{another}/events?limit=2&cursor={cursor}"))
        .await
        .expect_problem(400, "invalid_cursor");
}

#[tokio::test]
async fn a_search_of_ones_own_is_seen_by_nobody_else_until_it_is_shared() {
    let app = TestApp::start().await;
    let ada = app.tenant_admin().await;
    let bob = app.member(app.acme.id, Some(Role::Admin)).await;
    let own = saved(&ada, "Mine", false).await;
    saved(&ada, "Ours", true).await;
    assert_eq!(names(&ada.get(&format!("{SEARCHES}?sort=name")).await.expect(200)), ["Mine", "Ours"]);
    assert_eq!(names(&bob.get(SEARCHES).await.expect(200)), ["Ours"]);
    bob.get(&own).await.expect_problem(404, "not_found");
    bob.get(&format!("{own}/events")).await.expect_problem(404, "not_found");
    bob.patch(&own, json!({ "name": "His" })).await.expect_problem(404, "not_found");
    bob.delete(&own).await.expect_problem(404, "not_found");
    // A name is free where nobody sees the other.
    saved(&bob, "mine", false).await;
    let shared = ada.patch(&own, json!({ "is_shared": true })).await.expect(200);
    assert_eq!((&shared["owner_id"], &shared["version"]), (&Value::Null, &json!(2)));
    bob.patch(&own, json!({ "name": "Everybody's" })).await.expect(200);
    // Whoever takes it back has it.
    let taken = bob.patch(&own, json!({ "is_shared": false })).await.expect(200);
    assert_ne!(taken["created_by"], taken["owner_id"]);
    ada.get(&own).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_11_another_tenants_search_is_none_and_reading_the_log_does_not_suffice_to_save_one() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let path = saved(&admin, "Ours", true).await;
    stranger.get(&path).await.expect_problem(404, "not_found");
    stranger.get(&format!("{path}/events")).await.expect_problem(404, "not_found");
    stranger.patch(&path, json!({ "name": "Theirs" })).await.expect_problem(404, "not_found");
    stranger.delete(&path).await.expect_problem(404, "not_found");
    assert_eq!(stranger.get(SEARCHES).await.expect(200)["data"], json!([]));
    let reader = app.member_with::<markers::AuditRead>().await;
    reader.get(&path).await.expect(200);
    let body = json!({ "name": "New", "filter": DENIED });
    reader.post(SEARCHES, body).await.expect_problem(403, "permission_denied");
    reader.delete(&path).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn what_is_no_search_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let path = saved(&admin, "Ours", true).await;
    for filter in ["nothing eq 1", "action eq", "changes pr"] {
        let body = json!({ "name": "Bad", "filter": filter });
        admin.post(SEARCHES, body).await.expect_problem(400, "invalid_filter");
        admin.patch(&path, json!({ "filter": filter })).await.expect_problem(400, "invalid_filter");
    }
    let again = json!({ "name": "OURS", "filter": DENIED, "is_shared": true });
    admin.post(SEARCHES, again).await.expect_problem(409, "already_exists");
    let stale = admin.with_header("If-Match", "\"another\"");
    stale.patch(&path, json!({ "name": "Other" })).await.expect_problem(412, "version_mismatch");
    let search = admin.get(&path).await.expect(200);
    assert_eq!((&search["name"], &search["version"]), (&json!("Ours"), &json!(1)));
}

#[tokio::test]
async fn a_search_whose_events_an_alert_counts_stays_and_stays_shared() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (own, shared) = (saved(&admin, "Mine", false).await, saved(&admin, "Ours", true).await);
    let alert = |path: &str| {
        json!({ "name": "Alert", "search_id": path.rsplit('/').next(), "threshold": 1, "window_minutes": 1,
            "channel": { "kind": "mail", "to": ["soc@example.com"] } })
    };
    admin.post("/api/v2/audit/alerts", alert(&own)).await.expect_problem(400, "validation_failed");
    let made = admin.post("/api/v2/audit/alerts", alert(&shared)).await.expect(201);
    admin.delete(&shared).await.expect_problem(409, "conflict");
    admin.patch(&shared, json!({ "is_shared": false })).await.expect_problem(409, "conflict");
    admin.patch(&shared, json!({ "filter": "action pr" })).await.expect(200);
    admin.delete(&format!("/api/v2/audit/alerts/{}", made["id"].as_str().unwrap())).await.expect(204);
    admin.delete(&shared).await.expect(204);
}

#[tokio::test]
async fn what_is_somebodys_own_goes_with_them_and_what_is_shared_stays() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let bob = app.member(app.acme.id, Some(Role::Admin)).await;
    saved(&bob, "His", false).await;
    saved(&bob, "Ours", true).await;
    let me = bob.get("/api/v2/me").await.expect(200);
    admin.delete(&format!("/api/v2/users/{}", me["id"].as_str().unwrap())).await.expect(204);
    let names = "select string_agg(name, ',') from audit_searches where tenant_id = $1";
    let left: String = app.superuser.query_one(names, &[&app.acme.id.0]).await.unwrap().get(0);
    assert_eq!(left, "Ours");
}
