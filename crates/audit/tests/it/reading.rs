//! Events as they are read.

use elder_access::{Role, markers};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const EVENTS: &str = "/api/v2/audit/events";

async fn named(admin: &Actor, name: &str) -> Value {
    admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201)
}

fn actions(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_admin_reads_what_was_done_the_newest_first_and_nobody_below() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await.with_header("user-agent", "a test");
    let made = named(&admin, "Sales").await;
    app.clock.advance(chrono::Duration::seconds(1));
    admin.delete(&format!("/api/v2/organizations/{}", made["id"].as_str().unwrap())).await.expect(204);
    let page = admin.get(EVENTS).await.expect(200);
    assert_eq!(actions(&page), ["organization.deleted", "organization.created"]);
    let event = &page["data"][1];
    assert_eq!(event["resource_id"], made["id"]);
    assert_eq!(event["actor_user_id"], json!(admin.user));
    assert_eq!((&event["outcome"], &event["category"]), (&json!("success"), &json!("data_change")));
    assert_eq!(event["changes"]["name"]["after"], "Sales");
    assert_eq!(event["actor_user_agent"], "a test");
    let id = event["id"].as_str().unwrap();
    assert_eq!(admin.get(&format!("{EVENTS}/{id}")).await.expect(200), *event);
    let auditor = app.member_with::<markers::AuditRead>().await;
    auditor.get(EVENTS).await.expect(200);
    for role in [Some(Role::Maintainer), Some(Role::Reader), None] {
        let other = app.member(app.acme.id, role).await;
        other.get(EVENTS).await.expect_problem(403, "permission_denied");
    }
    let in_organization = app.organization_member(app.acme.root, Role::Admin).await;
    in_organization.get(EVENTS).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_11_another_tenants_event_is_none() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    named(&admin, "Sales").await;
    elder_audit::seal(&app.worker, "elder.test").await.unwrap();
    let page = admin.get(EVENTS).await.expect(200);
    let path = format!("{EVENTS}/{}", page["data"][0]["id"].as_str().unwrap());
    admin.get(&path).await.expect(200);
    admin.get(&format!("{path}/proof")).await.expect(200);
    stranger.get(&path).await.expect_problem(404, "not_found");
    stranger.get(&format!("{path}/proof")).await.expect_problem(404, "not_found");
    stranger.get("/api/v2/audit/checkpoints/consistency?from=1&to=1").await.expect_problem(404, "not_found");
    assert_eq!(stranger.get(EVENTS).await.expect(200)["data"], json!([]));
    assert_eq!(stranger.get("/api/v2/audit/checkpoints").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn events_are_filtered_by_actor_action_resource_and_time_and_read_in_pages() {
    let app = TestApp::start().await;
    let (one, two) = (app.tenant_admin().await, app.tenant_admin().await);
    for number in 0..3 {
        named(&one, &format!("One {number}")).await;
        app.clock.advance(chrono::Duration::minutes(1));
    }
    let theirs = named(&two, "Two").await;
    let path = format!("/api/v2/organizations/{}", theirs["id"].as_str().unwrap());
    app.clock.advance(chrono::Duration::seconds(1));
    two.patch(&path, json!({ "name": "Three" })).await.expect(200);
    let found = async |filter: String| {
        let query = [("filter", filter.as_str())];
        let query: String = encoded(&query);
        let page = one.get(&format!("{EVENTS}?{query}")).await.expect(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(found(format!("actor_user_id eq \"{}\"", one.user.unwrap())).await, 3);
    assert_eq!(found(format!("resource_id eq {}", theirs["id"])).await, 2);
    assert_eq!(found("action eq \"organization.updated\"".to_owned()).await, 1);
    assert_eq!(found("category eq \"data_change\" and outcome eq \"success\"".to_owned()).await, 5);
    let since = app.seam.now() - chrono::Duration::seconds(90);
    assert_eq!(found(format!("timestamp ge \"{}\"", since.to_rfc3339())).await, 3);
    let mut seen = Vec::new();
    let mut next = format!("{EVENTS}?limit=2&fields=action");
    loop {
        let page = one.get(&next).await.expect(200);
        seen.extend(page["data"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("{EVENTS}?limit=2&fields=action&cursor={cursor}");
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[0]["action"], "organization.updated");
    assert_eq!(seen[0].as_object().unwrap().len(), 2, "{}", seen[0]);
    let bad = one.get(&format!("{EVENTS}?filter=changes%20pr")).await;
    bad.expect_problem(400, "invalid_filter");
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[tokio::test]
async fn operators_read_the_events_of_all_tenants_and_support_does_not() {
    let app = TestApp::start().await;
    named(&app.tenant_admin().await, "Sales").await;
    named(&app.other_tenant().await, "Sales").await;
    let all = "/api/v2/global/audit/events";
    let page = app.operator().await.get(all).await.expect(200);
    let tenants: Vec<_> = page["data"].as_array().unwrap().iter().map(|event| &event["tenant_id"]).collect();
    assert!(tenants.contains(&&json!(app.acme.id)) && tenants.contains(&&json!(app.globex.id)), "{page}");
    let filter = format!("{all}?filter=tenant_id%20eq%20{}", app.acme.id);
    let page = app.operator().await.get(&filter).await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    app.support().await.get(all).await.expect_problem(403, "permission_denied");
    app.tenant_admin().await.get(all).await.expect_problem(403, "permission_denied");
}

/// An event that says this.
async fn said(app: &TestApp, tenant: elder_kernel::TenantId, action: &str, reason: &str, metadata: Value) {
    app.clock.advance(chrono::Duration::milliseconds(1));
    let category = if action == "api.called" { "api_access" } else { "data_change" };
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, resource_id, reason, outcome, metadata)
        values ($1, $2, $3, 'c', 'system', $4, $5, 'portal_user', 'usr_01h455vb4pex5vsknk084sn02q', $6, 'success', $7)";
    let (now, id) = (app.seam.now(), app.seam.uuid());
    app.superuser
        .execute(add, &[&tenant.0, &now, &id, &action, &category, &reason, &metadata])
        .await
        .unwrap();
}

async fn with_words(admin: &Actor, query: &str) -> Vec<String> {
    let page = admin.get(&format!("{EVENTS}?{query}")).await.expect(200);
    let reason = |event: &Value| event["reason"].as_str().unwrap_or_default().to_owned();
    page["data"].as_array().unwrap().iter().map(reason).collect()
}

#[tokio::test]
async fn words_find_events_that_have_all_of_them_whole_and_in_any_case() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    said(&app, app.acme.id, "portal_user.deleted", "Ticket 4711: left", json!({ "by": "Grace Hopper" }))
        .await;
    said(&app, app.acme.id, "portal_user.updated", "Ticket 4712", json!({ "email": "ada@example.com" }))
        .await;
    said(&app, app.acme.id, "api.called", "ticket of a call", json!({})).await;
    said(&app, app.globex.id, "portal_user.deleted", "Ticket of theirs", json!({})).await;
    for (words, found) in [
        ("ticket", &["Ticket 4712", "Ticket 4711: left"][..]),
        ("TICKET+4711", &["Ticket 4711: left"]),
        ("deleted", &["Ticket 4711: left"]),
        ("portal_user.deleted", &["Ticket 4711: left"]),
        ("hopper+left", &["Ticket 4711: left"]),
        ("ada%40example.com", &["Ticket 4712"]),
        ("usr_01h455vb4pex5vsknk084sn02q+4712", &["Ticket 4712"]),
        ("tick", &[]),
        ("ticket+4711+4712", &[]),
        ("theirs", &[]),
        ("--", &[]),
    ] {
        assert_eq!(with_words(&admin, &format!("q={words}")).await, found, "{words}");
    }
    let filtered = "q=ticket&filter=action%20eq%20%22portal_user.updated%22";
    assert_eq!(with_words(&admin, filtered).await, ["Ticket 4712"]);
    let first = admin.get(&format!("{EVENTS}?q=ticket&limit=1&include_total=true")).await.expect(200);
    assert_eq!(first["total"], 2);
    let next =
        format!("q=ticket&limit=1&include_total=true&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(with_words(&admin, &next).await, ["Ticket 4711: left"]);
    admin.get(&format!("{EVENTS}?q=")).await.expect_problem(400, "invalid_parameter");
}

#[tokio::test]
async fn an_event_is_written_however_long_its_words_are() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let long = "x".repeat(100_000);
    said(&app, app.acme.id, "portal_user.deleted", &long, json!({ "blob": "ü".repeat(5_000) })).await;
    said(&app, app.acme.id, "portal_user.deleted", &"ü".repeat(500), json!({})).await;
    let found = with_words(&admin, &format!("q={}", "x".repeat(200))).await;
    assert_eq!(found, [long]);
}

#[tokio::test]
async fn words_that_too_many_events_have_need_a_range_of_time() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        select $1, $2::timestamptz - n * interval '1 second', gen_random_uuid(), 'c', 'system', 'tenant.updated',
            'configuration', 'tenant', 'success' from generate_series(1, 10001) n";
    let now = app.seam.now();
    app.superuser.execute(add, &[&app.acme.id.0, &now]).await.unwrap();
    let problem = admin.get(&format!("{EVENTS}?q=updated")).await;
    problem.expect_problem(400, "invalid_parameter");
    let since = (now - chrono::Duration::seconds(5)).format("%Y-%m-%dT%H:%M:%SZ");
    let narrow = format!("q=updated&include_total=true&filter=timestamp%20ge%20%22{since}%22");
    assert_eq!(admin.get(&format!("{EVENTS}?{narrow}")).await.expect(200)["total"], 5);
}
