//! Traces as a collector gets them: by OTLP over HTTP, from the real binary.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use elder_testkit::TestDatabase;
use nix::sys::signal::Signal;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message as _;
use reqwest::Client;
use serde_json::json;

use crate::process::{OWNER, PASSWORD, Process, command, data_directory};

/// What a collector has been sent: who showed the token, and the spans.
type Collected = Arc<Mutex<Vec<(bool, Span)>>>;

/// Takes traces at the URL that it gives.
fn collector() -> (String, Collected) {
    let collected = Collected::default();
    let kept = collected.clone();
    let take = move |request: HttpRequest, body: web::Bytes| {
        let kept = kept.clone();
        async move {
            let is_known = request.headers().get("x-token").is_some_and(|token| token == "of the collector");
            let sent = ExportTraceServiceRequest::decode(body).unwrap();
            let scopes = sent.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
            let spans = scopes.flat_map(|scope| scope.spans).map(|span| (is_known, span));
            kept.lock().unwrap().extend(spans);
            HttpResponse::Ok().finish()
        }
    };
    let app = move || App::new().route("/v1/traces", web::post().to(take.clone()));
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/traces", server.addrs()[0]);
    elder_telemetry::spawn("collector", server.run());
    (url, collected)
}

fn text(span: &Span, key: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.clone()).and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{key} is {other:?} in {span:?}"),
    }
}

/// Signs in and asks for users under a trace of the caller's, then stops the node.
async fn traced_request(settings: &[(&str, &str)]) -> u16 {
    let (database, data) = (TestDatabase::create().await, data_directory());
    drop(Process::start(data.path(), Some(&database)));
    let mut serve = command(data.path(), Some(&database));
    let mut process = Process::spawn(serve.envs(settings.iter().copied()).arg("serve"));
    let (client, url) = (Client::new(), process.url.clone());
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let login = client.post(format!("{url}/api/v2/auth/login")).json(&body).send().await.unwrap();
    let token = login.json::<serde_json::Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let asked =
        client.get(format!("{url}/api/v2/users?filter=email%20eq%20%22{OWNER}%22")).bearer_auth(token);
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let status = asked.header("traceparent", traceparent).send().await.unwrap().status().as_u16();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
    status
}

#[actix_web::test]
async fn a_request_and_its_statements_are_spans_below_the_callers_own() {
    let (url, collected) = collector();
    let settings = [
        ("ELDER_TRACES__OTLP_ENDPOINT", url.as_str()),
        ("ELDER_TRACES__OTLP_HEADERS", "x-token=of the collector"),
    ];
    assert_eq!(traced_request(&settings).await, 200);
    // The last of them were sent before the process ended.
    let collected = collected.lock().unwrap();
    assert!(collected.iter().all(|(is_known, _)| *is_known));
    let trace =
        [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c];
    let ours: Vec<_> = collected.iter().map(|(_, span)| span).filter(|span| span.trace_id == trace).collect();
    let request = ours.iter().find(|span| span.name == "GET /api/v2/users");
    let request = request.unwrap_or_else(|| panic!("the request's span is not in {collected:?}"));
    assert_eq!(request.parent_span_id, [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31]);
    for (key, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/api/v2/users"),
        ("url.path", "/api/v2/users"),
        ("http.response.status_code", "200"),
        ("elder.tenant_id", "1"),
    ] {
        assert_eq!(text(request, key), value, "{key}");
    }
    assert!(!text(request, "elder.request_id").is_empty());
    let statements: Vec<_> = ours.iter().filter(|span| span.parent_span_id == request.span_id).collect();
    assert!(statements.iter().any(|span| text(span, "db.query.text").contains("portal_users")), "{ours:?}");
    let all = format!("{collected:?}");
    assert!(!all.contains(OWNER) && !all.contains(PASSWORD), "no value is told");
}

/// A webhook on this machine, and what its callers told of their traces.
fn webhook() -> (String, Arc<Mutex<Vec<Option<String>>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = told.clone();
    let take = move |request: HttpRequest| {
        let parent = request.headers().get("traceparent").map(|value| value.to_str().unwrap().to_owned());
        kept.lock().unwrap().push(parent);
        async { HttpResponse::Accepted().finish() }
    };
    let app = move || App::new().route("/secret-path", web::post().to(take.clone()));
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/secret-path", server.addrs()[0]);
    elder_telemetry::spawn("webhook", server.run());
    (url, told)
}

#[actix_web::test]
async fn a_call_of_another_server_is_a_span_that_this_server_is_told_of_and_no_path_is() {
    let ((url, collected), (hook, told)) = (collector(), webhook());
    let (database, data) = (TestDatabase::create().await, data_directory());
    drop(Process::start(data.path(), Some(&database)));
    let mut serve = command(data.path(), Some(&database));
    let settings =
        [("ELDER_TRACES__OTLP_ENDPOINT", url.as_str()), ("ELDER_OUTBOUND__ALLOW_HOSTS", "127.0.0.1")];
    let mut process = Process::spawn(serve.envs(settings).arg("serve"));
    let (client, base) = (Client::new(), process.url.clone());
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let login = client.post(format!("{base}/api/v2/auth/login")).json(&body).send().await.unwrap();
    let token = login.json::<serde_json::Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let stream = json!({ "name": "s", "target": { "kind": "webhook", "url": hook }, "secret": secret });
    let streams = format!("{base}/api/v2/audit/streams");
    let made = client.post(&streams).bearer_auth(&token).json(&stream).send().await.unwrap();
    let made = made.json::<serde_json::Value>().await.unwrap();
    let test = format!("{streams}/{}/test", made["id"].as_str().unwrap_or_else(|| panic!("{made}")));
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    let tried = client.post(test).bearer_auth(&token).header("traceparent", parent).send().await.unwrap();
    assert_eq!(tried.json::<serde_json::Value>().await.unwrap()["arrived"], true);
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait(), Some(0));
    let collected = collected.lock().unwrap();
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let ours: Vec<_> =
        collected.iter().map(|(_, span)| span).filter(|span| hex(&span.trace_id) == trace).collect();
    let call = ours.iter().find(|span| span.name == "POST").unwrap_or_else(|| panic!("{ours:?}"));
    let request = ours.iter().find(|span| span.name.starts_with("POST /api/v2/audit/streams/")).unwrap();
    assert_eq!(call.parent_span_id, request.span_id);
    assert_eq!(call.kind, 3, "a client's");
    assert_eq!(text(call, "server.address"), "127.0.0.1");
    assert_eq!(text(call, "http.response.status_code"), "202");
    let said = told.lock().unwrap().iter().flatten().find(|parent| parent.contains(trace)).cloned();
    assert_eq!(said, Some(format!("00-{trace}-{}-01", hex(&call.span_id))));
    assert!(!format!("{collected:?}").contains("secret-path"), "no path is told");
}

#[actix_web::test]
async fn without_a_sample_nothing_is_sent_and_a_collector_that_is_away_holds_nobody_up() {
    let (url, collected) = collector();
    let none = [("ELDER_TRACES__OTLP_ENDPOINT", url.as_str()), ("ELDER_TRACES__SAMPLE_PERCENT", "0")];
    assert_eq!(traced_request(&none).await, 200);
    assert!(collected.lock().unwrap().is_empty());
    let away = [("ELDER_TRACES__OTLP_ENDPOINT", "http://127.0.0.1:9/v1/traces")];
    let served = tokio::time::timeout(Duration::from_secs(30), traced_request(&away)).await;
    assert_eq!(served.expect("it ends"), 200);
}
