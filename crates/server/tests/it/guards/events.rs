//! The declared permission suffices, and every change leaves exactly one audit event and one outbox event.

use chrono::Duration;
use elder_testkit::{Endpoint, Fixture, TestApp};
use serde_json::json;

use super::support::{call, endpoints, is_guarded, rightful};

async fn events_of(app: &TestApp, request_id: &str) -> (i64, i64) {
    let count = "select count(*) from audit_logs where correlation_id = $1";
    let audit: i64 = app.superuser.query_one(count, &[&request_id]).await.unwrap().get(0);
    let outbox = "select count(*) from outbox o join audit_logs a
        on a.tenant_id = o.tenant_id and a.timestamp = o.time and o.type = 'elder.' || a.action
       and o.subject is not distinct from a.resource_id where a.correlation_id = $1";
    (audit, app.superuser.query_one(outbox, &[&request_id]).await.unwrap().get(0))
}

/// Events that do not say who it was, or from where.
async fn nameless(app: &TestApp, request_id: &str) -> i64 {
    let count = "select count(*) from audit_logs where correlation_id = $1
        and (coalesce(actor_user_id, actor_key_id) is null or actor_ip is null)";
    app.superuser.query_one(count, &[&request_id]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_09_w_01_the_declared_permission_suffices_and_a_change_leaves_one_event_of_each_kind() {
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
        if is_guarded(route) && nameless(&app, &request_id).await > 0 {
            faults.push(format!("{}: the event does not say who did it", answer.asked));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn changes(endpoint: &Endpoint) -> bool {
    endpoint.discloses || (endpoint.method != "GET" && !endpoint.reads)
}

#[tokio::test]
async fn a_09_every_outcome_of_a_sign_in_leaves_one_event_that_says_how_it_ended() {
    let app = TestApp::start().await;
    let (admin, password) = (app.tenant_admin().await, "correct horse battery staple");
    for name in ["ada", "ben"] {
        let user = json!({ "email": format!("{name}@example.com"), "full_name": name, "password": password });
        let made = admin.post("/api/v2/users", user).await.expect(201);
        if name == "ben" {
            let path = format!("/api/v2/users/{}/deactivate", made["id"].as_str().unwrap());
            admin.post(&path, json!({})).await.expect(200);
        }
    }
    let cases = [
        ("good", "ada@example.com", password, 200, "session.started", "success"),
        ("wrong", "ada@example.com", "not the password", 401, "session.refused", "failure"),
        ("inactive", "ben@example.com", password, 401, "session.refused", "failure"),
        ("unknown", "nobody@example.com", password, 401, "session.refused", "failure"),
    ];
    for (id, email, password, status, action, outcome) in cases {
        let login = json!({ "tenant": "acme", "email": email, "password": password });
        let answer = app.guest().with_header("x-request-id", id).post("/api/v2/auth/login", login).await;
        assert_eq!(answer.status, status, "{id}: {}", answer.text);
        let ask = "select action, outcome, actor_ip is not null, category from audit_logs
            where correlation_id = $1 and action <> 'api.called'";
        let rows = app.superuser.query(ask, &[&id]).await.unwrap();
        let [row] = rows.as_slice() else { panic!("{id}: {} events", rows.len()) };
        let said: (&str, &str, bool, &str) = (row.get(0), row.get(1), row.get(2), row.get(3));
        assert_eq!(said, (action, outcome, true, "authentication"), "{id}");
    }
}
