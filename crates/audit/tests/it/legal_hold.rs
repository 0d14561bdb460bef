//! Legal holds: what they cover is not deleted, by whomever.

use elder_access::{Role, markers};
use elder_audit::{expire, seal};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::second_person::{HOLDS, release, shorten};

const ADD: &str = "
    insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
        outcome, actor_user_id, impersonator_id, resource_id, organization_id)
    values ($1, $2::timestamptz - interval '100 days', gen_random_uuid(), $3, 'user', 'a', 'data_change', 'r', 'success',
        $4, $5, $6, $7)";

async fn hold(admin: &Actor, over: Value) -> String {
    let mut body = over;
    body["reason"] = json!("Case 7");
    admin.post(HOLDS, body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn left(app: &TestApp) -> Vec<String> {
    let ask = "select correlation_id from audit_logs where tenant_id = $1 and action = 'a' order by 1";
    app.superuser.query(ask, &[&app.acme.id.0]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// An admin, somebody to whom old events belong, and events that are past their time.
async fn aged() -> (TestApp, Actor, Actor) {
    let app = TestApp::start().await;
    let (admin, ada) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let (user, none) = (Some(ada.user.unwrap().uuid()), None::<uuid::Uuid>);
    let (root, child) = (Some(app.acme.root.uuid()), Some(app.acme.child.uuid()));
    let (id, nothing) = (Some(ada.id()), None::<String>);
    for (name, actor, impersonator, resource, organization) in [
        ("by her", user, none, &nothing, none),
        ("in her name", none, user, &nothing, none),
        ("about her", none, none, &id, none),
        ("above", none, none, &nothing, root),
        ("below", none, none, &nothing, child),
        ("other", none, none, &nothing, none),
    ] {
        let at = app.seam.now();
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
            [&app.acme.id.0, &at, &name, &actor, &impersonator, resource, &organization];
        app.superuser.execute(ADD, &values).await.unwrap();
    }
    shorten(&app, &admin, json!({ "categories": { "data_change": 30 } })).await;
    seal(&app.worker, "elder.test").await.unwrap();
    (app, admin, ada)
}

#[tokio::test]
async fn a_14_what_is_on_hold_stays_in_the_log_until_the_hold_is_released() {
    let (app, admin, ada) = aged().await;
    let her = hold(&admin, json!({ "user_id": ada.user })).await;
    let there = hold(&admin, json!({ "organization_id": app.acme.child })).await;
    let preview = admin.get("/api/v2/audit/retention/preview").await.expect(200);
    assert_eq!((&preview["events"], &preview["held"]), (&json!(2), &json!(4)));
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, ["about her", "below", "by her", "in her name"]);
    release(&app, &admin, &her).await;
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, ["below"]);
    let all = hold(&admin, json!({})).await;
    release(&app, &admin, &there).await;
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, ["below"]);
    release(&app, &admin, &all).await;
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, [""; 0]);
}

#[tokio::test]
async fn a_hold_over_an_organization_covers_those_below_it_and_not_those_above() {
    let (app, admin, _) = aged().await;
    let below = hold(&admin, json!({ "organization_id": app.acme.root })).await;
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, ["above", "below"]);
    hold(&admin, json!({ "organization_id": app.acme.child })).await;
    release(&app, &admin, &below).await;
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, ["below"]);
}

#[tokio::test]
async fn a_14_a_hold_that_is_put_while_events_go_waits_for_them_and_they_for_it() {
    let (app, admin, ada) = aged().await;
    let slow = app.database.superuser().await;
    let lock =
        format!("begin; select pg_advisory_xact_lock(hashtext('elder.audit_removal'), {})", app.acme.id);
    slow.batch_execute(&lock).await.unwrap();
    let put = hold(&admin, json!({ "user_id": ada.user }));
    let free = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let held = app.superuser.query_one("select count(*) from legal_holds", &[]).await.unwrap();
        assert_eq!(held.get::<_, i64>(0), 0, "the hold has not waited");
        slow.batch_execute("commit").await.unwrap();
    };
    tokio::join!(put, free);
    // Now the hold's own transaction has the lock, and is not committed yet.
    slow.batch_execute(&lock).await.unwrap();
    let insert = "insert into legal_holds (tenant_id, id, scope, reason, created_at)
        values ($1, gen_random_uuid(), 'tenant', 'r', now())";
    slow.execute(insert, &[&app.acme.id.0]).await.unwrap();
    let commit = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        slow.batch_execute("commit").await.unwrap();
    };
    let (expired, ()) = tokio::join!(expire(&app.worker), commit);
    assert_eq!((expired.unwrap(), left(&app).await.len()), (0, 6));
}

#[tokio::test]
async fn whoever_and_whatever_is_on_hold_is_not_deleted() {
    let (app, admin, ada) = aged().await;
    let (user, organization) =
        (format!("/api/v2/users/{}", ada.id()), format!("/api/v2/organizations/{}", app.acme.child));
    let her = hold(&admin, json!({ "user_id": ada.user })).await;
    admin.delete(&user).await.expect_problem(409, "legal_hold");
    let above = hold(&admin, json!({ "organization_id": app.acme.root })).await;
    admin.delete(&organization).await.expect_problem(409, "legal_hold");
    let batch = json!({ "atomic": true, "operations": [{ "op": "delete", "id": ada.id() }] });
    admin.post("/api/v2/users/batch", batch).await.expect_problem(422, "batch_failed");
    let operator = app.operator().await;
    let all = hold(&admin, json!({})).await;
    let schedule = "/api/v2/global/tenants/acme/schedule-deletion";
    operator.post(schedule, json!({})).await.expect_problem(409, "legal_hold");
    release(&app, &admin, &all).await;
    // A tenant goes by the worker, later: any hold in it stops that.
    let due = "update tenants set deletion_scheduled_at = now() - interval '1 minute' where id = $1";
    app.superuser.execute(due, &[&app.acme.id.0]).await.unwrap();
    assert_eq!(elder_tenancy::platform::remove_due_tenants(&app.worker).await.unwrap(), 0);
    let refused = app.superuser.execute("delete from tenants where id = $1", &[&app.acme.id.0]).await;
    assert_eq!(refused.unwrap_err().as_db_error().unwrap().constraint(), Some("legal_holds"));
    app.superuser.execute("update tenants set deletion_scheduled_at = null", &[]).await.unwrap();
    release(&app, &admin, &her).await;
    release(&app, &admin, &above).await;
    admin.delete(&user).await.expect(204);
    admin.delete(&organization).await.expect(204);
}

#[tokio::test]
async fn a_hold_is_put_on_what_was_deleted_before_and_on_nothing_unknown() {
    let (app, admin, ada) = aged().await;
    admin.delete(&format!("/api/v2/users/{}", ada.id())).await.expect(204);
    hold(&admin, json!({ "user_id": ada.user })).await;
    let stranger = app.other_tenant().await;
    let unknown = app.seam.id::<elder_kernel::User>();
    for user in [json!(stranger.user), json!(unknown)] {
        let body = json!({ "user_id": user, "reason": "r" });
        admin.post(HOLDS, body).await.expect_problem(404, "not_found");
    }
    let other = json!({ "organization_id": app.globex.root, "reason": "r" });
    admin.post(HOLDS, other).await.expect_problem(404, "not_found");
    let both = json!({ "user_id": admin.user, "organization_id": app.acme.root, "reason": "r" });
    admin.post(HOLDS, both).await.expect_problem(400, "validation_failed");
    admin.post(HOLDS, json!({ "reason": "" })).await.expect_problem(400, "validation_failed");
    assert_eq!(app.audit_count("legal_hold.created").await, 1);
}

#[tokio::test]
async fn a_hold_is_seen_and_released_by_those_who_may_and_stays_in_the_list() {
    let (app, admin, ada) = aged().await;
    let id = hold(&admin, json!({ "user_id": ada.user })).await;
    let path = format!("{HOLDS}/{id}");
    let seen = admin.get(&path).await.expect(200);
    assert_eq!(
        (&seen["scope"], &seen["user_id"], &seen["is_in_force"]),
        (&json!("user"), &json!(ada.user), &json!(true))
    );
    let reader = app.member_with::<markers::LegalHoldsRead>().await;
    assert_eq!(reader.get(&path).await.expect(200), seen);
    let why = json!({ "reason": "closed" });
    reader.post(&format!("{path}/release"), why.clone()).await.expect_problem(403, "permission_denied");
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    maintainer.get(HOLDS).await.expect_problem(403, "permission_denied");
    let stranger = app.other_tenant().await;
    stranger.get(&path).await.expect_problem(404, "not_found");
    stranger.post(&format!("{path}/release"), why.clone()).await.expect_problem(404, "not_found");
    let released = release(&app, &admin, &id).await;
    assert_eq!(
        (&released["release_reason"], &released["release_asked_by"]),
        (&json!("closed"), &json!(admin.user))
    );
    admin.post(&format!("{path}/release"), why).await.expect_problem(409, "conflict");
    assert_eq!(app.audit_count("legal_hold.released").await, 1);
    let count = async |filter: &str| {
        admin.get(&format!("{HOLDS}?filter={filter}")).await.expect(200)["data"].as_array().unwrap().len()
    };
    assert_eq!((count("is_in_force eq true").await, count("is_in_force eq false").await), (0, 1));
    let gone = app.superuser.execute("delete from legal_holds", &[]).await;
    assert_eq!(gone.unwrap(), 1, "only a superuser takes one out of the table");
    for role in ["elder_app", "elder_platform"] {
        let sql = app.database.connect(role).await;
        let refused = sql.batch_execute("delete from legal_holds").await.expect_err(role);
        assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{role}");
    }
}
