//! Idempotency keys: no POST does twice what its caller has named once.

use elder_http::Route;
use elder_testkit::{Actor, Endpoint, Fixture, TestApp};
use reqwest::Method;
use serde_json::json;

use super::support::{call, digest, endpoints, is_guarded, rightful};

/// What an answer that is given again has in common with the first.
const SAME: [&str; 3] = ["content-type", "location", "etag"];

fn repeatable(route: &Route, endpoint: &Endpoint) -> bool {
    endpoint.method == "POST" && !endpoint.reads && endpoint.own_test.is_none() && is_guarded(route)
}

async fn named(app: &TestApp, route: &Route, ids: &Fixture) -> Actor {
    rightful(app, route, ids).await.with_header("idempotency-key", "once")
}

#[tokio::test]
async fn w_09_every_post_gives_its_first_answer_again_and_does_nothing_twice() {
    let app = TestApp::start().await;
    let (mut faults, mut seen) = (Vec::new(), 0);
    for (number, (route, endpoint)) in endpoints().iter().enumerate() {
        if !repeatable(route, endpoint) {
            continue;
        }
        seen += 1;
        let ids = Fixture::create(&app, &format!("tenant-{number}")).await;
        let actor = named(&app, route, &ids).await;
        let first = call(&actor, endpoint, &ids).await;
        assert_eq!(first.status, endpoint.status, "{}: {}", first.asked, first.text);
        assert!(first.headers.get("idempotency-replayed").is_none(), "{}", first.asked);
        let after = digest(&app).await;
        let again = call(&actor, endpoint, &ids).await;
        // Some calls end the very session or tenant that they come from.
        if again.status == 401 {
            continue;
        }
        let of = |answer: &elder_testkit::Answer| {
            let headers = SAME.map(|name| answer.headers.get(name).cloned());
            (answer.status, headers, answer.text.clone())
        };
        if of(&again) != of(&first) || again.headers.get("idempotency-replayed").is_none() {
            faults.push(format!("{}: {} {} after {}", again.asked, again.status, again.text, first.text));
        } else if digest(&app).await != after {
            faults.push(format!("{}: something changed", again.asked));
        }
    }
    assert!(seen > 25, "{seen}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn w_09_no_post_takes_the_key_of_another_request() {
    let app = TestApp::start().await;
    let (mut faults, mut seen) = (Vec::new(), 0);
    for (number, (route, endpoint)) in endpoints().iter().enumerate() {
        if !repeatable(route, endpoint) {
            continue;
        }
        let ids = Fixture::create(&app, &format!("tenant-{number}")).await;
        let actor = named(&app, route, &ids).await;
        call(&actor, endpoint, &ids).await;
        let before = digest(&app).await;
        let path = format!("{}?another=1", ids.path(endpoint));
        let body = endpoint.body.as_ref().map(|body| ids.body(body));
        let other = actor.send(Method::POST, &path, body).await;
        // Some calls end what they come from, and some routes take no parameter at all.
        if [400, 401].contains(&other.status) {
            continue;
        }
        seen += 1;
        if other.status != 422 {
            faults.push(format!("{}: {} {}", other.asked, other.status, other.text));
        } else if digest(&app).await != before {
            faults.push(format!("{}: something changed", other.asked));
        }
    }
    assert!(seen > 20, "{seen}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_before_anything_is_done() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let before = digest(&app).await;
    for key in ["", &"a".repeat(256)] {
        let answer = admin
            .with_header("idempotency-key", key)
            .post("/api/v2/users", json!({ "email": "ana@acme.com" }))
            .await;
        answer.expect_problem(400, "invalid_parameter");
        let nobody = app.guest().with_header("idempotency-key", key);
        nobody.post("/api/v2/users", json!({})).await.expect_problem(401, "unauthenticated");
    }
    assert_eq!(digest(&app).await, before);
}
