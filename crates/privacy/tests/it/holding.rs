//! While a legal hold stands nobody whom it covers is erased, and no mail of theirs goes.

use elder_access::DbError;
use elder_privacy::Done;
use serde_json::{Value, json};

use crate::support::{Case, REQUESTS};

/// Releases a hold, which takes two.
async fn release(case: &Case, held: &str) {
    let path = format!("/api/v2/audit/legal-holds/{held}/release");
    case.admin.post(&path, json!({ "reason": "closed" })).await.expect(200);
    case.second.post(&format!("{path}/approve"), Value::Null).await.expect(200);
}

async fn hold(case: &Case, over: Value) -> String {
    let mut body = over;
    body["reason"] = json!("Case 7");
    let held = case.admin.post("/api/v2/audit/legal-holds", body).await.expect(201);
    held["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_hold_refuses_the_request_its_approval_and_the_job() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    let held = hold(&case, json!({ "user_id": case.ada })).await;
    let body = json!({ "kind": "erasure", "user_id": case.ada, "reason": "again" });
    case.admin.post(REQUESTS, body).await.expect_problem(409, "legal_hold");
    let path = format!("{REQUESTS}/{id}/approve");
    case.second.post(&path, Value::Null).await.expect_problem(409, "legal_hold");
    release(&case, &held).await;
    case.second.post(&path, Value::Null).await.expect(200);
    hold(&case, json!({})).await;
    assert_eq!(case.performed(&id).await, Done::Refused);
    let shown = case.shown(&id).await;
    assert_eq!((&shown["state"], &shown["error"]), (&json!("refused"), &json!("legal_hold")));
    assert_eq!(case.app.audit_count("privacy_request.refused").await, 1);
    case.admin.get(&format!("/api/v2/users/{}", case.ada)).await.expect(200);
    assert!(Value::from(case.events().await).to_string().contains("canary.ada"));
}

#[tokio::test]
async fn who_has_acted_in_an_organization_on_hold_is_not_erased() {
    let case = Case::of_a_person().await;
    let act = "update audit_logs set organization_id = $2 where actor_user_id = $1";
    let sql = &case.app.superuser;
    sql.batch_execute("set session_replication_role = replica").await.unwrap();
    sql.execute(act, &[&case.ada.uuid(), &case.app.acme.child.uuid()]).await.unwrap();
    sql.batch_execute("set session_replication_role = origin").await.unwrap();
    let body = json!({ "kind": "erasure", "user_id": case.ada, "reason": "r" });
    hold(&case, json!({ "organization_id": case.app.acme.child })).await;
    case.admin.post(REQUESTS, body).await.expect_problem(409, "legal_hold");
}

#[tokio::test]
async fn the_database_itself_refuses_to_destroy_a_key_on_hold() {
    let case = Case::of_a_person().await;
    hold(&case, json!({ "user_id": case.ada })).await;
    let destroy = "update person_keys set sealed = null, erased_at = now() where person = $1";
    let refused = case.app.superuser.execute(destroy, &[&case.ada.uuid()]).await.unwrap_err();
    assert!(matches!(DbError::from(refused), DbError::Held(_)));
}

#[tokio::test]
async fn mails_and_links_on_hold_are_passed_over_by_what_deletes_old_ones() {
    let case = Case::of_a_person().await;
    let sql = &case.app.superuser;
    sql.batch_execute(
        "update mails set status = 'dead', updated_at = now() - interval '10 years';
        update one_time_tokens set expires_at = now() - interval '10 years'",
    )
    .await
    .unwrap();
    let counts = async || {
        let ask =
            "select (select count(*) from mails where tenant_id = $1), (select count(*) from one_time_tokens
            where tenant_id = $1)";
        let row = sql.query_one(ask, &[&case.app.acme.id.0]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, i64>(1))
    };
    let before = counts().await;
    assert!(before.0 > 0 && before.1 > 0, "{before:?}");
    let held = hold(&case, json!({ "user_id": case.ada })).await;
    sql.batch_execute("delete from mails; delete from one_time_tokens").await.unwrap();
    let kept = counts().await;
    assert!(kept.0 > 0 && kept.1 > 0, "{kept:?}");
    release(&case, &held).await;
    sql.batch_execute("delete from mails; delete from one_time_tokens").await.unwrap();
    assert_eq!(counts().await, (0, 0));
}
