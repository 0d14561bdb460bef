//! What was said in calls goes with whom it tells of, and nothing else does.

use std::time::Duration;

use elder_access::{Asides, Role};
use elder_kernel::{AuditEvent, Id};
use elder_privacy::Done;
use elder_testkit::{Actor, Answer, Options, TestApp};
use serde_json::{Value, json};

use crate::support::{ORIGIN, REQUESTS};

async fn started() -> (TestApp, Actor, Actor) {
    let asides = Asides { calls: true, folder: None, most_bytes: 0 };
    let app = TestApp::start_with(Options { asides, ..Options::default() }).await;
    let (admin, second) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Admin)).await);
    let all = json!({ "settings": { "audit_api_bodies": "all" } });
    admin.patch("/api/v2/tenant", all).await.expect(200);
    (app, admin, second)
}

/// The path of what was said in a call, once its event is written.
async fn body_of(app: &TestApp, call: &Answer) -> String {
    let find = "select event_id from audit_logs where action = 'api.called' and correlation_id = $1";
    for _ in 0..200 {
        if let Some(row) = app.superuser.query_opt(find, &[&call.header("x-request-id")]).await.unwrap() {
            return format!("/api/v2/audit/events/{}/body", Id::<AuditEvent>::from_uuid(row.get(0)));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no event of {}", call.asked);
}

async fn erased(app: &TestApp, admin: &Actor, second: &Actor, user: &Value) -> Done {
    let body = json!({ "kind": "erasure", "user_id": user, "reason": "A letter" });
    let asked = admin.post(REQUESTS, body).await.expect(201);
    let id = asked["id"].as_str().unwrap();
    second.post(&format!("{REQUESTS}/{id}/approve"), Value::Null).await.expect(200);
    elder_audit::seal(&app.worker, ORIGIN).await.unwrap();
    elder_privacy::perform(&app.worker, app.acme.id, id.parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn an_erasure_takes_what_was_said_of_the_person_and_by_them_and_leaves_the_rest() {
    let (app, admin, second) = started().await;
    let body = json!({ "email": "ada@acme.com", "full_name": "Ada Lovelace", "external_id": "a-42" });
    let made = admin.post("/api/v2/users", body).await;
    let user = made.body["id"].clone();
    let path = format!("/api/v2/users/{}", user.as_str().unwrap());
    let moved = admin.patch(&path, json!({ "full_name": "Someone" })).await;
    let invited = json!({ "email": "ben@acme.com", "tenant_role": "reader" });
    let other = admin.post("/api/v2/invitations", invited).await;
    let named = admin.post("/api/v2/organizations", json!({ "name": "Friends of ADA@acme.com" })).await;
    let id: Id<elder_kernel::User> = user.as_str().unwrap().parse().unwrap();
    let herself = admin.with_token(app.session_of(app.acme.id, id).await);
    let give = "update portal_users set tenant_role = 'reader' where id = $1";
    app.superuser.execute(give, &[&id.uuid()]).await.unwrap();
    let by_her = herself.get("/api/v2/organizations").await;
    let mut hers = Vec::new();
    for call in [&made, &moved, &named, &by_her] {
        let path = body_of(&app, call).await;
        admin.get(&path).await.expect(200);
        hers.push(path);
    }
    let others = body_of(&app, &other).await;
    admin.get(&others).await.expect(200);
    assert_eq!(erased(&app, &admin, &second, &user).await, Done::Completed);
    for path in hers {
        admin.get(&path).await.expect_problem(404, "not_found");
    }
    let said = admin.get(&others).await.expect(200);
    assert_eq!(said["request"]["content"]["email"], "ben@acme.com");
    let event = "select count(*) from audit_logs where action = 'privacy_request.erased'
        and (metadata -> 'erased' ->> 'bodies')::int >= 4";
    assert_eq!(app.superuser.query_one(event, &[]).await.unwrap().get::<_, i64>(0), 1);
    elder_audit::seal(&app.worker, ORIGIN).await.unwrap();
    let job = app.worker.job::<elder_access::work::Shell>();
    let keys = elder_audit::verify::keys(&job, app.acme.id).await.unwrap();
    let report = elder_audit::verify::verify(&job, app.acme.id, &keys, &[]).await.unwrap();
    assert!(report.is_good && report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test]
async fn what_is_said_within_a_minute_of_an_erasure_is_not_kept_and_later_is() {
    let (app, admin, second) = started().await;
    let body = json!({ "email": "ada@acme.com", "full_name": "Ada Lovelace" });
    let user = admin.post("/api/v2/users", body).await.expect(201)["id"].clone();
    assert_eq!(erased(&app, &admin, &second, &user).await, Done::Completed);
    let soon = body_of(&app, &admin.get("/api/v2/organizations").await).await;
    admin.get(&soon).await.expect_problem(404, "not_found");
    app.clock.advance(chrono::Duration::seconds(61));
    let later = body_of(&app, &admin.get("/api/v2/organizations").await).await;
    admin.get(&later).await.expect(200);
}

#[tokio::test]
async fn while_a_hold_covers_who_has_said_it_nobody_named_in_it_is_erased() {
    let (app, admin, second) = started().await;
    let body = json!({ "email": "ada@acme.com", "full_name": "Ada Lovelace" });
    let user = admin.post("/api/v2/users", body).await.expect(201)["id"].clone();
    let third = app.member(app.acme.id, Some(Role::Admin)).await;
    let named = third.post("/api/v2/organizations", json!({ "name": "Friends of ada@acme.com" })).await;
    let path = body_of(&app, &named).await;
    let case = json!({ "user_id": third.user, "reason": "Case 7" });
    admin.post("/api/v2/audit/legal-holds", case).await.expect(201);
    assert_eq!(erased(&app, &admin, &second, &user).await, Done::Refused);
    admin.get(&path).await.expect(200);
}
