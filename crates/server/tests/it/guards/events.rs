//! The declared permission suffices, and every change leaves exactly one audit event and one outbox event.

use chrono::Duration;
use elder_testkit::{Endpoint, Fixture, TestApp};

use super::support::{call, endpoints, rightful};

async fn events_of(app: &TestApp, request_id: &str) -> (i64, i64) {
    let count = "select count(*) from audit_logs where correlation_id = $1";
    let audit: i64 = app.superuser.query_one(count, &[&request_id]).await.unwrap().get(0);
    let outbox = "select count(*) from outbox o join audit_logs a
        on a.tenant_id = o.tenant_id and a.timestamp = o.time and o.type = 'elder.' || a.action
       and o.subject is not distinct from a.resource_id where a.correlation_id = $1";
    (audit, app.superuser.query_one(outbox, &[&request_id]).await.unwrap().get(0))
}

#[tokio::test]
async fn w_01_the_declared_permission_suffices_and_a_change_leaves_one_event_of_each_kind() {
    let app = TestApp::start().await;
    let mut faults = Vec::new();
    for (number, (route, endpoint)) in endpoints().iter().enumerate() {
        if endpoint.own_test.is_some() {
            continue;
        }
        // An outbox event is found by its time.
        app.clock.advance(Duration::seconds(1));
        let ids = Fixture::create(&app, &format!("tenant-{number}")).await;
        let request_id = format!("guard-{number}");
        let actor = rightful(&app, route, &ids).await.with_header("x-request-id", request_id.clone());
        let answer = call(&actor, endpoint, &ids).await;
        if answer.status != endpoint.status {
            faults.push(format!(
                "{}: {} instead of {}: {}",
                answer.asked, answer.status, endpoint.status, answer.text
            ));
            continue;
        }
        let expected = if changes(endpoint) { (1, 1) } else { (0, 0) };
        let events = events_of(&app, &request_id).await;
        if events != expected {
            faults.push(format!("{}: {events:?} events instead of {expected:?}", answer.asked));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn changes(endpoint: &Endpoint) -> bool {
    endpoint.discloses || (endpoint.method != "GET" && !endpoint.reads)
}
