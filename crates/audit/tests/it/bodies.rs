//! Bodies of calls: kept on request, without secrets, for some days, and read by few.

use std::time::Duration;

use elder_access::{Asides, Role, markers};
use elder_audit::{forget_bodies, seal, verify};
use elder_kernel::{AuditEvent, Id};
use elder_testkit::{Actor, Answer, Options, TestApp};
use serde_json::{Value, json};

use crate::second_person::release;

const PASSWORD: &str = "CaNaRy horse battery staple";

async fn started() -> (TestApp, Actor) {
    let asides = Asides { calls: true, folder: None, most_bytes: 0 };
    let app = TestApp::start_with(Options { asides, ..Options::default() }).await;
    let admin = app.tenant_admin().await;
    (app, admin)
}

async fn keep(admin: &Actor, which: &str) {
    let settings = json!({ "settings": { "audit_api_bodies": which } });
    admin.patch("/api/v2/tenant", settings).await.expect(200);
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

fn new_user(name: &str) -> Value {
    json!({ "email": format!("{name}@acme.com"), "full_name": name, "password": PASSWORD })
}

#[tokio::test]
async fn what_is_sent_and_answered_is_kept_without_secrets_and_each_reading_is_an_event() {
    let (app, admin) = started().await;
    keep(&admin, "all").await;
    let made = admin.post("/api/v2/users", new_user("Ada")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = body_of(&app, &made).await;
    let said = admin.get(&path).await.expect(200);
    let sent = json!({ "email": "Ada@acme.com", "full_name": "Ada", "password": "[redacted]" });
    assert_eq!(said["request"]["content"], sent);
    assert_eq!(said["request"]["bytes"], new_user("Ada").to_string().len());
    assert_eq!(said["answer"]["content"]["id"], made.body["id"]);
    assert_eq!(app.audit_count("audit_body.read").await, 1);
    let read = "select category, resource_id from audit_logs where action = 'audit_body.read'";
    let row = app.superuser.query_one(read, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "data_access");
    assert!(path.contains(row.get::<_, &str>(1)), "{path}");
    // The database has it sealed, and the event its hash.
    let stored = "select b.sealed, e.metadata ->> 'body' from audit_bodies b
        join audit_logs e using (tenant_id, timestamp, event_id) where e.correlation_id = $1";
    let row = app.superuser.query_one(stored, &[&made.header("x-request-id")]).await.unwrap();
    let sealed: &[u8] = row.get(0);
    assert!(!String::from_utf8_lossy(sealed).contains("acme.com"));
    assert_eq!(row.get::<_, &str>(1), elder_access::digest_of_body(sealed));
}

#[tokio::test]
async fn who_lacks_the_permission_another_tenant_and_a_random_id_read_nothing() {
    let (app, admin) = started().await;
    keep(&admin, "all").await;
    let path = body_of(&app, &admin.get("/api/v2/users").await).await;
    app.member_with::<markers::AuditBodiesRead>().await.get(&path).await.expect(200);
    let reads_events_alone = app.member_with::<markers::AuditRead>().await;
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    for lower in [reads_events_alone, maintainer] {
        lower.get(&path).await.expect_problem(403, "permission_denied");
    }
    app.other_tenant().await.get(&path).await.expect_problem(404, "not_found");
    let random = format!("/api/v2/audit/events/{}/body", app.seam.id::<AuditEvent>());
    admin.get(&random).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_tenant_chooses_what_is_kept_and_by_default_nothing_is() {
    let (app, admin) = started().await;
    let stranger = app.other_tenant().await;
    let call = |name: &'static str| {
        let admin = &admin;
        async move { admin.post("/api/v2/organizations", json!({ "name": name })).await }
    };
    let path = body_of(&app, &call("One").await).await;
    admin.get(&path).await.expect_problem(404, "not_found");
    keep(&admin, "requests").await;
    let path = body_of(&app, &call("Two").await).await;
    let said = admin.get(&path).await.expect(200);
    assert_eq!(said["request"]["content"], json!({ "name": "Two" }));
    assert_eq!(said["answer"], Value::Null);
    // Nothing was sent with it, so there is nothing to keep.
    let path = body_of(&app, &admin.get("/api/v2/organizations").await).await;
    admin.get(&path).await.expect_problem(404, "not_found");
    keep(&admin, "off").await;
    let path = body_of(&app, &call("Three").await).await;
    admin.get(&path).await.expect_problem(404, "not_found");
    let theirs = stranger.post("/api/v2/organizations", json!({ "name": "Theirs" })).await;
    let path = body_of(&app, &theirs).await;
    stranger.get(&path).await.expect_problem(404, "not_found");
    let changed = "select count(*) from audit_logs where action = 'tenant.updated'
        and changes::text like '%audit_api_bodies%'";
    let changes: i64 = app.superuser.query_one(changed, &[]).await.unwrap().get(0);
    assert_eq!(changes, 2, "each change of the setting is an event");
}

#[tokio::test]
async fn no_secret_is_kept_of_any_door_and_nothing_of_those_where_people_prove_who_they_are() {
    let (app, admin) = started().await;
    keep(&admin, "all").await;
    admin.post("/api/v2/users", new_user("ada")).await.expect(201);
    let login = json!({ "tenant": "acme", "email": "ada@acme.com", "password": PASSWORD });
    let signed_in = admin.post("/api/v2/auth/login", login).await;
    let ada = admin.with_token(signed_in.body["access_token"].as_str().unwrap());
    let own = json!({ "current_password": PASSWORD, "password": "CaNaRy other battery staple" });
    let changed = ada.put("/api/v2/me/password", own).await;
    let enrolled = ada.post("/api/v2/me/mfa/totp", json!({ "name": "Phone" })).await;
    for own in [signed_in, changed, enrolled] {
        let path = body_of(&app, &own).await;
        admin.get(&path).await.expect_problem(404, "not_found");
    }
    let account = json!({ "name": "CI", "permissions": ["users:read"] });
    let account = admin.post("/api/v2/service-accounts", account).await.expect(201);
    let keys = format!("/api/v2/service-accounts/{}/api-keys", account["id"].as_str().unwrap());
    let key = admin.post(&keys, json!({ "name": "key" })).await;
    assert_eq!(key.status, 201, "{}", key.text);
    let said = admin.get(&body_of(&app, &key).await).await.expect(200);
    assert_eq!(said["answer"]["content"]["key"], "[redacted]");
    let stream = json!({ "name": "S", "target": { "kind": "webhook", "url": "https://siem.example.com/" },
        "secret": format!("whsec_{}", "CaNaRy".repeat(6)) });
    let stream = admin.post("/api/v2/audit/streams", stream).await;
    let said = admin.get(&body_of(&app, &stream).await).await.expect(200);
    assert_eq!(said["request"]["content"]["secret"], "[redacted]");
    assert_eq!(said["request"]["content"]["target"]["url"], "https://siem.example.com/");
    // A password in the wrong place is refused, and the refusal does not repeat it.
    let wrong =
        admin.post("/api/v2/users", json!({ "email": "x", "other": "CaNaRy", "password": ["CaNaRy"] })).await;
    let said = admin.get(&body_of(&app, &wrong).await).await.expect(200);
    assert!(!said.to_string().contains("CaNaRy"), "{said}");
}

#[tokio::test]
async fn of_a_body_that_is_too_long_the_size_and_a_digest_are_kept() {
    let (app, admin) = started().await;
    keep(&admin, "requests").await;
    let long = "x".repeat(20_000);
    for (body, has_digest) in
        [(json!({ "name": long }), true), (json!({ "name": "x".repeat(100_000) }), false)]
    {
        let call = admin.post("/api/v2/organizations", body.clone()).await;
        let said = admin.get(&body_of(&app, &call).await).await.expect(200);
        let request = &said["request"];
        assert_eq!((&request["content"], &request["left_out"]), (&Value::Null, &json!("too_long")));
        assert_eq!(request["bytes"], body.to_string().len());
        assert_eq!(request["sha256"].is_string(), has_digest);
    }
}

#[tokio::test]
async fn a_body_is_gone_when_its_days_have_ended_unless_a_hold_is_in_force_and_the_log_verifies() {
    let (app, admin) = started().await;
    keep(&admin, "all").await;
    admin
        .patch("/api/v2/tenant", json!({ "settings": { "retention": { "audit_bodies_days": 1 } } }))
        .await
        .expect(200);
    let path = body_of(&app, &admin.get("/api/v2/users").await).await;
    assert_eq!(forget_bodies(&app.worker).await.unwrap(), 0);
    app.clock.advance(chrono::Duration::hours(25));
    let admin = app.tenant_admin().await;
    admin.get(&path).await.expect_problem(404, "not_found");
    let case = json!({ "user_id": admin.user, "reason": "Case 7" });
    let hold = admin.post("/api/v2/audit/legal-holds", case).await.expect(201);
    assert_eq!(forget_bodies(&app.worker).await.unwrap(), 0, "while a hold is in force");
    release(&app, &admin, hold["id"].as_str().unwrap()).await;
    assert!(forget_bodies(&app.worker).await.unwrap() > 0);
    let old = "select count(*) from audit_bodies where timestamp < $1::timestamptz - interval '1 day'";
    let old: i64 = app.superuser.query_one(old, &[&app.seam.now()]).await.unwrap().get(0);
    assert_eq!(old, 0);
    app.keeper.drain().await;
    seal(&app.worker, "elder.test").await.unwrap();
    let job = app.worker.job::<elder_access::work::Shell>();
    let keys = verify::keys(&job, app.acme.id).await.unwrap();
    let report = verify::verify(&job, app.acme.id, &keys, &[]).await.unwrap();
    assert!(report.is_good && report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test]
async fn a_body_that_somebody_has_changed_is_not_shown() {
    let (app, admin) = started().await;
    keep(&admin, "all").await;
    let one = body_of(&app, &admin.get("/api/v2/users").await).await;
    let two = body_of(&app, &admin.get("/api/v2/organizations").await).await;
    let swap = "update audit_bodies set sealed = (select sealed from audit_bodies where event_id = $2) where event_id = $1";
    let id = |path: &str| path.split('/').nth(5).unwrap().parse::<Id<AuditEvent>>().unwrap().uuid();
    assert_eq!(app.superuser.execute(swap, &[&id(&one), &id(&two)]).await.unwrap(), 1);
    admin.get(&one).await.expect_problem(500, "internal_error");
    admin.get(&two).await.expect(200);
}

#[tokio::test]
async fn what_an_operator_does_in_a_tenant_is_not_kept_by_that_of_another() {
    let (app, admin) = started().await;
    keep(&admin, "all").await;
    let operator = app.operator().await.with_header("elder-tenant", "acme");
    let path = body_of(&app, &operator.get("/api/v2/users").await).await;
    admin.get(&path).await.expect_problem(404, "not_found");
}
