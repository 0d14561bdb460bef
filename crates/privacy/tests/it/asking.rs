//! Who may ask, and who may approve.

use chrono::Duration;
use elder_access::{Entitlements, Role};
use elder_privacy::Done;
use elder_testkit::licensed;
use serde_json::{Value, json};

use crate::support::{Case, REQUESTS};

#[tokio::test]
async fn who_asks_does_not_approve_nor_does_whom_it_is_about() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    let path = format!("{REQUESTS}/{id}/approve");
    case.admin.post(&path, Value::Null).await.expect_problem(403, "permission_denied");
    let own = json!({ "kind": "access", "user_id": case.second.user, "reason": "for myself" });
    let own = case.admin.post(REQUESTS, own).await.expect(201);
    let own = format!("{REQUESTS}/{}/approve", own["id"].as_str().unwrap());
    case.second.post(&own, Value::Null).await.expect_problem(403, "permission_denied");
    let reader = case.app.member(case.app.acme.id, Some(Role::Reader)).await;
    reader.post(&path, Value::Null).await.expect_problem(403, "permission_denied");
    assert_eq!(case.shown(&id).await["state"], "requested");
    let approved = case.second.post(&path, Value::Null).await.expect(200);
    assert_eq!((&approved["state"], &approved["decided_by"]), (&json!("approved"), &json!(case.second.user)));
    case.second.post(&path, Value::Null).await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn the_only_admin_of_a_tenant_waits_seven_days() {
    let case = Case::of_a_person().await;
    let gone = "update portal_users set is_active = false where tenant_id = $1 and id = $2";
    let second = case.second.user.unwrap().uuid();
    case.app.superuser.execute(gone, &[&case.app.acme.id.0, &second]).await.unwrap();
    let id = case.asks("erasure").await;
    let path = format!("{REQUESTS}/{id}/approve");
    case.admin.post(&path, Value::Null).await.expect_problem(403, "permission_denied");
    // Beyond the life of a session, which is not what is waited for here.
    let earlier =
        "update privacy_requests set created_at = created_at - interval '7 days' where id = $1::text::uuid";
    let uuid = id.parse::<elder_privacy::request::PrivacyRequestId>().unwrap().uuid().to_string();
    case.app.superuser.execute(earlier, &[&uuid]).await.unwrap();
    case.app.clock.advance(Duration::seconds(1));
    assert_eq!(case.admin.post(&path, Value::Null).await.expect(200)["state"], "approved");
}

#[tokio::test]
async fn the_same_is_asked_once_at_a_time_and_again_after_a_rejection() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    let body = json!({ "kind": "erasure", "user_id": case.ada, "reason": "again" });
    case.second.post(REQUESTS, body.clone()).await.expect_problem(409, "already_exists");
    let reason = json!({ "reason": "canary.ada was somebody else" });
    let rejected = case.admin.post(&format!("{REQUESTS}/{id}/reject"), reason.clone()).await.expect(200);
    assert_eq!((&rejected["state"], &rejected["reject_reason"]), (&json!("rejected"), &reason["reason"]));
    case.admin.post(&format!("{REQUESTS}/{id}/reject"), reason).await.expect_problem(409, "conflict");
    case.second.post(REQUESTS, body).await.expect(201);
}

#[tokio::test]
async fn nobody_asks_about_a_stranger() {
    let case = Case::of_a_person().await;
    let stranger = case.app.other_tenant().await;
    for kind in ["access", "erasure"] {
        let body = json!({ "kind": kind, "user_id": stranger.user, "reason": "r" });
        case.admin.post(REQUESTS, body).await.expect_problem(404, "not_found");
        let body = json!({ "kind": kind, "user_id": case.ada, "reason": "r" });
        stranger.post(REQUESTS, body).await.expect_problem(404, "not_found");
    }
    let id = case.asks("erasure").await;
    for path in ["", "/certificate", "/content"] {
        stranger.get(&format!("{REQUESTS}/{id}{path}")).await.expect_problem(404, "not_found");
    }
    stranger.post(&format!("{REQUESTS}/{id}/approve"), Value::Null).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_last_admin_is_not_erased() {
    let case = Case::of_a_person().await;
    let only = case.app.other_tenant().await;
    let body = json!({ "kind": "erasure", "user_id": only.user, "reason": "r" });
    only.post(REQUESTS, body).await.expect_problem(409, "last_admin");
}

/// What people may ask by law waits for no licence.
#[tokio::test]
async fn p_40_in_a_tenant_beyond_the_licence_people_get_their_data_and_are_erased() {
    let case = Case::of_a_person().await;
    let beyond = Entitlements { first_beyond: Some(case.app.acme.id), ..licensed() };
    case.app.keeper.entitle(beyond);
    let new = json!({ "name": "Sales" });
    case.admin.post("/api/v2/organizations", new).await.expect_problem(402, "license_required");
    let copy = case.asks("access").await;
    assert_eq!(case.done(&copy).await, Done::Completed);
    let content = case.admin.get(&format!("{REQUESTS}/{copy}/content")).await;
    assert!(content.status == 200 && content.text.contains("canary.ada"), "{}", content.text);
    let erasure = case.asks("erasure").await;
    assert_eq!(case.done(&erasure).await, Done::Completed);
    assert_eq!(case.found().await, Vec::<String>::new());
}
