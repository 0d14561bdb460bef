//! Entity tags: every change can be bound to the state that the caller knows, and every resource is sent once.

use elder_access::Role;
use elder_http::Route;
use elder_testkit::{Actor, Endpoint, Fixture, TestApp};

use super::support::{call, digest, endpoints, is_guarded, is_scim, rightful};

/// Somebody who may read and change whatever the route is about.
async fn master(app: &TestApp, route: &Route, ids: &Fixture) -> Actor {
    match route.gate.kind {
        "permission" => app.member(ids.tenant, Some(Role::Admin)).await,
        _ => rightful(app, route, ids).await,
    }
}

fn changes(route: &Route, endpoint: &Endpoint) -> bool {
    let writes = endpoint.method != "GET" && !endpoint.reads && endpoint.own_test.is_none();
    writes && is_guarded(route) && !is_scim(route)
}

#[tokio::test]
async fn no_route_changes_what_is_not_as_the_caller_believes() {
    let app = TestApp::start().await;
    let mut faults = Vec::new();
    for (number, (route, endpoint)) in endpoints().iter().enumerate() {
        if !changes(route, endpoint) {
            continue;
        }
        let ids = Fixture::create(&app, &format!("tenant-{number}")).await;
        let actor = rightful(&app, route, &ids).await.with_header("if-match", "\"stale\"");
        let before = digest(&app).await;
        let answer = call(&actor, endpoint, &ids).await;
        if answer.status != 412 || answer.body["code"] != "version_mismatch" {
            faults.push(format!("{}: {} {}", answer.asked, answer.status, answer.text));
        } else if digest(&app).await != before {
            faults.push(format!("{}: something changed", answer.asked));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn a_tag_that_was_read_opens_the_change_and_spares_the_next_reading() {
    let app = TestApp::start().await;
    let (endpoints, mut pairs) = (endpoints(), 0);
    for (number, (route, endpoint)) in endpoints.iter().enumerate() {
        let reads = |(other, _): &&(Route, Endpoint)| other.path == route.path && other.method == "GET";
        let Some((_, reading)) = endpoints.iter().find(reads) else { continue };
        if !changes(route, endpoint) || endpoint.method == "POST" {
            continue;
        }
        let ids = Fixture::create(&app, &format!("tenant-{number}")).await;
        let actor = master(&app, route, &ids).await;
        let read = call(&actor, reading, &ids).await;
        let tag = read.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{}: no tag", read.asked);
        let again = call(&actor.with_header("if-none-match", tag.clone()), reading, &ids).await;
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
        let changed = call(&actor.with_header("if-match", tag), endpoint, &ids).await;
        assert_eq!(changed.status, endpoint.status, "{}: {}", changed.asked, changed.text);
        pairs += 1;
    }
    assert!(pairs >= 14, "{pairs}");
}
