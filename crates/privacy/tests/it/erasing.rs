//! An erasure: nothing of the person is left but the bare bones of events, and the log verifies.

use chrono::TimeDelta;
use elder_audit::note;
use elder_privacy::Done;
use serde_json::{Value, json};

use crate::support::{CANARIES, Case, ORIGIN, REQUESTS};

/// A file of the log in which she can be read.
async fn exported(case: &Case) {
    let asked = case.admin.post("/api/v2/audit/exports", json!({ "format": "json" })).await.expect(201);
    elder_audit::seal(&case.app.worker, ORIGIN).await.unwrap();
    let id = asked["id"].as_str().unwrap().parse().unwrap();
    elder_audit::write_export(&case.app.worker, case.app.acme.id, id).await.unwrap();
}

/// A report for auditors that names her.
async fn reported(case: &Case) {
    let moment = |days| (case.app.seam.now() + TimeDelta::days(days)).to_rfc3339();
    let asked = json!({ "kind": "user_access", "format": "json", "from": moment(-1), "to": moment(1) });
    let report = case.admin.post("/api/v2/compliance/reports", asked).await.expect(201);
    let id = report["id"].as_str().unwrap().parse().unwrap();
    elder_compliance::write_report(&case.app.worker, case.app.acme.id, id).await.unwrap();
    let content = format!("/api/v2/compliance/reports/{}/content", report["id"].as_str().unwrap());
    assert!(case.admin.get(&content).await.text.contains(CANARIES[0]));
}

#[tokio::test]
async fn a_12_of_whom_was_erased_nothing_is_found_and_the_log_verifies_before_and_after() {
    let case = Case::of_a_person().await;
    exported(&case).await;
    reported(&case).await;
    assert!(case.is_log_good().await);
    assert!(!case.found().await.is_empty());
    let id = case.asks("erasure").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    assert_eq!(case.found().await, Vec::<String>::new());
    assert!(case.is_log_good().await);
    let text = Value::from(case.events().await).to_string();
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary}: {text}");
    }
    // The id stays, and that it happened.
    assert!(text.contains(&case.ada.to_string()) && text.contains("[erased]"), "{text}");
    let erased = case.events().await.into_iter().filter(|event| event["action"] == "privacy_request.erased");
    assert_eq!(erased.count(), 1);
    case.admin.get(&format!("/api/v2/users/{}", case.ada)).await.expect_problem(404, "not_found");
    // Her session ends at once on this node.
    case.herself.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(case.shown(&id).await["state"], "completed");
}

#[tokio::test]
async fn a_13_of_an_event_that_tells_of_two_people_the_others_part_stays_readable() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    let events = case.events().await;
    let updated = events.iter().find(|event| {
        event["action"] == "portal_user.updated" && event["actor_user_id"] == json!(case.admin.user)
    });
    let updated = updated.unwrap();
    assert_eq!(updated["changes"]["email"], json!({ "before": "[erased]", "after": "[erased]" }));
    assert_eq!(updated["actor_ip"], "127.0.0.1");
    let signed_in = events.iter().find(|event| event["action"] == "session.started").unwrap();
    assert_eq!(signed_in["actor_user_agent"], "[erased]");
}

#[tokio::test]
async fn what_is_told_of_somebody_after_their_erasure_is_not_written_down() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    // An invitation to the same address is sealed under the key that stands for it, which is destroyed too.
    let body = json!({ "email": "canary.ada@example.com", "tenant_role": "reader" });
    let invited = case.admin.post("/api/v2/invitations", body).await;
    assert!(invited.status < 300, "{}", invited.text);
    let told = case.events().await.into_iter().find(|event| event["action"] == "invitation.created").unwrap();
    assert_eq!(told["changes"]["email"]["after"], "[erased]");
}

#[tokio::test]
async fn the_certificate_is_signed_by_the_logs_key_and_says_who_asked_and_what_is_kept() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    let path = format!("{REQUESTS}/{id}/certificate");
    case.admin.get(&path).await.expect_problem(409, "conflict");
    assert_eq!(case.done(&id).await, Done::Completed);
    let certificate = case.admin.get(&path).await;
    let keys = case.admin.get("/api/v2/audit/keys").await.expect(200);
    let key = keys["data"][0]["verifier"].as_str().unwrap().parse().unwrap();
    let text = note::opened(&certificate.text, &[key]).unwrap();
    let (title, said) = text.trim_end().split_once('\n').unwrap();
    assert_eq!(title, format!("{ORIGIN}/audit/{}/erasures", case.app.acme.id));
    let said: Value = serde_json::from_str(said).unwrap();
    assert_eq!(said["requested_by"], json!(case.admin.user));
    assert_eq!(said["approved_by"], json!(case.second.user));
    assert_eq!((&said["user_id"], &said["erased"]["accounts"]), (&json!(case.ada), &json!(1)));
    assert_eq!(said["kept"].as_array().unwrap().len(), 3);
    let forged = certificate.text.replace("\"accounts\":1", "\"accounts\":9");
    let key = keys["data"][0]["verifier"].as_str().unwrap().parse().unwrap();
    assert!(forged != certificate.text && note::opened(&forged, &[key]).is_err());
}

#[tokio::test]
async fn an_erasure_that_breaks_off_has_done_nothing_and_is_done_once_by_the_next_try() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    case.second.post(&format!("{REQUESTS}/{id}/approve"), Value::Null).await.expect(200);
    let sql = &case.app.superuser;
    let broken = "
        create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
        create trigger broken before update on person_keys for each row execute function broken();";
    sql.batch_execute(broken).await.unwrap();
    elder_audit::seal(&case.app.worker, ORIGIN).await.unwrap();
    let tried = elder_privacy::perform(&case.app.worker, case.app.acme.id, id.parse().unwrap()).await;
    assert!(tried.is_err());
    case.admin.get(&format!("/api/v2/users/{}", case.ada)).await.expect(200);
    assert_eq!(case.shown(&id).await["state"], "approved");
    assert!(Value::from(case.events().await).to_string().contains("canary.ada"));
    sql.batch_execute("drop trigger broken on person_keys").await.unwrap();
    assert_eq!(case.performed(&id).await, Done::Completed);
    assert_eq!(case.performed(&id).await, Done::Settled);
    assert_eq!(case.app.audit_count("privacy_request.erased").await, 1);
    assert_eq!(case.found().await, Vec::<String>::new());
}

#[tokio::test]
async fn another_node_forgets_the_key_within_a_second_and_makes_no_other() {
    let case = Case::of_a_person().await;
    let node = case.app.another_node().await;
    let there = node.called_by(&case.herself);
    there.patch("/api/v2/me", json!({ "full_name": "Adastra There" })).await.expect(200);
    let id = case.asks("erasure").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    tokio::time::sleep(std::time::Duration::from_millis(950)).await;
    let admin = node.called_by(&case.admin);
    let text = admin.get("/api/v2/audit/events?limit=200").await.text;
    assert!(!text.contains("canary.ada") && text.contains("[erased]"), "{text}");
    node.drain().await;
    assert_eq!(case.found().await, Vec::<String>::new());
    let ask = "select count(*) from person_keys where person = $1 and sealed is not null";
    let keys: i64 = case.app.superuser.query_one(ask, &[&case.ada.uuid()]).await.unwrap().get(0);
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn a_key_that_was_destroyed_cannot_be_put_back() {
    let case = Case::of_a_person().await;
    let id = case.asks("erasure").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    let back = "update person_keys set sealed = 'x', erased_at = null where person = $1";
    let refused = case.app.superuser.execute(back, &[&case.ada.uuid()]).await.unwrap_err();
    assert!(refused.as_db_error().unwrap().message().contains("no key again"), "{refused}");
}

#[tokio::test]
async fn a_12_the_addresses_by_which_alerts_have_fired_go_with_the_person() {
    let case = Case::of_a_person().await;
    let alert = json!({ "name": "Names", "filter": "action eq \"portal_user.updated\"", "threshold": 1, "window_minutes": 5,
        "group_by": "ip", "channel": { "kind": "mail", "to": ["soc@example.com"] } });
    elder_audit::seal(&case.app.worker, ORIGIN).await.unwrap();
    let alert = case.admin.post("/api/v2/audit/alerts", alert).await.expect(201);
    let path = format!("/api/v2/audit/alerts/{}/firings", alert["id"].as_str().unwrap());
    case.herself.patch("/api/v2/me", json!({ "full_name": "Adastra King" })).await.expect(200);
    elder_audit::seal(&case.app.worker, ORIGIN).await.unwrap();
    let targets = elder_testkit::targets(&case.app.seam, std::path::Path::new("/nonexistent"));
    elder_audit::watch_alerts(&case.app.worker, &targets).await.unwrap();
    let group = async || case.admin.get(&path).await.expect(200)["data"][0]["group"].clone();
    assert_eq!(group().await, "127.0.0.1");
    let id = case.asks("erasure").await;
    assert_eq!(case.done(&id).await, Done::Completed);
    assert_eq!(group().await, "[erased]");
    let left = "select count(*) from audit_alert_firings where group_key <> '#'";
    assert_eq!(case.app.superuser.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
}
