//! How long events are kept: said by admins, done by the worker, proven by what is left.

use elder_access::{Entitlements, Job, Role, SubscriptionTier, work::Shell};
use elder_api_types::license::{LicensePhase, Limits, Most};
use elder_audit::{
    expire, seal,
    verify::{Finding, Report, export, kept, keys, newest, verify, verify_export},
};
use elder_testkit::{Actor, TestApp};
use serde_json::json;

use crate::{
    guide::Auditor,
    second_person::{RETENTION, shorten},
};

const ORIGIN: &str = "elder.test";

/// An event of so many days ago; its name is its `correlation_id`.
async fn event(app: &TestApp, days: i32, category: &str, name: &str) {
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, $2::timestamptz - make_interval(days => $3), gen_random_uuid(), $5, 'system', 'a', $4, 'r', 'success')";
    app.superuser.execute(add, &[&app.acme.id.0, &app.seam.now(), &days, &category, &name]).await.unwrap();
}

/// The names of what is left of them.
async fn left(app: &TestApp) -> Vec<String> {
    let ask = "select correlation_id from audit_logs where tenant_id = $1 and action = 'a' order by 1";
    app.superuser.query(ask, &[&app.acme.id.0]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn report(app: &TestApp, job: &Job<Shell>) -> Report {
    let keys = keys(job, app.acme.id).await.unwrap();
    let note = newest(job, app.acme.id).await.unwrap().unwrap();
    verify(job, app.acme.id, &keys, &kept(&note, &keys).unwrap()).await.unwrap()
}

/// Six events, of which three are past their time: their names begin with `old`.
async fn aged() -> (TestApp, Actor) {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (days, category, name) in [
        (100, "authentication", "old sign-in"),
        (59, "authentication", "sign-in"),
        (500, "data_change", "old change"),
        (100, "data_change", "change"),
        (401, "configuration", "old setting"),
        (0, "configuration", "setting"),
    ] {
        event(&app, days, category, name).await;
    }
    let asked = json!({ "days": 400, "categories": { "authentication": 60 } });
    let said = shorten(&app, &admin, asked).await;
    assert_eq!((&said["days"], &said["categories"]["authentication"]), (&json!(400), &json!(60)));
    seal(&app.worker, ORIGIN).await.unwrap();
    (app, admin)
}

#[tokio::test]
async fn an_admin_says_how_long_events_are_kept_and_nobody_below() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let before = admin.get(RETENTION).await.expect(200);
    assert_eq!(
        (&before["days"], &before["version"], &before["updated_by"]),
        (&json!(null), &json!(0), &json!(null))
    );
    let asked = json!({ "days": 90, "categories": { "data_access": 30 } });
    for role in [Some(Role::Maintainer), Some(Role::Reader), None] {
        let other = app.member(app.acme.id, role).await;
        other.put(RETENTION, asked.clone()).await.expect_problem(403, "permission_denied");
        other.get(RETENTION).await.expect_problem(403, "permission_denied");
    }
    assert_eq!(admin.get(RETENTION).await.expect(200), before);
    shorten(&app, &admin, json!({ "days": 60 })).await;
    let after = admin.put(RETENTION, json!({ "days": 90 })).await.expect(200);
    assert_eq!((&after["version"], &after["updated_by"]), (&json!(3), &json!(admin.user)));
    assert_eq!(admin.get(RETENTION).await.expect(200), after);
    assert_eq!(app.audit_count("audit_retention.updated").await, 1);
    assert_eq!(admin.put(RETENTION, json!({ "days": 90 })).await.expect(200), after);
    assert_eq!(app.audit_count("audit_retention.updated").await, 1);
    assert_eq!(app.other_tenant().await.get(RETENTION).await.expect(200)["days"], json!(null));
    for (wrong, code, pointer) in [
        (json!({ "days": 29 }), "validation_failed", "/days"),
        (json!({ "categories": { "data_access": 36_501 } }), "validation_failed", "/categories/data_access"),
        (json!({ "categories": { "gossip": 90 } }), "unknown_field", "/categories/gossip"),
    ] {
        let problem = admin.put(RETENTION, wrong).await.expect_problem(400, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
}

#[tokio::test]
async fn nobody_keeps_events_for_longer_than_the_operator_allows() {
    let (app, admin) = aged().await;
    let bound = "update tenants set data_retention_days = 99 where id = $1";
    app.superuser.execute(bound, &[&app.acme.id.0]).await.unwrap();
    assert_eq!(admin.get(RETENTION).await.expect(200)["maximum_days"], 99);
    admin.put(RETENTION, json!({ "days": 100 })).await.expect_problem(400, "validation_failed");
    let problem = admin.put(RETENTION, json!({ "categories": { "data_change": 100 } })).await;
    problem.expect_problem(400, "validation_failed");
    admin.put(RETENTION, json!({ "days": 99 })).await.expect(200);
    admin.put(RETENTION, json!({})).await.expect(200);
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, ["setting", "sign-in"]);
}

#[tokio::test]
async fn nobody_keeps_events_for_longer_than_the_licence_allows() {
    let (app, admin) = aged().await;
    let of = |days| Limits { audit_retention_days: Most(days), ..SubscriptionTier::Enterprise.limits() };
    let licence = |phase, days| Entitlements {
        phase,
        limits: of(days),
        ..Entitlements::of_tier(SubscriptionTier::Enterprise)
    };
    app.keeper.entitle(licence(LicensePhase::Valid, Some(99)));
    assert_eq!(admin.get(RETENTION).await.expect(200)["maximum_days"], 99);
    admin.put(RETENTION, json!({ "days": 100 })).await.expect_problem(400, "validation_failed");
    admin.put(RETENTION, json!({})).await.expect(200);
    // What the operator allows may be less still.
    let bound = "update tenants set data_retention_days = $1";
    app.superuser.execute(bound, &[&Some(70_i32)]).await.unwrap();
    assert_eq!(admin.get(RETENTION).await.expect(200)["maximum_days"], 70);
    app.superuser.execute(bound, &[&None::<i32>]).await.unwrap();
    // Once it has ended nothing is taken out on its account, not by the community tier's days either.
    for phase in [LicensePhase::Grace, LicensePhase::Lapsed] {
        app.keeper.entitle(licence(phase, Some(30)));
        assert_eq!(expire(&app.worker).await.unwrap(), 0, "{phase:?}");
        assert_eq!(admin.get(RETENTION).await.expect(200)["maximum_days"], json!(null));
    }
    app.keeper.entitle(licence(LicensePhase::Valid, Some(99)));
    expire(&app.worker).await.unwrap();
    assert_eq!(left(&app).await, ["setting", "sign-in"]);
}

#[tokio::test]
async fn without_any_licence_thirty_days_are_kept_and_one_that_is_not_in_force_yet_costs_no_event() {
    let (app, admin) = aged().await;
    admin.put(RETENTION, json!({})).await.expect(200);
    app.keeper.entitle(Entitlements::of_tier(SubscriptionTier::Community));
    app.superuser.execute("update license_state set document = 'x'", &[]).await.unwrap();
    assert_eq!(expire(&app.worker).await.unwrap(), 0);
    app.superuser.execute("update license_state set document = null", &[]).await.unwrap();
    assert_eq!(expire(&app.worker).await.unwrap(), 5);
    assert_eq!(left(&app).await, ["setting"]);
}

#[tokio::test]
async fn a_14_what_is_past_its_time_goes_by_category_and_what_is_left_still_proves_the_log() {
    let (app, admin) = aged().await;
    assert_eq!(expire(&app.worker).await.unwrap(), 3);
    assert_eq!(left(&app).await, ["change", "setting", "sign-in"]);
    assert_eq!(expire(&app.worker).await.unwrap(), 0);
    // The log itself says so, once for each category.
    assert_eq!(app.audit_count("audit_log.expired").await, 3);
    seal(&app.worker, ORIGIN).await.unwrap();
    let job = app.worker.job::<Shell>();
    let found = report(&app, &job).await;
    assert_eq!((found.findings, found.removed, found.is_good), (vec![], 3, true));
    let page =
        admin.get("/api/v2/audit/events?filter=action eq \"audit_retention.approved\"").await.expect(200);
    let proof = format!("/api/v2/audit/events/{}/proof", page["data"][0]["id"].as_str().unwrap());
    admin.get(&proof).await.expect(200);
    let mut file = Vec::new();
    export(&job, app.acme.id, &mut file).await.unwrap();
    let keys = keys(&job, app.acme.id).await.unwrap();
    let elsewhere = verify_export(file.as_slice(), &keys, &[]).unwrap();
    assert_eq!((elsewhere.findings, elsewhere.removed), (vec![], 3));
    // Another place under the record, as one would write it who hides an event.
    let text = String::from_utf8(file).unwrap();
    let hidden: Vec<_> = text.lines().map(|line| hide(line, "setting")).collect();
    let found = verify_export(hidden.join("\n").as_bytes(), &keys, &[]).unwrap().findings;
    assert!(matches!(found[..], [Finding::Unrecorded { .. }]), "{found:?}");
    let auditor = Auditor::of(&job, app.acme.id).await;
    let whole: Vec<_> = text.lines().map(str::to_owned).collect();
    assert_eq!(auditor.finds(&whole, true), Vec::<String>::new());
    let [found] = auditor.finds(&hidden, true).try_into().unwrap();
    assert!(found.starts_with("unrecorded: "), "{found}");
}

/// The line without its event, as if the first removal had taken it out.
fn hide(line: &str, name: &str) -> String {
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    if line["event"]["correlation_id"] == name {
        line = json!({ "seq": line["seq"], "id": line["event"]["id"], "timestamp": line["event"]["timestamp"],
            "leaf": line["leaf"], "removal": "00000000-0000-7000-8000-000000000001" });
    }
    line.to_string()
}

#[tokio::test]
async fn a_14_an_event_that_is_missing_without_a_record_is_still_named() {
    let (app, _) = aged().await;
    expire(&app.worker).await.unwrap();
    seal(&app.worker, ORIGIN).await.unwrap();
    let job = app.worker.job::<Shell>();
    assert_eq!(report(&app, &job).await.findings, []);
    let gone =
        "set session_replication_role = replica; delete from audit_logs where correlation_id = 'setting'";
    app.superuser.batch_execute(gone).await.unwrap();
    let found = report(&app, &job).await;
    assert!(matches!(found.findings[..], [Finding::Removed { .. }]), "{:?}", found.findings);
    assert_eq!((found.removed, found.is_good), (3, false));
    // Without the event that tells of it, a record is none.
    app.superuser.batch_execute("delete from audit_logs where action = 'audit_log.expired'").await.unwrap();
    let found = report(&app, &job).await.findings;
    let unsaid = found.iter().filter(|finding| matches!(finding, Finding::Unrecorded { .. })).count();
    assert_eq!(unsaid, 3, "{found:?}");
}

#[tokio::test]
async fn a_preview_counts_what_would_go_and_takes_nothing() {
    let (app, admin) = aged().await;
    let preview = format!("{RETENTION}/preview");
    let present = admin.get(&preview).await.expect(200);
    assert_eq!((&present["events"], &present["held"]), (&json!(3), &json!(0)));
    let names: Vec<_> = present["data"].as_array().unwrap().iter().map(|month| &month["category"]).collect();
    assert_eq!(names, ["data_change", "configuration", "authentication"]);
    let other = admin.get(&format!("{preview}?authentication=30")).await.expect(200);
    assert_eq!((&other["events"], other["data"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(admin.get(&format!("{preview}?days=30")).await.expect(200)["events"], 5);
    admin.get(&format!("{preview}?days=3")).await.expect_problem(400, "invalid_parameter");
    assert_eq!(left(&app).await.len(), 6);
    assert_eq!(app.other_tenant().await.get(&format!("{preview}?days=30")).await.expect(200)["events"], 0);
}

#[tokio::test]
async fn what_tells_of_the_log_itself_is_never_past_its_time() {
    let (app, _) = aged().await;
    expire(&app.worker).await.unwrap();
    seal(&app.worker, ORIGIN).await.unwrap();
    app.clock.advance(chrono::Duration::days(2_000));
    assert!(expire(&app.worker).await.unwrap() > 0);
    assert_eq!(left(&app).await, [""; 0]);
    assert!(app.audit_count("audit_log.expired").await >= 4);
    seal(&app.worker, ORIGIN).await.unwrap();
    assert_eq!(report(&app, &app.worker.job::<Shell>()).await.findings, []);
}

#[tokio::test]
async fn a_01_the_database_gives_no_event_up_but_one_that_this_transaction_has_recorded() {
    let (app, _) = aged().await;
    let sql = app.database.connect("elder_platform").await;
    let record = |category: &str, until: &str| {
        format!(
            "insert into audit_removals (tenant_id, id, category, until, events, first_seq, last_seq, seqs, removed_at)
            values ({}, gen_random_uuid(), '{category}', {until}, 1, 0, 0, '{{[0,1)}}', now());",
            app.acme.id
        )
    };
    let delete = "delete from audit_logs where correlation_id = 'old change'";
    let refused = async |before: &str| {
        let refused = sql.batch_execute(&format!("begin; {before} {delete}")).await.expect_err(before);
        assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{before}");
        sql.batch_execute("rollback").await.unwrap();
    };
    refused("").await;
    refused(&record("configuration", "now()")).await;
    refused(&record("data_change", "now() - interval '600 days'")).await;
    let hold = "insert into legal_holds (tenant_id, id, scope, reason, created_at)
        values ($1, gen_random_uuid(), 'tenant', 'r', now())";
    app.superuser.execute(hold, &[&app.acme.id.0]).await.unwrap();
    refused(&record("data_change", "now()")).await;
    app.superuser
        .batch_execute(
            "update legal_holds set release_asked_at = now(), release_asked_by = gen_random_uuid(),
            release_reason = 'r', released_at = now()",
        )
        .await
        .unwrap();
    sql.batch_execute(&format!("begin; {} {delete}; rollback", record("data_change", "now()")))
        .await
        .unwrap();
    // The record of another transaction is none.
    sql.batch_execute(&record("data_change", "now()")).await.unwrap();
    refused("").await;
    let change = sql.batch_execute("update audit_removals set until = now()").await.expect_err("append-only");
    assert_eq!(change.code().map(tokio_postgres::error::SqlState::code), Some("42501"));
}
