//! What lets events go takes two: fewer days, and the end of a legal hold.

use elder_access::{Role, markers};
use elder_audit::{expire, seal};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::second_person::{HOLDS, RETENTION, second, shorten};

const APPROVE: &str = "/api/v2/audit/retention/approve";
const REJECT: &str = "/api/v2/audit/retention/reject";

/// An app with three admins, of whom the first has asked for 90 days.
async fn asked() -> (TestApp, [Actor; 3]) {
    let app = TestApp::start().await;
    let admins = [app.tenant_admin().await, second(&app).await, second(&app).await];
    let answer = admins[0].put(RETENTION, json!({ "days": 90 })).await.expect(200);
    let pending = &answer["pending"];
    assert_eq!((&answer["days"], &pending["days"]), (&Value::Null, &json!(90)));
    assert_eq!(pending["asked_by"], json!(admins[0].user));
    (app, admins)
}

/// How often each of these has happened.
async fn counts<const N: usize>(app: &TestApp, actions: [&str; N]) -> [i64; N] {
    let mut counts = [0; N];
    for (count, action) in counts.iter_mut().zip(actions) {
        *count = app.audit_count(action).await;
    }
    counts
}

#[tokio::test]
async fn fewer_days_hold_once_somebody_else_has_approved_them_and_more_at_once() {
    let (app, [admin, other, _]) = asked().await;
    admin.post(APPROVE, Value::Null).await.expect_problem(403, "permission_denied");
    let reader = app.member_with::<markers::AuditRead>().await;
    reader.post(APPROVE, Value::Null).await.expect_problem(403, "permission_denied");
    // Of another tenant there is nothing to approve, and nothing is approved.
    app.other_tenant().await.post(APPROVE, Value::Null).await.expect_problem(409, "conflict");
    assert_eq!(admin.get(RETENTION).await.expect(200)["days"], Value::Null);
    let approved = other.post(APPROVE, Value::Null).await.expect(200);
    assert_eq!(
        (&approved["days"], &approved["pending"], &approved["updated_by"]),
        (&json!(90), &Value::Null, &json!(other.user))
    );
    other.post(APPROVE, Value::Null).await.expect_problem(409, "conflict");
    let more = admin.put(RETENTION, json!({ "days": 91 })).await.expect(200);
    assert_eq!((&more["days"], &more["pending"]), (&json!(91), &Value::Null));
    // When months are archived is no matter of four eyes.
    let archived = admin.put(RETENTION, json!({ "days": 91, "archive_after_days": 30 })).await.expect(200);
    assert_eq!((&archived["archive_after_days"], &archived["pending"]), (&json!(30), &Value::Null));
    let actions = ["audit_retention.asked", "audit_retention.approved", "audit_retention.updated"];
    assert_eq!(counts(&app, actions).await, [1, 1, 2]);
}

#[tokio::test]
async fn what_waits_is_rejected_taken_back_or_replaced_and_leaves_what_holds() {
    let (app, [admin, other, third]) = asked().await;
    let before = admin.get(RETENTION).await.expect(200);
    // The same again is nothing new.
    assert_eq!(admin.put(RETENTION, json!({ "days": 90 })).await.expect(200), before);
    let rejected = other.post(REJECT, Value::Null).await.expect(200);
    assert_eq!((&rejected["days"], &rejected["pending"]), (&Value::Null, &Value::Null));
    other.post(APPROVE, Value::Null).await.expect_problem(409, "conflict");
    other.post(REJECT, Value::Null).await.expect_problem(409, "conflict");
    admin.put(RETENTION, json!({ "days": 80 })).await.expect(200);
    admin.post(REJECT, Value::Null).await.expect(200);
    // Who asks for something else becomes the one who may not approve it.
    admin.put(RETENTION, json!({ "days": 70 })).await.expect(200);
    other.put(RETENTION, json!({ "days": 60 })).await.expect(200);
    other.post(APPROVE, Value::Null).await.expect_problem(403, "permission_denied");
    // What holds at once takes back what waits.
    let said = third.put(RETENTION, json!({})).await.expect(200);
    assert_eq!((&said["days"], &said["pending"]), (&Value::Null, &Value::Null));
    admin.post(APPROVE, Value::Null).await.expect_problem(409, "conflict");
    let actions = ["audit_retention.asked", "audit_retention.rejected", "audit_retention.approved"];
    assert_eq!(counts(&app, actions).await, [4, 2, 0]);
}

#[tokio::test]
async fn of_two_who_approve_at_once_one_does_and_who_has_seen_something_else_does_not() {
    let (app, [admin, one, other]) = asked().await;
    let seen = one.get(RETENTION).await;
    let tag = seen.header("etag").to_owned();
    admin.put(RETENTION, json!({ "days": 30 })).await.expect(200);
    let late = one.with_header("if-match", tag).post(APPROVE, Value::Null).await;
    assert_eq!(late.status, 412, "{}", late.text);
    let (first, second) = tokio::join!(one.post(APPROVE, Value::Null), other.post(APPROVE, Value::Null));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(app.audit_count("audit_retention.approved").await, 1);
    assert_eq!(admin.get(RETENTION).await.expect(200)["days"], 30);
}

#[tokio::test]
async fn a_key_neither_asks_nor_approves_so_that_one_person_is_not_two() {
    let (app, [_, other, _]) = asked().await;
    let key = json!({ "name": "k", "permissions": ["audit_retention:write", "legal_holds:write"] });
    let key = other.post("/api/v2/me/api-keys", key).await.expect(201)["key"].as_str().unwrap().to_owned();
    let program = other.with_token(key);
    program.post(APPROVE, Value::Null).await.expect_problem(403, "permission_denied");
    program.put(RETENTION, json!({ "days": 30 })).await.expect_problem(403, "permission_denied");
    let hold = other.post(HOLDS, json!({ "reason": "r" })).await.expect(201);
    let path = format!("{HOLDS}/{}/release", hold["id"].as_str().unwrap());
    program.post(&path, json!({ "reason": "r" })).await.expect_problem(403, "permission_denied");
    // More days are no matter of four eyes.
    program.put(RETENTION, json!({})).await.expect(200);
    assert_eq!(app.audit_count("audit_retention.asked").await, 1);
}

#[tokio::test]
async fn the_only_admin_of_a_tenant_waits_seven_days() {
    let (app, [admin, other, third]) = asked().await;
    let gone = "update portal_users set is_active = false where tenant_id = $1 and id = $2";
    for one in [other, third] {
        app.superuser.execute(gone, &[&app.acme.id.0, &one.user.unwrap().uuid()]).await.unwrap();
    }
    let hold = admin.post(HOLDS, json!({ "reason": "r" })).await.expect(201);
    let path = format!("{HOLDS}/{}/release", hold["id"].as_str().unwrap());
    admin.post(&path, json!({ "reason": "r" })).await.expect(200);
    let release = format!("{path}/approve");
    let earlier = async |time: &str| {
        for (table, column) in [("audit_retention", "asked_at"), ("legal_holds", "release_asked_at")] {
            let set = format!("update {table} set {column} = now() - interval '{time}'");
            app.superuser.batch_execute(&set).await.unwrap();
        }
    };
    earlier("6 days 23 hours").await;
    for path in [APPROVE, &release] {
        admin.post(path, Value::Null).await.expect_problem(403, "permission_denied");
    }
    earlier("7 days 1 hour").await;
    assert_eq!(admin.post(APPROVE, Value::Null).await.expect(200)["days"], 90);
    assert_eq!(admin.post(&release, Value::Null).await.expect(200)["is_in_force"], false);
}

#[tokio::test]
async fn a_hold_that_is_put_between_the_two_keeps_what_fewer_days_would_let_go() {
    let app = TestApp::start().await;
    let (admin, ada) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome, resource_id)
        values ($1, $2::timestamptz - interval '100 days', gen_random_uuid(), 'c', 'system', 'a', 'data_change', 'r',
            'success', $3)";
    for subject in [ada.id(), "other".to_owned()] {
        app.superuser.execute(add, &[&app.acme.id.0, &app.seam.now(), &subject]).await.unwrap();
    }
    seal(&app.worker, "elder.test").await.unwrap();
    admin.put(RETENTION, json!({ "days": 90 })).await.expect(200);
    assert_eq!(expire(&app.worker).await.unwrap(), 0);
    admin.post(HOLDS, json!({ "user_id": ada.user, "reason": "r" })).await.expect(201);
    second(&app).await.post(APPROVE, Value::Null).await.expect(200);
    assert_eq!(expire(&app.worker).await.unwrap(), 1);
    let left = app.superuser.query_one("select resource_id from audit_logs where action = 'a'", &[]).await;
    assert_eq!(left.unwrap().get::<_, String>(0), ada.id());
}

#[tokio::test]
async fn a_hold_is_in_force_until_a_second_admin_approves_its_release() {
    let app = TestApp::start().await;
    let [admin, one, other] = [app.tenant_admin().await, second(&app).await, second(&app).await];
    let ada = app.member(app.acme.id, Some(Role::Reader)).await;
    let (user, body) = (format!("/api/v2/users/{}", ada.id()), json!({ "user_id": ada.user, "reason": "r" }));
    let path = format!("{HOLDS}/{}", admin.post(HOLDS, body).await.expect(201)["id"].as_str().unwrap());
    let [release, approve, reject] =
        ["release", "release/approve", "release/reject"].map(|step| format!("{path}/{step}"));
    one.post(&approve, Value::Null).await.expect_problem(409, "conflict");
    let why = json!({ "reason": "closed" });
    let asked = admin.post(&release, why.clone()).await.expect(200);
    assert_eq!(
        (&asked["is_in_force"], &asked["release_asked_by"], &asked["released_by"]),
        (&json!(true), &json!(admin.user), &Value::Null)
    );
    one.post(&release, why.clone()).await.expect_problem(409, "conflict");
    admin.post(&approve, Value::Null).await.expect_problem(403, "permission_denied");
    app.other_tenant().await.post(&approve, Value::Null).await.expect_problem(404, "not_found");
    admin.delete(&user).await.expect_problem(409, "legal_hold");
    let kept = one.post(&reject, Value::Null).await.expect(200);
    assert_eq!((&kept["release_asked_at"], &kept["release_reason"]), (&Value::Null, &Value::Null));
    one.post(&approve, Value::Null).await.expect_problem(409, "conflict");
    admin.post(&release, why).await.expect(200);
    let (first, second) = tokio::join!(one.post(&approve, Value::Null), other.post(&approve, Value::Null));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    admin.post(&reject, Value::Null).await.expect_problem(409, "conflict");
    admin.delete(&user).await.expect(204);
    let actions = ["legal_hold.release_asked", "legal_hold.release_rejected", "legal_hold.released"];
    assert_eq!(counts(&app, actions).await, [2, 1, 1]);
}

#[tokio::test]
async fn the_database_itself_lets_nobody_release_a_hold_alone() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.post(HOLDS, json!({ "reason": "r" })).await.expect(201);
    let sql = app.database.connect("elder_app").await;
    let user = admin.user.unwrap().uuid();
    for (asked_at, by, allowed) in [
        ("null", "gen_random_uuid()".to_owned(), false),
        ("now()", format!("'{user}'"), false),
        ("now() - interval '6 days'", format!("'{user}'"), false),
        ("now()", "gen_random_uuid()".to_owned(), true),
        ("now() - interval '7 days'", format!("'{user}'"), true),
    ] {
        let reason = if asked_at == "null" { "null" } else { "'r'" };
        let update = format!(
            "begin; set local app.current_tenant_id = '{}';
            update legal_holds set release_asked_at = {asked_at}, release_asked_by = '{user}',
                release_reason = {reason}, released_at = now(), released_by = {by}",
            app.acme.id
        );
        let done = sql.batch_execute(&update).await;
        let constraint =
            done.as_ref().err().map(|error| error.as_db_error().unwrap().constraint().unwrap().to_owned());
        let expected = (!allowed).then(|| "legal_holds_released_by_second".to_owned());
        assert_eq!(constraint, expected, "{asked_at} {by}");
        sql.batch_execute("rollback").await.unwrap();
    }
    // And what waits for a second person lets nothing go by itself.
    shorten(&app, &admin, json!({ "days": 400 })).await;
    admin.put(RETENTION, json!({ "days": 30 })).await.expect(200);
    assert_eq!(admin.get(RETENTION).await.expect(200)["days"], 400);
}
