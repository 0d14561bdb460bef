//! Alerts: when they fire, who is told, and that nothing is counted twice or left out.

use std::collections::BTreeSet;

use elder_audit::{Watched, seal, watch_alerts};
use elder_crypto::WebhookKey;
use elder_kernel::Secret;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::streaming::{Receiver, SECRET, happen, here};

const ALERTS: &str = "/api/v2/audit/alerts";

/// An alert for this many new organizations within five minutes.
fn of(receiver: &Receiver, threshold: i32) -> Value {
    json!({ "name": "Organizations", "filter": "action eq \"organization.created\"", "threshold": threshold,
        "window_minutes": 5, "channel": { "kind": "webhook", "url": receiver.wire.url() }, "secret": SECRET })
}

async fn set_up(admin: &Actor, body: Value) -> String {
    let alert = admin.post(ALERTS, body).await.expect(201);
    format!("{ALERTS}/{}", alert["id"].as_str().unwrap())
}

async fn look(app: &TestApp) -> Watched {
    watch_alerts(&app.worker, &here(app)).await.unwrap()
}

async fn firings(admin: &Actor, path: &str) -> Vec<Value> {
    admin.get(&format!("{path}/firings?sort=fired_at")).await.expect(200)["data"].as_array().unwrap().clone()
}

/// What a channel was told, call after call.
fn told(receiver: &Receiver) -> Vec<Value> {
    receiver.heard().iter().map(|heard| serde_json::from_str(&heard.body).unwrap()).collect()
}

#[tokio::test]
async fn as_many_events_as_it_waits_for_fire_it_and_the_call_is_signed_and_names_them() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let receiver = Receiver::start();
    happen(&app, &admin, &["Before"]).await;
    let path = set_up(&admin, of(&receiver, 3)).await;
    happen(&app, &admin, &["One", "Two"]).await;
    happen(&app, &stranger, &["Theirs", "Theirs too"]).await;
    assert_eq!(look(&app).await.notices, 0);
    happen(&app, &admin, &["Three"]).await;
    assert_eq!(look(&app).await.notices, 1);
    let heard = receiver.heard();
    let [one] = heard.as_slice() else { panic!("{heard:?}") };
    let (id, timestamp) = (one.header("webhook-id").unwrap(), one.header("webhook-timestamp").unwrap());
    let key = WebhookKey::parse(&Secret::new(SECRET.to_owned())).unwrap();
    let signature = key.sign(id, timestamp.parse().unwrap(), one.body.as_bytes());
    assert_eq!(one.header("webhook-signature"), Some(signature.as_str()));
    let body: Value = serde_json::from_str(&one.body).unwrap();
    let firing = &body["data"]["firings"][0];
    assert_eq!(
        (&body["type"], &firing["events"], &firing["group"]),
        (&json!("audit.alert"), &json!(3), &Value::Null)
    );
    let events = "/api/v2/audit/events?sort=timestamp&filter=action%20eq%20%22organization.created%22";
    let events = admin.get(events).await.expect(200);
    let ids: Vec<_> =
        events["data"].as_array().unwrap()[1..].iter().map(|event| event["id"].clone()).collect();
    assert_eq!(firing["event_ids"], Value::Array(ids));
    let history = firings(&admin, &path).await;
    assert_eq!((history.len(), &history[0]["id"]), (1, &firing["id"]));
    assert!(history[0]["notified_at"].is_string());
    assert_eq!(app.audit_count("audit_alert.notified").await, 1);
}

#[tokio::test]
async fn what_is_further_apart_than_the_window_does_not_fire() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, of(&receiver, 2)).await;
    happen(&app, &admin, &["One"]).await;
    look(&app).await;
    app.clock.advance(chrono::Duration::minutes(5));
    happen(&app, &admin, &["Two"]).await;
    assert_eq!(look(&app).await.notices, 0);
    app.clock.advance(chrono::Duration::minutes(4));
    happen(&app, &admin, &["Three"]).await;
    assert_eq!(look(&app).await.notices, 1);
    assert_eq!(firings(&admin, &path).await[0]["events"], 2);
}

#[tokio::test]
async fn there_is_one_notice_a_window_and_what_follows_is_counted_in_the_history() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, of(&receiver, 1)).await;
    for name in ["One", "Two", "Three"] {
        app.clock.advance(chrono::Duration::minutes(1));
        happen(&app, &admin, &[name]).await;
        look(&app).await;
    }
    assert_eq!(told(&receiver).len(), 1);
    let history = firings(&admin, &path).await;
    assert_eq!((history.len(), &history[0]["events"]), (1, &json!(3)));
    assert_eq!(history[0]["event_ids"].as_array().unwrap().len(), 1);
    app.clock.advance(chrono::Duration::minutes(5));
    happen(&app, &admin, &["Four"]).await;
    assert_eq!(look(&app).await.notices, 1);
    let second = told(&receiver);
    assert_eq!(second[0]["data"]["firings"][0]["events"], 1);
    assert_eq!(firings(&admin, &path).await.len(), 2);
}

#[tokio::test]
async fn groups_count_apart_and_those_that_fire_meanwhile_are_told_of_together() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let mut body = of(&receiver, 2);
    body["group_by"] = json!("ip");
    body["filter"] = json!("correlation_id eq \"grouped\"");
    let path = set_up(&admin, body).await;
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_ip, action,
            category, resource_type, outcome)
        values ($1, $2, $3, 'grouped', 'guest', $4, 'session.refused', 'authentication', 'portal_user', 'failure')";
    let from = async |ip: &str| {
        app.clock.advance(chrono::Duration::seconds(1));
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&app.acme.id.0, &app.seam.now(), &app.seam.uuid(), &ip];
        app.superuser.execute(add, &values).await.unwrap();
        seal(&app.worker, "elder.test").await.unwrap();
        look(&app).await
    };
    assert_eq!(from("192.0.2.1").await.notices, 0);
    assert_eq!(from("192.0.2.2").await.notices, 0);
    assert_eq!(from("192.0.2.1").await.notices, 1);
    // Within the window: they wait for the next notice.
    assert_eq!(from("192.0.2.2").await.notices, 0);
    from("192.0.2.3").await;
    assert_eq!(from("192.0.2.3").await.notices, 0);
    app.clock.advance(chrono::Duration::minutes(5));
    assert_eq!(look(&app).await.notices, 1);
    let groups: Vec<Vec<Value>> = told(&receiver)
        .iter()
        .map(|body| {
            let firings = body["data"]["firings"].as_array().unwrap();
            firings.iter().map(|firing| firing["group"].clone()).collect()
        })
        .collect();
    assert_eq!(groups, [vec![json!("192.0.2.1")], vec![json!("192.0.2.2"), json!("192.0.2.3")]]);
    assert_eq!(firings(&admin, &path).await.len(), 3);
    // Addresses lie in the events alone.
    let open = "select count(*) from audit_alert_firings f where f::text like '%192.0.2%'";
    assert_eq!(app.superuser.query_one(open, &[]).await.unwrap().get::<_, i64>(0), 0);
    let marks = "select count(distinct group_key) from audit_alert_firings where group_key like '#_%'";
    let marks = async || app.superuser.query_one(marks, &[]).await.unwrap().get::<_, i64>(0);
    elder_audit::forget_firings(&app.worker).await.unwrap();
    assert_eq!(marks().await, 3);
    app.clock.advance(chrono::Duration::days(3));
    elder_audit::forget_firings(&app.worker).await.unwrap();
    assert_eq!(marks().await, 0);
    let admin = app.tenant_admin().await;
    let mut left: Vec<Value> =
        firings(&admin, &path).await.into_iter().map(|mut firing| firing["group"].take()).collect();
    left.sort_by_key(Value::to_string);
    assert_eq!(left, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
}

#[tokio::test]
async fn a_07_an_event_that_commits_late_is_counted_and_none_is_counted_twice_by_two_nodes() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let mut body = of(&receiver, 1000);
    body["filter"] = json!("correlation_id eq \"late\" or action eq \"organization.created\"");
    let path = set_up(&admin, body).await;
    let mut late = app.database.superuser().await;
    let open = late.transaction().await.unwrap();
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, $2, $3, 'late', 'system', 'tenant.updated', 'configuration', 'tenant', 'success')";
    open.execute(add, &[&app.acme.id.0, &app.seam.now(), &app.seam.uuid()]).await.unwrap();
    let names: Vec<_> = (0..20).map(|number| format!("Number {number}")).collect();
    happen(&app, &admin, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let targets = here(&app);
    let (one, two) = tokio::join!(watch_alerts(&app.worker, &targets), watch_alerts(&app.worker, &targets));
    // One more is that the alert was made.
    assert_eq!(one.unwrap().events + two.unwrap().events, 21);
    open.commit().await.unwrap();
    happen(&app, &admin, &["After"]).await;
    look(&app).await;
    let counted = "select count(*), count(distinct event_id) from audit_alert_matches";
    let row = app.superuser.query_one(counted, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (22, 22));
    let alert = admin.get(&path).await.expect(200);
    assert_eq!((&alert["cursor"], &alert["lag"]), (&json!(23), &json!(0)));
}

#[tokio::test]
async fn a_channel_that_fails_is_called_again_with_the_same_id_and_shows_its_health() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, of(&receiver, 1)).await;
    receiver.answers(503);
    happen(&app, &admin, &["One"]).await;
    assert_eq!(look(&app).await.failed, 1);
    let alert = admin.get(&path).await.expect(200);
    assert_eq!((&alert["health"], &alert["failures"]), (&json!("failing"), &json!(1)));
    assert!(alert["last_error"].as_str().unwrap().contains("503"), "{alert}");
    assert_eq!(firings(&admin, &path).await[0]["notified_at"], Value::Null);
    // Its pause is not over.
    assert_eq!(look(&app).await.failed, 0);
    let first = receiver.heard();
    receiver.answers(204);
    app.clock.advance(chrono::Duration::milliseconds(1_001));
    assert_eq!(look(&app).await.notices, 1);
    let again = receiver.heard();
    assert_eq!(first[0].header("webhook-id"), again[0].header("webhook-id"));
    let alert = admin.get(&path).await.expect(200);
    assert_eq!((&alert["health"], &alert["last_error"]), (&json!("ok"), &Value::Null));
    assert_eq!(app.audit_count("audit_alert.notified").await, 1);
}

#[tokio::test]
async fn a_paused_alert_counts_nothing_of_what_is_sealed_meanwhile() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, of(&receiver, 2)).await;
    happen(&app, &admin, &["Counted"]).await;
    look(&app).await;
    assert_eq!(admin.patch(&path, json!({ "is_active": false })).await.expect(200)["health"], "paused");
    happen(&app, &admin, &["Meanwhile", "And again"]).await;
    assert_eq!(look(&app).await, Watched::default());
    admin.patch(&path, json!({ "is_active": true })).await.expect(200);
    happen(&app, &admin, &["One"]).await;
    assert_eq!(look(&app).await.notices, 0);
    happen(&app, &admin, &["Two"]).await;
    assert_eq!(look(&app).await.notices, 1);
    assert_eq!(firings(&admin, &path).await[0]["events"], 2);
}

#[tokio::test]
async fn an_alert_that_waits_for_everything_does_not_tell_of_its_own_notices() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let mut body = of(&receiver, 1);
    body["filter"] = json!("action pr");
    set_up(&admin, body).await;
    happen(&app, &admin, &[]).await;
    assert_eq!(look(&app).await.notices, 1);
    for _ in 0..3 {
        app.clock.advance(chrono::Duration::minutes(6));
        happen(&app, &admin, &[]).await;
        assert_eq!(look(&app).await.notices, 0);
    }
}

#[tokio::test]
async fn a_mail_goes_to_each_address_and_one_that_is_given_up_shows() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body = json!({ "name": "Organizations", "filter": "action eq \"organization.created\"", "threshold": 2,
        "window_minutes": 5, "channel": { "kind": "mail", "to": ["soc@example.com", "ciso@example.com"] } });
    let path = set_up(&admin, body).await;
    happen(&app, &admin, &["One", "Two"]).await;
    assert_eq!(look(&app).await.notices, 1);
    let mails = admin.get("/api/v2/mails?sort=id").await.expect(200);
    let mails: Vec<_> =
        mails["data"].as_array().unwrap().iter().filter(|mail| mail["kind"] == "audit_alert").collect();
    let recipients: BTreeSet<_> = mails.iter().map(|mail| mail["recipient"].as_str().unwrap()).collect();
    assert_eq!(recipients, BTreeSet::from(["soc@example.com", "ciso@example.com"]));
    assert_eq!(mails[0]["subject"], "Organizations");
    assert_eq!(admin.get(&path).await.expect(200)["health"], "ok");
    let dead = "update mails set status = 'dead' where recipient = 'ciso@example.com'";
    app.superuser.batch_execute(dead).await.unwrap();
    let alert = admin.get(&path).await.expect(200);
    assert_eq!(alert["health"], "failing");
    assert!(alert["last_error"].as_str().unwrap().contains("given up"), "{alert}");
}

#[tokio::test]
async fn a_test_goes_by_the_channel_and_leaves_the_alert_as_it_is() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, of(&receiver, 2)).await;
    let before = admin.get(&path).await.expect(200);
    let test = async |path: &str| admin.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(test(&path).await, json!({ "sent": true, "error": null }));
    assert_eq!(told(&receiver)[0]["type"], "audit.alert.test");
    receiver.answers(410);
    let refused = test(&path).await;
    assert_eq!(refused["sent"], false);
    assert!(refused["error"].as_str().unwrap().contains("410"), "{refused}");
    assert_eq!(admin.get(&path).await.expect(200), before);
    let body = json!({ "name": "By mail", "filter": "action pr", "threshold": 9, "window_minutes": 1,
        "channel": { "kind": "mail", "to": ["soc@example.com"] } });
    let path = set_up(&admin, body).await;
    assert_eq!(test(&path).await["sent"], true);
    let mails = admin.get("/api/v2/mails").await.expect(200);
    assert!(
        mails["data"].as_array().unwrap().iter().any(|mail| mail["subject"] == "Test: By mail"),
        "{mails}"
    );
}

#[tokio::test]
async fn t_34_an_alert_calls_no_private_place_and_needs_what_its_channel_needs() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let refused = async |change: Value| {
        let mut body = json!({ "name": "Bad", "filter": "action pr", "threshold": 1, "window_minutes": 1,
            "channel": { "kind": "webhook", "url": "https://soc.example.com/" }, "secret": SECRET });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        admin.post(ALERTS, body).await.expect_problem(400, "validation_failed");
    };
    for url in [
        "http://soc.example.com/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
    ] {
        refused(json!({ "channel": { "kind": "webhook", "url": url } })).await;
    }
    refused(json!({ "secret": null })).await;
    refused(json!({ "secret": "whsec_short" })).await;
    refused(json!({ "channel": { "kind": "mail", "to": [] }, "secret": null })).await;
    refused(json!({ "channel": { "kind": "mail", "to": ["a@example.com"] } })).await;
    refused(json!({ "threshold": 0 })).await;
    refused(json!({ "window_minutes": 1441 })).await;
    refused(json!({ "filter": null })).await;
    refused(json!({ "search_id": "asr_00000000000000000000000000" })).await;
    assert_eq!(admin.get(ALERTS).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn a_secret_is_never_shown_and_does_not_follow_to_another_place() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (receiver, other) = (Receiver::start(), Receiver::start());
    let path = set_up(&admin, of(&receiver, 1)).await;
    let elsewhere = json!({ "kind": "webhook", "url": other.wire.url() });
    admin.patch(&path, json!({ "channel": elsewhere })).await.expect_problem(400, "validation_failed");
    let again = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    admin.patch(&path, json!({ "channel": elsewhere, "secret": again })).await.expect(200);
    happen(&app, &admin, &["One"]).await;
    assert_eq!(look(&app).await.notices, 1);
    assert!(receiver.heard().is_empty());
    assert_eq!(told(&other).len(), 1);
    let texts = [
        admin.get(&path).await.text,
        admin.get(ALERTS).await.text,
        admin.get("/api/v2/audit/events").await.text,
    ];
    assert!(texts.iter().all(|text| !text.contains("whsec_")), "{texts:?}");
    let open =
        "select count(*) from audit_alerts a where a::text like '%whsec%' or a::text like '%AAAAAAAA%'";
    assert_eq!(app.superuser.query_one(open, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_11_another_tenants_alert_is_none() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let receiver = Receiver::start();
    let path = set_up(&admin, of(&receiver, 1)).await;
    stranger.get(&path).await.expect_problem(404, "not_found");
    stranger.get(&format!("{path}/firings")).await.expect_problem(404, "not_found");
    stranger.patch(&path, json!({ "is_active": false })).await.expect_problem(404, "not_found");
    stranger.post(&format!("{path}/test"), json!({})).await.expect_problem(404, "not_found");
    stranger.delete(&path).await.expect_problem(404, "not_found");
    assert!(admin.get(&path).await.expect(200)["is_active"].as_bool().unwrap());
    assert!(receiver.heard().is_empty());
    admin.post(ALERTS, of(&receiver, 1)).await.expect_problem(409, "already_exists");
    let looks_on = app.member_with::<elder_access::markers::AuditAlertsRead>().await;
    looks_on.get(&format!("{path}/firings")).await.expect(200);
    looks_on.delete(&path).await.expect_problem(403, "permission_denied");
}
