//! What the log says of people lies there sealed, and is read by those who may.

use serde_json::{Value, json};

use crate::support::{CANARIES, Case};

/// What of the log and the outbox lies there in the clear.
async fn open_in_log(case: &Case) -> Vec<String> {
    case.found()
        .await
        .into_iter()
        .filter(|place| place.contains("audit_") || place.contains("outbox"))
        .collect()
}

#[tokio::test]
async fn what_events_say_of_people_is_sealed_in_the_database_and_open_to_who_may_read_it() {
    let case = Case::of_a_person().await;
    assert_eq!(open_in_log(&case).await, Vec::<String>::new());
    let events = case.events().await;
    let text = Value::from(events.clone()).to_string();
    for canary in CANARIES {
        assert!(text.contains(canary), "{canary}: {text}");
    }
    assert!(!text.contains("sealed:"), "{text}");
    let created = events.iter().find(|event| event["action"] == "portal_user.created").unwrap();
    let email = json!({ "before": null, "after": "canary.former@example.com" });
    assert_eq!(created["changes"]["email"], email);
    // The admin's own, under the admin's key.
    assert_eq!(created["actor_ip"], "127.0.0.1");
    // Of who is not signed in yet it is known whom they mean.
    let failed = events.iter().find(|event| event["action"] == "session.refused");
    if let Some(failed) = failed {
        assert_eq!(failed["actor_user_agent"], "canary-program/1");
    }
    assert!(case.is_log_good().await);
}

#[tokio::test]
async fn an_event_keeps_its_form_in_proofs_so_that_they_verify() {
    let case = Case::of_a_person().await;
    assert!(case.is_log_good().await);
    let created =
        case.events().await.into_iter().find(|event| event["action"] == "portal_user.created").unwrap();
    let path = format!("/api/v2/audit/events/{}/proof", created["id"].as_str().unwrap());
    let proof = case.admin.get(&path).await.expect(200);
    let sealed = proof["event"]["changes"]["email"]["after"].as_str().unwrap();
    assert!(sealed.starts_with("sealed:"), "{sealed}");
    let keys = case.admin.get("/api/v2/audit/keys").await.expect(200);
    let key = keys["data"][0]["verifier"].as_str().unwrap().parse().unwrap();
    let report = elder_audit::verify::verify_export(proof.to_string().as_bytes(), &[key], &[]).unwrap();
    assert!(report.is_good, "{:?}", report.findings);
}

#[tokio::test]
async fn a_value_that_was_moved_to_another_event_does_not_open_there() {
    let case = Case::of_a_person().await;
    let ask = "select changes #>> '{email,after}' from audit_logs where action = 'portal_user.created'
        and resource_id = $1";
    let sealed: String = case.app.superuser.query_one(ask, &[&case.ada.to_string()]).await.unwrap().get(0);
    case.admin
        .post("/api/v2/organizations", json!({ "name": sealed[..190.min(sealed.len())] }))
        .await
        .expect(201);
    let named =
        case.events().await.into_iter().find(|event| event["action"] == "organization.created").unwrap();
    assert!(named["changes"]["name"]["after"].as_str().unwrap().starts_with("sealed:"), "{named}");
}

#[tokio::test]
async fn lists_are_not_filtered_by_what_is_sealed() {
    let case = Case::of_a_person().await;
    for field in ["actor_ip", "actor_user_agent"] {
        let path = format!("/api/v2/audit/events?filter={field}%20eq%20%22127.0.0.1%22");
        case.admin.get(&path).await.expect_problem(400, "invalid_filter");
    }
}

#[tokio::test]
async fn the_database_alone_opens_nothing() {
    let case = Case::of_a_person().await;
    let ask = "select count(*), count(*) filter (where octet_length(sealed) = 61) from person_keys where tenant_id = $1";
    let row = case.app.superuser.query_one(ask, &[&case.app.acme.id.0]).await.unwrap();
    let (keys, sealed): (i64, i64) = (row.get(0), row.get(1));
    // 1 for the version, 12 for the nonce, 32 for the key, 16 for the tag.
    assert!(keys >= 2 && keys == sealed, "{keys} keys, {sealed} of them sealed");
}
