//! A copy of all that is known of a person: without secrets, for a while, and each download told.

use chrono::Duration;
use elder_privacy::Done;
use serde_json::{Value, json};

use crate::support::{CANARIES, Case, REQUESTS};

#[tokio::test]
async fn a_copy_has_account_sessions_mails_and_events_and_no_secret() {
    let case = Case::of_a_person().await;
    let id = case.asks("access").await;
    let path = format!("{REQUESTS}/{id}/content");
    case.admin.get(&path).await.expect_problem(409, "conflict");
    assert_eq!(case.done(&id).await, Done::Completed);
    let answer = case.admin.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let copy: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(copy["account"]["email"], "canary.ada@example.com");
    assert_eq!(copy["account"]["has_password"], true);
    assert_eq!(copy["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(copy["mails"].as_array().unwrap().len(), 1);
    let actions: Vec<_> = copy["events"].as_array().unwrap().iter().map(|event| &event["action"]).collect();
    for action in ["portal_user.created", "portal_user.updated", "session.refused", "access.denied"] {
        assert!(actions.contains(&&json!(action)), "{action}: {actions:?}");
    }
    for canary in CANARIES {
        assert!(answer.text.contains(canary), "{canary}");
    }
    for secret in ["argon2", "_hash", "sealed", "refresh"] {
        assert!(!answer.text.replace("session.refreshed", "").contains(secret), "{secret}: {}", answer.text);
    }
    assert_eq!(case.shown(&id).await["size"], answer.text.len());
    assert_eq!(case.app.audit_count("privacy_request.answered").await, 1);
    assert_eq!(case.app.audit_count("privacy_request.downloaded").await, 1);
}

#[tokio::test]
async fn a_copy_lies_sealed_and_goes_after_seven_days() {
    let case = Case::of_a_person().await;
    let id = case.asks("access").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    let places = case.found().await;
    assert!(!places.iter().any(|place| place.contains("chunks")), "{places:?}");
    let chunks = "select count(*) from privacy_request_chunks where tenant_id = $1";
    let count =
        async || case.app.superuser.query_one(chunks, &[&case.app.acme.id.0]).await.unwrap().get::<_, i64>(0);
    elder_privacy::forget_copies(&case.app.worker).await.unwrap();
    assert_eq!(count().await, 1);
    case.app.clock.advance(Duration::days(8));
    elder_privacy::forget_copies(&case.app.worker).await.unwrap();
    assert_eq!(count().await, 0);
}

#[tokio::test]
async fn an_erasure_takes_copies_with_it() {
    let case = Case::of_a_person().await;
    let copy = case.asks("access").await;
    assert_eq!(case.done(&copy).await, Done::Completed);
    let erasure = case.asks("erasure").await;
    assert_eq!(case.done(&erasure).await, Done::Completed);
    case.admin.get(&format!("{REQUESTS}/{copy}/content")).await.expect_problem(409, "conflict");
    assert_eq!(case.found().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_copy_has_what_others_did_in_which_the_person_is_named_and_nothing_of_anybody_else() {
    let case = Case::of_a_person().await;
    let invite = |address: &str| json!({ "email": address });
    case.admin.post("/api/v2/invitations", invite("canary.other@example.com")).await.expect(201);
    case.admin.post("/api/v2/invitations", invite("ben@example.com")).await.expect(201);
    // The address becomes hers.
    let path = format!("/api/v2/users/{}", case.ada);
    case.admin.patch(&path, json!({ "email": "canary.other@example.com" })).await.expect(200);
    let id = case.asks("access").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    let answer = case.admin.get(&format!("{REQUESTS}/{id}/content")).await;
    let copy: Value = serde_json::from_str(&answer.text).unwrap();
    let named = copy["named_in"].as_array().unwrap();
    let has = |action: &str| named.iter().filter(|event| event["action"] == action).collect::<Vec<_>>();
    let [invited] = has("invitation.created")[..] else { panic!("{named:?}") };
    assert!(invited.to_string().contains("canary.other@example.com"), "{invited}");
    // The admin's own address is the admin's.
    assert_eq!(invited["actor_ip"], "[of somebody else]");
    assert!(!has("privacy_request.created").is_empty(), "{named:?}");
    assert!(!answer.text.contains("ben@example.com") && !answer.text.contains("sealed:"), "{}", answer.text);
    let twice = copy["events"].as_array().unwrap().iter().any(|event| event["id"] == invited["id"]);
    assert!(!twice);
}
