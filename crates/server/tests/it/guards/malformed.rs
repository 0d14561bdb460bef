//! Broken, oversized and overreaching requests: refused by name, never a fault of the server, and nothing changes.

use elder_http::Route;
use elder_testkit::{Actor, Answer, Endpoint, Fixture, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{call, digest, endpoints, expect_documented, is_scim, provider, rightful};

/// Fields that only the server sets; a body that names one it does not have is refused (mass assignment).
const NOT_THEIRS: [&str; 7] =
    ["id", "tenant_id", "verified", "managed_by", "created_at", "is_admin", "email_verified"];

/// Fields that would give more rights; the second is an admin's to set, and no directory's.
const ROLES: [&str; 2] = ["global_role", "tenant_role"];

/// Texts that are no id of any kind.
const NO_IDS: [&str; 6] =
    ["1", "usr_", "zzz_01h455vb4pex5vsknk084sn02q", "%00", "..%2f..", "usr_01H455VB4PEX5VSKNK084SN02Q"];

/// One route that takes a body, and somebody who may call it.
pub(crate) struct Target {
    pub(crate) route: Route,
    endpoint: Endpoint,
    pub(crate) actor: Actor,
    path: String,
    pub(crate) good: Value,
}

impl Target {
    /// Every route that takes a body.
    pub(crate) async fn all(app: &TestApp, ids: &Fixture) -> Vec<Self> {
        let mut targets = Vec::new();
        for (route, endpoint) in endpoints() {
            let Some(body) = &endpoint.body else { continue };
            let actor = rightful(app, &route, ids).await;
            targets.push(Self { actor, path: ids.path(&endpoint), good: ids.body(body), route, endpoint });
        }
        assert!(targets.len() > 20);
        targets
    }

    pub(crate) async fn send(&self, media_type: &str, bytes: &[u8]) -> Answer {
        let method = Method::from_bytes(self.endpoint.method.as_bytes()).unwrap();
        let answer = self.actor.send_bytes(method, &self.path, media_type, Some(bytes.to_vec())).await;
        expect_documented(&self.endpoint, &answer);
        answer
    }

    async fn send_json(&self, body: &Value) -> Answer {
        self.send("application/json", &serde_json::to_vec(body).unwrap()).await
    }

    /// The good body with one more field.
    fn with_field(&self, name: &str) -> Value {
        let mut body = self.good.clone();
        body.as_object_mut().unwrap().insert(name.to_owned(), json!("x"));
        body
    }

    /// Whether the answer is this refusal, in the words of the route's protocol.
    pub(crate) fn refuses(&self, answer: &Answer, status: u16, code: &str, scim_type: Option<&str>) -> bool {
        let said = if is_scim(&self.route) {
            scim_type.is_none() || answer.body["scimType"].as_str() == scim_type
        } else {
            answer.body["code"] == code
        };
        answer.status == status && said
    }
}

/// What was sent, and the refusals that did not come.
#[derive(Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    pub(crate) fn expect(&mut self, what: &str, good: bool, answer: &Answer) {
        if !good {
            self.0.push(format!("{what}: {}: {} {}", answer.asked, answer.status, answer.text));
        }
    }

    #[track_caller]
    pub(crate) fn none(self) {
        assert!(self.0.is_empty(), "{} faults:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// What it is, its media type, its bytes, and how REST and SCIM refuse it.
type Broken<'a> = (&'a str, &'a str, &'a [u8], u16, &'a str, Option<&'a str>);

#[tokio::test]
async fn a_body_that_is_no_good_json_is_refused_by_every_route_that_takes_one() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let targets = Target::all(&app, &ids).await;
    let before = digest(&app).await;
    let mut faults = Faults::default();
    let huge = |bytes| format!(r#"{{"x":"{}"}}"#, "x".repeat(bytes));
    let (huge, huge_batch) = (huge(1 << 20), huge(10 << 20));
    for target in &targets {
        let huge = if target.endpoint.path.ends_with("/batch") { &huge_batch } else { &huge };
        let good = target.good.to_string();
        let cut = &good.as_bytes()[..good.len() - 1];
        let twice = good.repeat(2);
        let broken: [Broken<'_>; 7] = [
            ("broken", "application/json", cut, 400, "malformed_json", Some("invalidSyntax")),
            (
                "two values",
                "application/json",
                twice.as_bytes(),
                400,
                "malformed_json",
                Some("invalidSyntax"),
            ),
            (
                "no UTF-8",
                "application/json",
                b"{\"name\":\"\xff\"}",
                400,
                "malformed_json",
                Some("invalidSyntax"),
            ),
            ("wrong type", "application/json", b"\"text\"", 400, "validation_failed", None),
            ("a list", "application/json", b"[]", 400, "validation_failed", None),
            ("too large", "application/json", huge.as_bytes(), 413, "payload_too_large", None),
            ("a form", "application/x-www-form-urlencoded", b"name=x", 415, "unsupported_media_type", None),
        ];
        for (what, media_type, bytes, status, code, scim_type) in broken {
            let answer = target.send(media_type, bytes).await;
            faults.expect(what, target.refuses(&answer, status, code, scim_type), &answer);
        }
        let answer = target.send_json(&nul(&target.good)).await;
        faults.expect("NUL", target.refuses(&answer, 400, "validation_failed", None), &answer);
    }
    faults.none();
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

/// The body with the character U+0000 in every text.
fn nul(body: &Value) -> Value {
    match body {
        Value::Object(fields) => {
            let mut fields: serde_json::Map<_, _> =
                fields.iter().map(|(name, value)| (name.clone(), nul(value))).collect();
            fields.insert("\0".to_owned(), json!("\0"));
            Value::Object(fields)
        }
        Value::String(text) => json!(format!("{text}\0")),
        other => other.clone(),
    }
}

/// The good case before the refusals, each in a tenant of its own: without more fields every body does.
async fn good_bodies_work(app: &TestApp) {
    let bodies =
        endpoints().into_iter().filter(|(_, entry)| entry.body.is_some() && entry.own_test.is_none());
    for (number, (route, endpoint)) in bodies.enumerate() {
        let ids = Fixture::create(app, &format!("good-{number}")).await;
        let answer = call(&rightful(app, &route, &ids).await, &endpoint, &ids).await;
        assert_eq!(answer.status, endpoint.status, "{}: {}", answer.asked, answer.text);
    }
}

#[tokio::test]
async fn w_05_no_body_takes_a_field_that_is_not_its_own() {
    let app = TestApp::start().await;
    good_bodies_work(&app).await;
    let ids = Fixture::create(&app, "target").await;
    let targets = Target::all(&app, &ids).await;
    let before = digest(&app).await;
    let mut faults = Faults::default();
    for target in targets.iter().filter(|target| !is_scim(&target.route)) {
        for field in NOT_THEIRS.into_iter().chain(["global_role", "surprise"]) {
            if target.good.get(field).is_none() {
                let answer = target.send_json(&target.with_field(field)).await;
                faults.expect(field, target.refuses(&answer, 400, "unknown_field", None), &answer);
            }
        }
    }
    faults.none();
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

/// SCIM ignores what is not the client's to set (RFC 7644 §3.3, §3.5.1): the answer and what is stored are as without it.
#[tokio::test]
async fn w_05_a_provider_sets_no_field_that_is_not_its_own() {
    let app = TestApp::start().await;
    let bodies = endpoints().into_iter().filter(|(route, entry)| is_scim(route) && entry.body.is_some());
    for (number, (_, endpoint)) in bodies.enumerate() {
        let (good, bad) = (format!("good-{number}"), format!("bad-{number}"));
        let good = push(&app, &endpoint, &good, &[]).await;
        let bad = push(&app, &endpoint, &bad, &[("overreach", &NOT_THEIRS), ("admin", &ROLES)]).await;
        assert_eq!(good, bad, "{} {}", endpoint.method, endpoint.path);
    }
    let traces = "select count(*) from scim_users s join portal_users u on (u.tenant_id, u.id) = (s.tenant_id, s.user_id)
        where (s::text || u::text) like '%overreach%' or u.global_role is not null or u.tenant_role is not null
        or u.email_verified";
    assert_eq!(app.superuser.query_one(traces, &[]).await.unwrap().get::<_, i64>(0), 0);
    let traces = "select count(*) from scim_groups g where g::text like '%overreach%'";
    assert_eq!(app.superuser.query_one(traces, &[]).await.unwrap().get::<_, i64>(0), 0);
    let pushed = "select count(*) from scim_users where resource ->> 'displayName' = 'New'";
    assert_eq!(app.superuser.query_one(pushed, &[]).await.unwrap().get::<_, i64>(0), 16);
}

/// Sends a directory's good body with more fields; gives the names of all that the answer has.
async fn push(app: &TestApp, endpoint: &Endpoint, tenant: &str, more: &[(&str, &[&str])]) -> Vec<String> {
    let ids = Fixture::create(app, tenant).await;
    let mut body = ids.body(endpoint.body.as_ref().unwrap());
    for (value, fields) in more {
        for field in *fields {
            body[*field] = json!(value);
        }
    }
    let method = Method::from_bytes(endpoint.method.as_bytes()).unwrap();
    let answer = provider(app, &ids).await.send(method, &ids.path(endpoint), Some(body)).await;
    assert_eq!(answer.status, endpoint.status, "{}: {}", answer.asked, answer.text);
    let mut names = Vec::new();
    names_of(&answer.body, &mut names);
    names
}

fn names_of(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.push(name.clone());
                names_of(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names_of(item, names)),
        _ => {}
    }
}

#[tokio::test]
async fn every_typed_id_of_a_path_is_refused_if_it_has_a_wrong_form() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let mut calls = Vec::new();
    for (route, endpoint) in endpoints() {
        if !is_scim(&route) && endpoint.path.contains("id}") {
            calls.push((rightful(&app, &route, &ids).await, endpoint));
        }
    }
    let before = digest(&app).await;
    let mut faults = Faults::default();
    for (actor, endpoint) in &calls {
        let path = ids.path(endpoint);
        let typed = endpoint.path.split('/').enumerate().filter(|(_, part)| part.ends_with("id}"));
        for (place, _) in typed {
            for wrong in NO_IDS {
                let mut parts: Vec<&str> = path.split('/').collect();
                parts[place] = wrong;
                let method = Method::from_bytes(endpoint.method.as_bytes()).unwrap();
                let body = endpoint.body.as_ref().map(|body| ids.body(body));
                let answer = actor.send(method, &parts.join("/"), body).await;
                let refused = answer.status == 400 && answer.body["code"] == "invalid_id";
                faults.expect("id", refused, &answer);
            }
        }
    }
    faults.none();
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}
