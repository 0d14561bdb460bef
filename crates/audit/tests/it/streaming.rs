//! Streams: the log on its way into other systems.

use std::{
    io::Write as _,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use elder_audit::{Targets, Trip, deliver_streams, seal};
use elder_crypto::WebhookKey;
use elder_kernel::Secret;
use elder_testkit::{Actor, Heard, Said, TestApp, Wire, targets};
use serde_json::{Value, json};

const STREAMS: &str = "/api/v2/audit/streams";
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub(crate) async fn happen(app: &TestApp, admin: &Actor, names: &[&str]) {
    for name in names {
        app.clock.advance(chrono::Duration::milliseconds(1));
        admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201);
    }
    seal(&app.worker, "elder.test").await.unwrap();
}

/// A target that answers with a status that may change, and remembers what it heard.
pub(crate) struct Receiver {
    pub(crate) wire: Wire,
    heard: Arc<Mutex<Vec<Heard>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let (heard, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
        let (hears, answers) = (Arc::clone(&heard), Arc::clone(&status));
        let wire = Wire::serve(move |request| {
            hears.lock().unwrap().push(request.clone());
            Said::new(answers.load(Ordering::Relaxed), &[], "{}")
        });
        Self { wire, heard, status }
    }

    pub(crate) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    /// The places of the events that were heard, in the order of hearing.
    fn places(&self) -> Vec<u64> {
        let bodies =
            self.heard().into_iter().map(|heard| serde_json::from_str::<Value>(&heard.body).unwrap());
        bodies
            .flat_map(|body| body["data"]["events"].as_array().unwrap().clone())
            .map(|event| place(&event))
            .collect()
    }
}

fn place(event: &Value) -> u64 {
    event["seq"].as_u64().unwrap()
}

fn webhook(receiver: &Receiver) -> Value {
    json!({ "name": "SIEM", "target": { "kind": "webhook", "url": receiver.wire.url() }, "secret": SECRET })
}

pub(crate) async fn set_up(admin: &Actor, body: Value) -> String {
    let stream = admin.post(STREAMS, body).await.expect(201);
    format!("{STREAMS}/{}", stream["id"].as_str().unwrap())
}

pub(crate) fn here(app: &TestApp) -> Targets {
    targets(&app.seam, Path::new("/nonexistent"))
}

#[tokio::test]
async fn what_is_sealed_from_now_on_goes_to_a_webhook_signed_and_in_order() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    happen(&app, &admin, &["Before"]).await;
    let receiver = Receiver::start();
    let path = set_up(&admin, webhook(&receiver)).await;
    happen(&app, &admin, &["One", "Two"]).await;
    happen(&app, &stranger, &["Theirs"]).await;
    assert_eq!(admin.get(&path).await.expect(200)["lag"], 3);
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 1);
    let heard = receiver.heard();
    let [one] = heard.as_slice() else { panic!("{heard:?}") };
    let (id, timestamp) = (one.header("webhook-id").unwrap(), one.header("webhook-timestamp").unwrap());
    let key = WebhookKey::parse(&Secret::new(SECRET.to_owned())).unwrap();
    let signature = key.sign(id, timestamp.parse().unwrap(), one.body.as_bytes());
    assert_eq!(one.header("webhook-signature"), Some(signature.as_str()));
    let body: Value = serde_json::from_str(&one.body).unwrap();
    let events = body["data"]["events"].as_array().unwrap();
    let actions: Vec<_> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["audit_stream.created", "organization.created", "organization.created"]);
    assert_eq!(events.iter().map(place).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((&body["data"]["from"], &body["data"]["to"]), (&json!(1), &json!(4)));
    assert!(!one.body.contains("Theirs"));
    let stream = admin.get(&path).await.expect(200);
    assert_eq!((&stream["health"], &stream["cursor"], &stream["lag"]), (&json!("ok"), &json!(4), &json!(0)));
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 0);
    assert!(receiver.heard().is_empty());
}

#[tokio::test]
async fn what_a_target_does_not_take_is_sent_again_after_growing_pauses_and_nothing_is_left_out() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, webhook(&receiver)).await;
    receiver.answers(503);
    happen(&app, &admin, &["One"]).await;
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().failed, 1);
    let first = receiver.heard();
    let stream = admin.get(&path).await.expect(200);
    assert_eq!(
        (&stream["health"], &stream["failures"], &stream["cursor"]),
        (&json!("failing"), &json!(1), &json!(0))
    );
    assert!(stream["last_error"].as_str().unwrap().contains("503"), "{stream}");
    // Its pause is not over.
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().failed, 0);
    app.clock.advance(chrono::Duration::milliseconds(1_001));
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().failed, 1);
    app.clock.advance(chrono::Duration::milliseconds(1_001));
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().failed, 0);
    receiver.heard();
    receiver.answers(204);
    happen(&app, &admin, &["Two"]).await;
    app.clock.advance(chrono::Duration::seconds(2));
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().batches, 1);
    assert_eq!(receiver.places(), [0, 1, 2]);
    let stream = admin.get(&path).await.expect(200);
    assert_eq!(
        (&stream["health"], &stream["last_error"], &stream["cursor"]),
        (&json!("ok"), &Value::Null, &json!(3))
    );
    // The same batch has the same id.
    assert_eq!(first[0].header("webhook-id").map(|id| id.ends_with("-0-2")), Some(true));
}

#[tokio::test]
async fn a_07_a_stream_sends_what_commits_late() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    set_up(&admin, webhook(&receiver)).await;
    let mut late = app.database.superuser().await;
    let open = late.transaction().await.unwrap();
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, $2, $3, 'late', 'system', 'tenant.updated', 'configuration', 'tenant', 'success')";
    open.execute(add, &[&app.acme.id.0, &app.seam.now(), &app.seam.uuid()]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(5));
    happen(&app, &admin, &["Early"]).await;
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    open.commit().await.unwrap();
    happen(&app, &admin, &["After"]).await;
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    let heard = receiver.heard();
    assert_eq!(heard.iter().filter(|heard| heard.body.contains("\"late\"")).count(), 1);
    receiver.heard.lock().unwrap().extend(heard);
    assert_eq!(receiver.places(), [0, 1, 2, 3]);
}

#[tokio::test]
async fn a_long_log_goes_in_batches_and_two_nodes_do_not_send_it_twice() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let names: Vec<_> = (0..450).map(|number| format!("Number {number}")).collect();
    happen(&app, &admin, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let receiver = Receiver::start();
    let mut body = webhook(&receiver);
    body["from_beginning"] = json!(true);
    body["filter"] = json!("resource_type eq \"organization\"");
    let path = set_up(&admin, body).await;
    let targets = here(&app);
    let (one, two) =
        tokio::join!(deliver_streams(&app.worker, &targets), deliver_streams(&app.worker, &targets));
    assert_eq!(one.unwrap().batches + two.unwrap().batches, 3);
    assert_eq!(receiver.places(), (0..450).collect::<Vec<_>>());
    // A batch of which the filter lets nothing through is not sent, and counts.
    happen(&app, &admin, &[]).await;
    app.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(deliver_streams(&app.worker, &targets).await.unwrap().batches, 1);
    assert!(receiver.heard().is_empty());
    let stream = admin.get(&path).await.expect(200);
    assert_eq!((&stream["cursor"], &stream["lag"]), (&json!(451), &json!(0)));
}

#[tokio::test]
async fn a_paused_stream_sends_nothing_and_then_what_was_sealed_meanwhile() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, webhook(&receiver)).await;
    assert_eq!(admin.patch(&path, json!({ "is_active": false })).await.expect(200)["health"], "paused");
    happen(&app, &admin, &["Meanwhile"]).await;
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    assert!(receiver.heard().is_empty());
    admin.patch(&path, json!({ "is_active": true })).await.expect(200);
    app.clock.advance(chrono::Duration::seconds(1));
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    assert_eq!(receiver.places(), [0, 1, 2]);
}

#[tokio::test]
async fn places_without_an_event_are_counted_and_do_not_stop_a_stream() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, webhook(&receiver)).await;
    happen(&app, &admin, &["One", "Two"]).await;
    let gone = "set session_replication_role = replica;
        delete from audit_logs where changes #>> '{name,after}' = 'One'; set session_replication_role = origin";
    app.superuser.batch_execute(gone).await.unwrap();
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    assert_eq!(receiver.places(), [0, 2]);
    let stream = admin.get(&path).await.expect(200);
    assert_eq!((&stream["missing"], &stream["cursor"]), (&json!(1), &json!(3)));
}

#[tokio::test]
async fn splunk_gets_one_object_an_event_with_its_time_and_the_token() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let url = format!("{}/services/collector/event", receiver.wire.url());
    let target = json!({ "kind": "splunk_hec", "url": url, "index": "audit" });
    set_up(&admin, json!({ "name": "Splunk", "target": target, "secret": "a-token" })).await;
    happen(&app, &admin, &["One"]).await;
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    let heard = receiver.heard();
    assert_eq!(heard[0].header("authorization"), Some("Splunk a-token"));
    let said: Vec<Value> = serde_json::Deserializer::from_str(&heard[0].body)
        .into_iter::<Value>()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(said.len(), 2);
    let at: chrono::DateTime<chrono::Utc> = said[1]["event"]["timestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(said[1]["time"], format!("{}.{:06}", at.timestamp(), at.timestamp_subsec_micros()));
    assert_eq!((&said[1]["index"], &said[1]["event"]["seq"]), (&json!("audit"), &json!(1)));
}

#[tokio::test]
async fn a_file_gets_a_line_an_event_and_ends_a_line_that_a_dead_node_has_left() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let folder = tempfile::tempdir().unwrap();
    let path = set_up(&admin, json!({ "name": "File", "target": { "kind": "file" } })).await;
    let id = path.rsplit('/').next().unwrap();
    happen(&app, &admin, &["One"]).await;
    let targets = targets(&app.seam, folder.path());
    deliver_streams(&app.worker, &targets).await.unwrap();
    let file = folder.path().join(app.acme.id.to_string()).join(format!("{id}.ndjson"));
    std::fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(b"{\"torn\":").unwrap();
    happen(&app, &admin, &["Two"]).await;
    deliver_streams(&app.worker, &targets).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let read: Vec<_> = text.lines().map(serde_json::from_str::<Value>).collect();
    assert_eq!(read.len(), 4);
    assert!(read[2].is_err());
    assert_eq!(place(&read.into_iter().flatten().last().unwrap()), 2);
}

#[tokio::test]
async fn a_test_says_whether_it_arrives_and_leaves_the_stream_as_it_is() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    let path = set_up(&admin, webhook(&receiver)).await;
    let before = admin.get(&path).await.expect(200);
    let test = async || admin.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(test().await, json!({ "arrived": true, "error": null }));
    assert!(receiver.heard()[0].body.contains("audit.test"));
    receiver.answers(401);
    let refused = test().await;
    assert!(
        !refused["arrived"].as_bool().unwrap() && refused["error"].as_str().unwrap().contains("401"),
        "{refused}"
    );
    let mut after = admin.get(&path).await.expect(200);
    after["lag"] = before["lag"].clone();
    assert_eq!(after, before);
}

#[tokio::test]
async fn t_34_a_stream_leads_to_no_private_place_and_without_tls_only_where_the_operator_allows() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let refused = async |target: Value, secret: Option<&str>| {
        let body = json!({ "name": "Bad", "target": target, "secret": secret });
        admin.post(STREAMS, body).await.expect_problem(400, "validation_failed");
    };
    for url in [
        "http://siem.example.com/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://a:b@siem.example.com/",
        "file:///etc/passwd",
    ] {
        refused(json!({ "kind": "webhook", "url": url }), Some(SECRET)).await;
        refused(json!({ "kind": "splunk_hec", "url": url }), Some("token")).await;
    }
    for (host, port, tls) in [
        ("10.0.0.1", 6514, true),
        ("logs.example.com", 6514, false),
        ("logs.example.com", 25, true),
        ("a/b", 6514, true),
        ("[::1]", 6514, true),
    ] {
        refused(json!({ "kind": "syslog", "host": host, "port": port, "tls": tls }), None).await;
    }
    let good = json!({ "kind": "webhook", "url": "https://siem.example.com/" });
    for secret in [None, Some(""), Some("whsec_short")] {
        refused(good.clone(), secret).await;
    }
    refused(json!({ "kind": "splunk_hec", "url": "https://s.example.com/" }), Some("a\r\nb: c")).await;
    refused(json!({ "kind": "file" }), Some("of no use")).await;
    assert_eq!(admin.get(STREAMS).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn a_secret_is_never_shown_and_does_not_follow_to_another_place() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (receiver, other) = (Receiver::start(), Receiver::start());
    let path = set_up(&admin, webhook(&receiver)).await;
    let elsewhere = json!({ "kind": "webhook", "url": other.wire.url() });
    admin.patch(&path, json!({ "target": elsewhere })).await.expect_problem(400, "validation_failed");
    let again = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let changed = admin.patch(&path, json!({ "target": elsewhere, "secret": again })).await.expect(200);
    assert_eq!((&changed["version"], &changed["target"]), (&json!(2), &elsewhere));
    happen(&app, &admin, &["One"]).await;
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    assert!(receiver.heard().is_empty());
    assert_eq!(other.places().len(), 3);
    let told = [
        admin.get(&path).await.text,
        admin.get(STREAMS).await.text,
        admin.get("/api/v2/audit/events").await.text,
    ];
    assert!(told.iter().all(|text| !text.contains("whsec_")), "{told:?}");
    let open =
        "select count(*) from audit_streams s where s::text like '%whsec%' or s::text like '%AAAAAAAA%'";
    assert_eq!(app.superuser.query_one(open, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_11_another_tenants_stream_is_none() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let receiver = Receiver::start();
    let path = set_up(&admin, webhook(&receiver)).await;
    stranger.get(&path).await.expect_problem(404, "not_found");
    stranger.patch(&path, json!({ "is_active": false })).await.expect_problem(404, "not_found");
    stranger.post(&format!("{path}/test"), json!({})).await.expect_problem(404, "not_found");
    stranger.delete(&path).await.expect_problem(404, "not_found");
    assert_eq!(stranger.get(STREAMS).await.expect(200)["data"], json!([]));
    assert!(admin.get(&path).await.expect(200)["is_active"].as_bool().unwrap());
    assert!(receiver.heard().is_empty());
    admin.post(STREAMS, webhook(&receiver)).await.expect_problem(409, "already_exists");
    let looks_on = app.member_with::<elder_access::markers::AuditStreamsRead>().await;
    looks_on.get(&path).await.expect(200);
    looks_on.delete(&path).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn whoever_counts_is_told_of_each_batch_that_went_out_and_of_none_that_did_not() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let receiver = Receiver::start();
    set_up(&admin, webhook(&receiver)).await;
    happen(&app, &admin, &["One", "Two"]).await;
    let trips = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&trips);
    let targets = here(&app).telling(move |trip| seen.lock().unwrap().push(*trip));
    let told = || {
        let trips = std::mem::take(&mut *trips.lock().unwrap());
        trips.iter().map(|trip: &Trip| (trip.kind, trip.events, trip.has_arrived)).collect::<Vec<_>>()
    };
    receiver.answers(503);
    deliver_streams(&app.worker, &targets).await.unwrap();
    assert_eq!(told(), [("webhook", 3, false)]);
    receiver.answers(200);
    app.clock.advance(chrono::Duration::seconds(5));
    deliver_streams(&app.worker, &targets).await.unwrap();
    assert_eq!(told(), [("webhook", 3, true)]);
    deliver_streams(&app.worker, &targets).await.unwrap();
    assert_eq!(told(), []);
}
