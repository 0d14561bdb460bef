//! Idempotency keys over HTTP: what was asked twice is done once.

use chrono::Duration;
use elder_access::Role;
use elder_testkit::{Actor, Answer, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

const USERS: &str = "/api/v2/users";

fn ana() -> Value {
    json!({ "email": "ana@acme.com" })
}

fn under(actor: &Actor, key: &str) -> Actor {
    actor.with_header("idempotency-key", key)
}

/// The same person later, when the session of before has ended.
async fn later(app: &TestApp, actor: &Actor) -> Actor {
    actor.with_token(app.session_of(actor.tenant, actor.user.unwrap()).await)
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|told| told == "true")
}

#[tokio::test]
async fn w_09_of_fifty_at_once_on_two_nodes_one_is_done_and_all_get_its_answer() {
    let app = TestApp::start().await;
    let other = app.another_node().await;
    let admin = under(&app.tenant_admin().await, "fifty");
    let there = other.called_by(&admin);
    let asked = (0..50).map(|number| if number % 2 == 0 { &admin } else { &there });
    let answers = join_all(asked.map(|actor| actor.post(USERS, ana()))).await;
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!done.is_empty());
    assert_eq!(done.iter().filter(|answer| !is_replayed(answer)).count(), 1);
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(answer.text, done[0].text);
        } else {
            assert_eq!((answer.status, &answer.body["code"]), (409, &json!("idempotency_in_progress")));
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    let later = there.post(USERS, ana()).await;
    assert_eq!((later.status, is_replayed(&later), &later.text), (201, true, &done[0].text));
    assert_eq!(later.header("location"), done[0].header("location"));
    assert_eq!(app.audit_count("portal_user.created").await, 1);
}

#[tokio::test]
async fn w_09_a_key_names_one_request_of_one_caller_in_one_tenant_for_a_day() {
    let app = TestApp::start().await;
    let admin = under(&app.tenant_admin().await, "once");
    admin.post(USERS, ana()).await.expect(201);
    admin.post(USERS, json!({ "email": "bob@acme.com" })).await.expect_problem(422, "idempotency_key_reused");
    let roles = json!({ "name": "Auditor", "tier": "tenant", "permissions": ["users:read"] });
    admin.post("/api/v2/roles", roles).await.expect_problem(422, "idempotency_key_reused");

    let colleague = under(&app.member(app.acme.id, Some(Role::Admin)).await, "once");
    colleague.post(USERS, json!({ "email": "bob@acme.com" })).await.expect(201);
    let neighbour = under(&app.other_tenant().await, "once").post(USERS, ana()).await;
    assert_eq!((neighbour.status, is_replayed(&neighbour)), (201, false));

    app.clock.advance(Duration::hours(24) - Duration::seconds(1));
    let admin = later(&app, &admin).await;
    assert!(is_replayed(&admin.post(USERS, ana()).await));
    app.clock.advance(Duration::seconds(2));
    let another = admin.post(USERS, json!({ "email": "eve@acme.com" })).await;
    assert_eq!((another.status, is_replayed(&another)), (201, false));
}

#[tokio::test]
async fn what_was_refused_is_not_kept_and_may_be_sent_again() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let taken = admin.post(USERS, ana()).await.expect(201);
    let named = under(&admin, "again");
    named.post(USERS, ana()).await.expect_problem(409, "already_exists");
    admin.delete(&format!("{USERS}/{}", taken["id"].as_str().unwrap())).await.expect(204);
    let answer = named.post(USERS, ana()).await;
    assert_eq!((answer.status, is_replayed(&answer)), (201, false));
}

#[tokio::test]
async fn who_has_lost_the_right_gets_no_first_answer() {
    let app = TestApp::start().await;
    let (owner, helper) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Admin)).await);
    let named = under(&helper, "lost");
    named.post(USERS, ana()).await.expect(201);
    let grants = format!("{USERS}/{}/grants", helper.id());
    owner.put(&grants, json!({ "tenant_role": "reader", "roles": [] })).await.expect(200);
    named.post(USERS, ana()).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_secret_that_is_shown_once_comes_again_to_its_maker_and_lies_sealed() {
    let app = TestApp::start().await;
    let admin = under(&app.tenant_admin().await, "secret");
    let new = json!({ "name": "Backup", "expires_in_days": 30 });
    let first = admin.post("/api/v2/me/api-keys", new.clone()).await;
    let secret = first.body["key"].as_str().unwrap().to_owned();
    let again = admin.post("/api/v2/me/api-keys", new).await;
    assert_eq!((is_replayed(&again), again.body["key"].as_str()), (true, Some(secret.as_str())));
    let kept = "select encode(answer, 'escape') from idempotency_keys";
    let kept: String = app.superuser.query_one(kept, &[]).await.unwrap().get(0);
    assert!(!kept.contains(&secret) && !kept.contains("Backup"), "{kept}");
}

#[tokio::test]
async fn a_batch_is_done_once_too() {
    let app = TestApp::start().await;
    let admin = under(&app.tenant_admin().await, "batch");
    let create = |email: &str| json!({ "op": "create", "data": { "email": email } });
    let batch = json!({ "atomic": false, "operations": [create("ana@acme.com"), create("no address")] });
    let first = admin.post("/api/v2/users/batch", batch.clone()).await;
    assert_eq!(first.status, 200);
    let again = admin.post("/api/v2/users/batch", batch).await;
    assert_eq!((is_replayed(&again), &again.text), (true, &first.text));
}

#[tokio::test]
async fn answers_older_than_a_day_are_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    under(&admin, "old").post(USERS, ana()).await.expect(201);
    app.clock.advance(Duration::hours(12));
    let admin = later(&app, &admin).await;
    under(&admin, "young").post(USERS, json!({ "email": "bob@acme.com" })).await.expect(201);
    app.clock.advance(Duration::hours(12) + Duration::seconds(1));
    elder_access::forget_answers(&app.worker).await.unwrap();
    let keys = "select string_agg(key, ',') from idempotency_keys";
    assert_eq!(app.superuser.query_one(keys, &[]).await.unwrap().get::<_, &str>(0), "young");
}

#[tokio::test]
async fn a_key_is_found_among_many_by_the_index_of_its_caller() {
    let app = TestApp::start().await;
    let fill = "insert into idempotency_keys (tenant_id, actor_id, key, created_at, fingerprint, answer)
        select $1, md5((n % 100)::text)::uuid, 'key ' || n, now(), '', '' from generate_series(1, 50000) n";
    app.superuser.execute(fill, &[&app.acme.id.0]).await.unwrap();
    app.superuser.batch_execute("analyze idempotency_keys").await.unwrap();
    let find = format!(
        "select fingerprint, answer from idempotency_keys where tenant_id = {} and actor_id = md5('7')::uuid
            and key = 'key 7' and created_at > now() - interval '1 day'",
        app.acme.id
    );
    let plan = app.plan(app.acme.id, "", &find).await;
    assert!(plan.contains("idempotency_keys_pkey"), "{plan}");
    let old = "explain delete from idempotency_keys where created_at <= now() - interval '1 day'";
    let rows = app.superuser.query(old, &[]).await.unwrap();
    let plan: String = rows.iter().map(|row| row.get::<_, String>(0)).collect();
    assert!(plan.contains("idempotency_keys_created_idx"), "{plan}");
}
