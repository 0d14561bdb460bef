//! Keys in batches: those of a service account are made and revoked, any of the tenant are revoked.

use elder_access::{Role, markers};
use elder_testkit::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use crate::wire::{account, account_key, id, own_key, state};

async fn send(actor: &Actor, path: &str, is_atomic: bool, operations: &[Value]) -> Answer {
    actor.post(&format!("{path}/batch"), json!({ "atomic": is_atomic, "operations": operations })).await
}

fn statuses(answer: &Value) -> Vec<u64> {
    let results = answer["results"].as_array().unwrap_or_else(|| panic!("{answer}"));
    results.iter().map(|result| result["status"].as_u64().unwrap()).collect()
}

fn create(name: &str) -> Value {
    json!({ "op": "create", "data": { "name": name } })
}

#[tokio::test]
async fn the_keys_of_an_account_are_made_with_their_secrets_and_revoked() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (path, _, old) = account_key(&admin, &["users:read"], json!({ "name": "old" })).await;
    let (_, mine) = own_key(&admin, json!({ "name": "mine" })).await;
    let keys = format!("{path}/api-keys");
    let mut operations = vec![
        create("new"),
        json!({ "op": "create", "data": { "name": "more", "permissions": ["roles:read"] } }),
        json!({ "op": "delete", "id": id(&old) }),
        json!({ "op": "delete", "id": id(&old) }),
        json!({ "op": "delete", "id": id(&mine) }),
    ];
    let before = state(&app).await;
    let problem = send(&admin, &keys, true, &operations).await.expect_problem(422, "batch_failed");
    assert_eq!((&problem["index"], &problem["error"]["code"]), (&json!(1), &json!("grant_exceeds_own")));
    assert_eq!(before, state(&app).await);

    let named = admin.with_header("idempotency-key", "keys");
    let first = send(&named, &keys, false, &operations).await;
    let answer = first.body.clone();
    assert_eq!(statuses(&answer), [201, 403, 204, 204, 404], "{answer}");
    assert_eq!(app.audit_count("api_key.revoked").await, 1, "the second time nothing changed");
    let secret = answer["results"][0]["secret"].as_str().unwrap();
    admin.with_token(secret).get("/api/v2/users").await.expect(200);
    assert!(answer["results"][2].get("secret").is_none());
    assert_eq!(
        send(&named, &keys, false, &operations).await.text,
        first.text,
        "whoever asks again gets it again"
    );
    let traces = "select (select count(*) from audit_logs a where a::text like '%' || $1 || '%')
        + (select count(*) from outbox o where o::text like '%' || $1 || '%')
        + (select count(*) from api_keys k where k::text like '%' || $1 || '%')";
    let random = secret.rsplit('_').next().unwrap();
    assert_eq!(app.superuser.query_one(traces, &[&random]).await.unwrap().get::<_, i64>(0), 0);

    operations.truncate(1);
    for unknown in ["/api/v2/service-accounts/svc_01h455vb4pex5vsknk084sn02q", path.as_str()] {
        let asking = if unknown == path { app.other_tenant().await } else { admin.clone() };
        let unknown = format!("{unknown}/api-keys");
        send(&asking, &unknown, false, &operations).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn any_keys_of_the_tenant_are_revoked_and_none_is_made_or_changed_there() {
    let app = TestApp::start().await;
    let (admin, member) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Reader)).await);
    let stranger = app.other_tenant().await;
    let (program, theirs) = own_key(&member, json!({ "name": "theirs" })).await;
    let (_, of_program, issued) = account_key(&admin, &["users:read"], json!({ "name": "k" })).await;
    let (_, foreign) = own_key(&stranger, json!({ "name": "foreign" })).await;
    for caller in [&program, &of_program] {
        caller.get("/api/v2/users").await.expect(200);
    }
    let gone = [&theirs, &issued, &foreign].map(|key| json!({ "op": "delete", "id": id(key) }));
    let all = "/api/v2/api-keys";
    send(&member, all, false, &gone).await.expect_problem(403, "permission_denied");
    send(&admin, all, true, &gone).await.expect_problem(422, "batch_failed");
    program.get("/api/v2/users").await.expect(200);
    let answer = send(&admin, all, false, &gone).await.expect(200);
    assert_eq!(statuses(&answer), [204, 204, 404], "{answer}");
    for caller in [&program, &of_program] {
        caller.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
    }
    let before = state(&app).await;
    for operation in [create("x"), json!({ "op": "update", "id": id(&theirs), "data": {} })] {
        let problem = send(&admin, all, false, &[operation]).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/operations/0/op");
    }
    assert_eq!(before, state(&app).await);
}

#[tokio::test]
async fn nobody_makes_in_a_batch_a_key_that_carries_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let path = account(&admin, json!({ "name": "Import", "permissions": ["users:read"] })).await;
    let keeper = app.member_with::<markers::ApiKeysWrite>().await;
    let before = state(&app).await;
    let answer = send(&keeper, &format!("{path}/api-keys"), false, &[create("k")]).await.expect(200);
    assert_eq!(answer["results"][0]["error"]["code"], "grant_exceeds_own", "{answer}");
    assert_eq!(before, state(&app).await);
}
