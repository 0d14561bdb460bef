//! Other spellings of a path, and other names of the server: neither gets round a gate or into an answer.

use std::collections::BTreeMap;

use elder_access::Role;
use elder_http::Route;
use elder_kernel::TenantId;
use elder_testkit::{Actor, Endpoint, Fixture, TestApp};

use super::wire;
use crate::guards::support::{call, endpoints, is_guarded, is_scim, rightful};

/// What may stand for a slash to a reader who decodes, normalises or cuts before another does.
const SLASHES: [&str; 14] = [
    "//",
    "/./",
    "/%2e/",
    "/x/../",
    "/x/%2e%2e/",
    "/x/..%2f",
    "/..;/",
    ";/",
    ";a=b/",
    "%2f",
    "%2F",
    "%252f",
    "%5c",
    "\\",
];

/// What may stand behind a path.
const ENDS: [&str; 16] = [
    "/",
    "//",
    "/.",
    "/..",
    "/%2e%2e",
    ";",
    ";a=b",
    "%00",
    "%00.json",
    "#fragment",
    "%23",
    "%3f",
    "?",
    ".json",
    "%20",
    "/../../../livez",
];

/// What may stand before a path.
const BEFORE: [&str; 6] = [
    "/",
    "/livez/..",
    "/api/v2/auth/login/../../../..",
    "/.well-known/jwks.json/..%2f..",
    "http://other.example",
    "/livez;",
];

/// Other ways to write a path.
fn spellings(path: &str) -> Vec<String> {
    let slashes = path
        .match_indices('/')
        .flat_map(|(at, _)| SLASHES.map(|slash| format!("{}{slash}{}", &path[..at], &path[at + 1..])));
    // The first letter of each part, encoded once and twice.
    let letters = path.match_indices('/').filter_map(|(at, _)| {
        let letter = path.as_bytes().get(at + 1)?;
        Some(["%", "%25"].map(|sign| format!("{}{sign}{letter:x}{}", &path[..=at], &path[at + 2..])))
    });
    slashes
        .chain(letters.flatten())
        .chain(ENDS.map(|end| format!("{path}{end}")))
        .chain(BEFORE.map(|before| format!("{before}{path}")))
        .chain([path.to_uppercase()])
        .collect()
}

/// For each kind of gate a route with an id in its path and one without, if there are.
fn one_of_each_kind() -> Vec<(Route, Endpoint)> {
    let mut kinds = BTreeMap::new();
    let reads = endpoints().into_iter().filter(|(route, entry)| {
        is_guarded(route)
            && entry.method == "GET"
            && entry.status == 200
            && entry.own_test.is_none()
            && entry.query.is_empty()
    });
    for (route, entry) in reads {
        let kind = (route.gate.kind, is_scim(&route), entry.path.contains('{'));
        kinds.entry(kind).or_insert((route, entry));
    }
    kinds.into_values().collect()
}

/// Somebody who is signed in and may not read the route.
async fn stranger(app: &TestApp, route: &Route, tenant: TenantId) -> Option<Actor> {
    match route.gate.kind {
        "own_account" => None,
        "global_permission" => Some(app.member(tenant, Some(Role::Admin)).await),
        _ if is_scim(route) => Some(app.member(tenant, Some(Role::Admin)).await),
        _ => Some(app.member(tenant, None).await),
    }
}

fn bearing(actor: &Actor) -> String {
    format!("authorization: Bearer {}\r\n", actor.token.as_deref().unwrap())
}

#[tokio::test]
async fn w_18_no_spelling_of_a_path_gets_round_what_stands_before_the_route() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let (mut faults, mut same) = (Vec::new(), 0);
    let routes = one_of_each_kind();
    assert!(routes.len() >= 7, "{}", routes.len());
    for (route, endpoint) in routes {
        let path = ids.path(&endpoint);
        let (good, stranger) = (rightful(&app, &route, &ids).await, stranger(&app, &route, ids.tenant).await);
        let canonical = wire::get(&app, &path, &bearing(&good)).await;
        assert_eq!(canonical.status, 200, "{path}: {}", canonical.body);
        assert_eq!(wire::get(&app, &path, "").await.status, 401, "{path}");
        for spelling in spellings(&path) {
            let anonymous = wire::get(&app, &spelling, "").await.status;
            if !matches!(anonymous, 400 | 401 | 404 | 405) {
                faults.push(format!("nobody, {spelling}: {anonymous}"));
            }
            if let Some(stranger) = &stranger {
                let status = wire::get(&app, &spelling, &bearing(stranger)).await.status;
                if !matches!(status, 400 | 401 | 403 | 404 | 405) {
                    faults.push(format!("a stranger, {spelling}: {status}"));
                }
            }
            let answer = wire::get(&app, &spelling, &bearing(&good)).await;
            same += usize::from(answer.status == 200 && answer.body == canonical.body);
            if !matches!(answer.status, 400 | 401 | 403 | 404 | 405) && answer.body != canonical.body {
                faults.push(format!("{spelling}: {} {}", answer.status, answer.body));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(same > 0, "some spellings are the path itself, as with `?` at the end");
}

/// Headers by which a proxy tells, and a stranger claims, under which name the server was asked.
const NAMES: [(&str, &str); 9] = [
    ("host", "evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-server", "evil.example"),
    ("x-host", "evil.example"),
    ("x-forwarded-proto", "evil-scheme"),
    ("x-forwarded-prefix", "/evil"),
    ("forwarded", "host=evil.example;proto=evil-scheme"),
    ("x-original-url", "/evil"),
    ("x-rewrite-url", "/evil"),
];

fn misled(actor: &Actor) -> Actor {
    NAMES.iter().fold(actor.clone(), |actor, (name, value)| actor.with_header(name, *value))
}

#[tokio::test]
async fn w_19_no_answer_repeats_a_name_of_the_server_that_nobody_configured() {
    let app = TestApp::start().await;
    let calls = endpoints().into_iter().filter(|(_, entry)| entry.own_test.is_none());
    for (number, (route, endpoint)) in calls.enumerate() {
        let ids = Fixture::create(&app, &format!("host-{number}")).await;
        let good = rightful(&app, &route, &ids).await;
        let answers = [
            call(&misled(&good), &endpoint, &ids).await,
            call(&misled(&app.guest().with_token("x")), &endpoint, &ids).await,
        ];
        assert_eq!(answers[0].status, endpoint.status, "{}: {}", answers[0].asked, answers[0].text);
        for answer in answers {
            let seen = format!("{:?} {}", answer.headers, answer.text);
            assert!(!seen.contains("evil"), "{}: {seen}", answer.asked);
        }
    }
}

#[tokio::test]
async fn w_19_what_leads_back_begins_with_the_configured_address() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let provider = misled(&provider);
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@example.com",
    });
    let made = provider.post("/scim/v2/Users", body).await;
    let location = made.header("location").to_owned();
    assert!(location.starts_with("http://elder.test/scim/v2/Users/"), "{location}");
    assert_eq!(made.expect(201)["meta"]["location"], *location);
    // The target in absolute form names a server too (RFC 9112 §3.2.2).
    let admin = app.tenant_admin().await;
    let target = "http://evil.example/api/v2/tenant";
    let answer = wire::get(&app, target, &bearing(&admin)).await;
    assert_eq!(answer.status, 200);
    assert!(!format!("{}{}", answer.head, answer.body).contains("evil"), "{}", answer.head);
}
