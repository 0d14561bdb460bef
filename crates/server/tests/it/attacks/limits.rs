//! Requests that are too large, too deep or ambiguous: refused quickly, and the server lives on.

use std::time::Instant;

use elder_http::DEFAULT_BODY_LIMIT;
use elder_testkit::{Actor, Answer, Fixture, TestApp};
use reqwest::Method;
use serde_json::Value;

use super::wire::{self, QUICKLY};
use crate::guards::{
    malformed::{Faults, Target},
    support::digest,
};

/// Most lines that a request's head may have.
const MOST_HEADERS: usize = 96;

/// What a compressed body claims to be compressed with.
const ENCODINGS: [&str; 6] = ["gzip", "GZIP", "br", "deflate", "gzip, gzip", "unheard-of"];

/// A role's body of so many bytes.
fn role_of(bytes: usize) -> Vec<u8> {
    let mut body = br#"{"name":"padded","tier":"tenant","permissions":["users:read"]}"#.to_vec();
    body.resize(bytes, b' ');
    body
}

async fn post(actor: &Actor, path: &str, body: Vec<u8>) -> Answer {
    let started = Instant::now();
    let answer = actor.send_bytes(Method::POST, path, "application/json", Some(body)).await;
    assert!(started.elapsed() < QUICKLY, "{}: {:?}", answer.asked, started.elapsed());
    answer
}

#[tokio::test]
async fn w_12_a_body_of_one_byte_too_many_is_refused_however_it_is_sent() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    post(&admin, "/api/v2/roles", role_of(DEFAULT_BODY_LIMIT)).await.expect(201);
    let large = role_of(DEFAULT_BODY_LIMIT + 1);
    post(&admin, "/api/v2/roles", large.clone()).await.expect_problem(413, "payload_too_large");
    let token = admin.token.unwrap();
    let head = |more: &str| {
        format!(
            "POST /api/v2/roles HTTP/1.1\r\nhost: elder.test\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\n{more}\r\n\r\n"
        )
    };
    let chunk = format!("{:x}\r\n", large.len());
    let chunked =
        [head("transfer-encoding: chunked").as_bytes(), chunk.as_bytes(), &large, b"\r\n0\r\n\r\n"].concat();
    assert_eq!(wire::exchange(&app, chunked).await.status, 413, "its length is not told before");
    for (length, status) in
        [("10737418240", 413), ("99999999999999999999999", 400), ("-1", 400), ("1e9", 400)]
    {
        let told = wire::exchange(&app, head(&format!("content-length: {length}"))).await;
        assert_eq!(told.status, status, "{length}");
    }
    admin_lives(&app).await;
}

async fn admin_lives(app: &TestApp) {
    app.tenant_admin().await.get("/api/v2/tenant").await.expect(200);
}

#[tokio::test]
async fn w_12_a_head_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    // Host and Connection are there already.
    let lines =
        |count: usize| (2..count).map(|number| format!("x-{number}: x\r\n")).collect::<Vec<_>>().concat();
    assert_eq!(wire::get(&app, "/livez", &lines(MOST_HEADERS)).await.status, 200);
    assert_eq!(wire::get(&app, "/livez", &lines(MOST_HEADERS + 1)).await.status, 431);
    assert_eq!(wire::get(&app, "/livez", &lines(1_000)).await.status, 431);
    let long = format!("x-long: {}\r\n", "x".repeat(1 << 18));
    assert_eq!(wire::get(&app, "/livez", &long).await.status, 431);
    let query = |bytes: usize| format!("/livez?{}", "x".repeat(bytes));
    assert_eq!(wire::get(&app, &query(60_000), "").await.status, 200);
    assert_eq!(wire::get(&app, &query(1 << 16), "").await.status, 400);
    admin_lives(&app).await;
}

/// What it is, a field of a body, and how it is refused.
fn ambiguous() -> [(&'static str, String, &'static str, Option<&'static str>); 9] {
    let deep = format!("{}0{}", "[".repeat(1_000), "]".repeat(1_000));
    let digits = "9".repeat(400);
    let (syntax, value) =
        (("malformed_json", Some("invalidSyntax")), ("validation_failed", Some("invalidValue")));
    [
        ("twice", r#""surprise":1,"surprise":2"#.to_owned(), value),
        ("twice, within", r#""surprise":[{"x":1,"y":{"z":1,"z":1}}]"#.to_owned(), value),
        ("twice, escaped", r#""surprise":{"x":1,"\u0078":2}"#.to_owned(), value),
        ("deep", format!(r#""surprise":{deep}"#), syntax),
        ("a huge number", r#""surprise":1e999"#.to_owned(), syntax),
        ("a long number", format!(r#""surprise":{digits}"#), syntax),
        ("NaN", r#""surprise":NaN"#.to_owned(), syntax),
        ("a lone surrogate", r#""surprise":"\ud800""#.to_owned(), syntax),
        ("a lone surrogate in a name", r#""\udfff":1"#.to_owned(), syntax),
    ]
    .map(|(what, field, (code, scim_type))| (what, field, code, scim_type))
}

#[tokio::test]
async fn w_12_json_that_two_readers_may_understand_differently_is_refused_by_every_route_that_takes_a_body() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let targets = Target::all(&app, &ids).await;
    let before = digest(&app).await;
    let mut faults = Faults::default();
    for target in &targets {
        let good = target.good.to_string();
        let own = target.good.as_object().and_then(|fields| fields.iter().next());
        let own = own.map(|(name, value)| ("its own twice", format!("{name:?}:{value}")));
        let own = own.map(|(what, field)| (what, field, "validation_failed", Some("invalidValue")));
        for (what, field, code, scim_type) in ambiguous().into_iter().chain(own) {
            let comma = if target.good == Value::Object(serde_json::Map::new()) { "" } else { "," };
            let started = Instant::now();
            let body = format!("{{{field}{comma}{}", &good[1..]);
            let answer = target.send("application/json", body.as_bytes()).await;
            faults.expect(what, target.refuses(&answer, 400, code, scim_type), &answer);
            faults.expect("slow", started.elapsed() < QUICKLY, &answer);
        }
    }
    faults.none();
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn w_12_a_million_names_are_refused_or_read_quickly() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let names =
        |count: usize| (0..count).map(|number| format!("\"{number:x}\":0,")).collect::<Vec<_>>().concat();
    let batch = format!(r#"{{{}"atomic":true,"operations":[]}}"#, names(850_000));
    assert!(batch.len() < 10 << 20, "{}", batch.len());
    post(&admin, "/api/v2/roles/batch", batch.into_bytes()).await.expect_problem(400, "unknown_field");
    let role = format!(r#"{{{}"name":"x"}}"#, names(90_000));
    assert!(role.len() < DEFAULT_BODY_LIMIT, "{}", role.len());
    post(&admin, "/api/v2/roles", role.into_bytes()).await.expect_problem(400, "unknown_field");
    let (_, provider) = app.directory().await;
    let user = format!(
        r#"{{{}"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann@example.com"}}"#,
        names(80_000)
    );
    // SCIM reads over what it does not know.
    post(&provider, "/scim/v2/Users", user.into_bytes()).await.expect(201);
    admin_lives(&app).await;
}

#[tokio::test]
async fn w_16_a_compressed_body_is_refused_by_every_route_that_takes_a_body() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let mut targets = Target::all(&app, &ids).await;
    let before = digest(&app).await;
    let mut faults = Faults::default();
    for target in &mut targets {
        let good = target.good.to_string();
        let actor = target.actor.clone();
        for encoding in ENCODINGS {
            target.actor = actor.with_header("content-encoding", encoding);
            let answer = target.send("application/json", good.as_bytes()).await;
            let refused = target.refuses(&answer, 415, "unsupported_media_type", None);
            faults.expect(encoding, refused, &answer);
        }
    }
    faults.none();
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

#[tokio::test]
async fn w_16_a_body_that_is_said_not_to_be_compressed_is_read() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await.with_header("content-encoding", "identity");
    post(&admin, "/api/v2/roles", role_of(100)).await.expect(201);
    let token = admin.token.unwrap();
    // A transfer coding that would have to be unpacked (RFC 9112 §7).
    let packed = format!(
        "POST /api/v2/roles HTTP/1.1\r\nhost: elder.test\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ntransfer-encoding: gzip, chunked\r\n\r\n5\r\n\x1f\u{8}abc\r\n0\r\n\r\n"
    );
    assert_eq!(wire::exchange(&app, packed).await.status, 400);
}
