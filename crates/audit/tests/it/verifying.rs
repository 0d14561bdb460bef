//! What a superuser may do to a log, and what of it is found.

use elder_access::{Job, work::Shell};
use elder_audit::{
    seal,
    verify::{Finding, Report, export, kept, keys, newest, verify, verify_export},
};
use elder_testkit::TestApp;
use serde_json::{Value, json};

const ORIGIN: &str = "elder.test";
/// Takes away what keeps everybody else from changing the log.
const UNGUARDED: &str = "set session_replication_role = replica";

/// Three checkpoints over twelve events of acme: 3, 7, 12.
pub(crate) async fn sealed() -> (TestApp, Job<Shell>) {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for count in [3, 4, 5] {
        for number in 0..count {
            let name = format!("{count}/{number}");
            admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201);
            app.clock.advance(chrono::Duration::milliseconds(5));
        }
        seal(&app.worker, ORIGIN).await.unwrap();
    }
    let job = app.worker.job::<Shell>();
    app.superuser.batch_execute(UNGUARDED).await.unwrap();
    (app, job)
}

async fn report(app: &TestApp, job: &Job<Shell>, note: Option<&str>) -> Report {
    let keys = keys(job, app.acme.id).await.unwrap();
    let kept = note.map(|note| kept(note, &keys).unwrap()).unwrap_or_default();
    verify(job, app.acme.id, &keys, &kept).await.unwrap()
}

/// What is found after a change, in words without ids.
async fn after(change: &str) -> Vec<String> {
    let (app, job) = sealed().await;
    assert_eq!(report(&app, &job, None).await.findings, []);
    app.superuser.batch_execute(&change.replace("ACME", &app.acme.id.to_string())).await.unwrap();
    worded(&app, &report(&app, &job, None).await.findings).await
}

/// Findings with places in place of ids; an id must be that of the place.
async fn worded(app: &TestApp, findings: &[Finding]) -> Vec<String> {
    let ask = "select event_id from audit_leaves where tenant_id = $1 and seq = $2";
    let mut words = Vec::new();
    for finding in findings {
        let (word, seq, id) = match finding {
            Finding::Changed { seq, id } => ("changed", seq, id),
            Finding::Removed { seq, id } => ("removed", seq, id),
            Finding::Inserted { .. } => {
                words.push("inserted".to_owned());
                continue;
            }
            other => {
                words.push(format!("{other:?}"));
                continue;
            }
        };
        let row =
            app.superuser.query_one(ask, &[&app.acme.id.0, &i64::try_from(*seq).unwrap()]).await.unwrap();
        assert_eq!(row.get::<_, uuid::Uuid>(0), id.uuid(), "{finding}");
        words.push(format!("{word} {seq}"));
    }
    words
}

/// The event at a place, for a condition.
fn at(seq: u64) -> String {
    format!(
        "(tenant_id, event_id) = (select tenant_id, event_id from audit_leaves where tenant_id = ACME and seq = {seq})"
    )
}

#[tokio::test]
async fn a_03_an_event_that_was_edited_is_named_whatever_was_edited() {
    let (app, job) = sealed().await;
    let columns = "select a.attname::text, format_type(a.atttypid, null) from pg_attribute a
        where a.attrelid = 'audit_logs'::regclass and a.attnum > 0 and not a.attisdropped
          and a.attname not in ('tenant_id', 'timestamp', 'event_id', 'written_by')";
    let columns = app.superuser.query(columns, &[]).await.unwrap();
    assert_eq!(columns.len(), 17, "another column: is it bound by the leaf?");
    for (seq, row) in columns.iter().enumerate().map(|(place, row)| (place % 12, row)) {
        let (name, kind): (&str, &str) = (row.get(0), row.get(1));
        let value = match (name, kind) {
            ("outcome", _) => "'denied'".to_owned(),
            (_, "uuid") => "gen_random_uuid()".to_owned(),
            (_, "jsonb") => format!("{name} || '{{\"x\": 1}}'"),
            _ => "'edited'".to_owned(),
        };
        let place = at(seq as u64).replace("ACME", &app.acme.id.to_string());
        let keep = format!("create temp table kept as select * from audit_logs where {place}");
        app.superuser.batch_execute(&keep).await.unwrap();
        let edit = format!("update audit_logs set {name} = {value} where {place}");
        assert_eq!(app.superuser.execute(&edit, &[]).await.unwrap(), 1);
        let found = worded(&app, &report(&app, &job, None).await.findings).await;
        assert_eq!(found, [format!("changed {seq}")], "{name}");
        let back = format!("update audit_logs l set {name} = k.{name} from kept k
            where (l.tenant_id, l.timestamp, l.event_id) = (k.tenant_id, k.timestamp, k.event_id); drop table kept");
        app.superuser.batch_execute(&back).await.unwrap();
    }
    assert_eq!(report(&app, &job, None).await.findings, []);
}

#[tokio::test]
async fn a_03_a_changed_time_id_or_tenant_is_a_removal_and_an_insertion() {
    for change in ["timestamp = timestamp + interval '1 us'", "event_id = gen_random_uuid()"] {
        let found = after(&format!("update audit_logs set {change} where {}", at(5))).await;
        assert_eq!(found, ["removed 5", "inserted"], "{change}");
    }
    let found = after(&format!("update audit_logs set tenant_id = 1 where {}", at(5))).await;
    assert_eq!(found, ["removed 5"]);
}

#[tokio::test]
async fn a_03_events_that_were_deleted_in_the_middle_or_at_the_end_are_named() {
    assert_eq!(after(&format!("delete from audit_logs where {}", at(5))).await, ["removed 5"]);
    let tail = "delete from audit_logs where tenant_id = ACME and event_id in
        (select event_id from audit_leaves where tenant_id = ACME and seq >= 10)";
    assert_eq!(after(tail).await, ["removed 10", "removed 11"]);
    let with_leaf = format!(
        "delete from audit_logs where {}; delete from audit_leaves where tenant_id = ACME and seq = 5",
        at(5)
    );
    assert_eq!(after(&with_leaf).await, ["Missing { seq: 5 }"]);
    let tail_with_leaves = format!("{tail}; delete from audit_leaves where tenant_id = ACME and seq >= 10");
    assert_eq!(after(&tail_with_leaves).await, ["Cut { size: 10, signed: 12 }"]);
}

#[tokio::test]
async fn a_03_an_event_that_was_put_in_is_named() {
    let columns =
        "tenant_id, timestamp, correlation_id, actor_type, action, category, resource_type, outcome";
    let copy = format!(
        "insert into audit_logs (event_id, written_by, {columns})
            select gen_random_uuid(), written_by, {columns} from audit_logs where {}",
        at(5)
    );
    assert_eq!(after(&copy).await, ["inserted"]);
}

#[tokio::test]
async fn a_03_events_that_were_swapped_or_hashed_anew_do_not_fit_the_checkpoint_behind_them() {
    let swapped = "update audit_leaves set seq = case seq when 4 then -4 else -5 end
            where tenant_id = ACME and seq in (4, 5);
        update audit_leaves set seq = case seq when -4 then 5 else 4 end where tenant_id = ACME and seq < 0";
    let swapped = format!("alter table audit_leaves drop constraint audit_leaves_seq_form; {swapped}");
    assert_eq!(after(&swapped).await, ["Rewritten { after: 3, size: 7 }"]);
    // The change is in the event and in its leaf.
    let hashed_anew = "update audit_leaves l set hash = o.hash, event_id = o.event_id, timestamp = o.timestamp
        from (select * from audit_leaves where tenant_id = 1 and seq = 0) o where l.tenant_id = ACME and l.seq = 8";
    let found = after(hashed_anew).await;
    assert!(found.contains(&"Rewritten { after: 7, size: 12 }".to_owned()), "{found:?}");
}

#[tokio::test]
async fn a_03_a_tail_that_was_cut_with_its_checkpoints_is_found_by_one_that_was_kept_elsewhere() {
    let (app, job) = sealed().await;
    let note = newest(&job, app.acme.id).await.unwrap().unwrap();
    assert_eq!(report(&app, &job, Some(&note)).await.findings, []);
    let cut = "delete from audit_logs where tenant_id = ACME and event_id in
            (select event_id from audit_leaves where tenant_id = ACME and seq >= 7);
        delete from audit_leaves where tenant_id = ACME and seq >= 7;
        delete from audit_checkpoints where tenant_id = ACME and size > 7";
    app.superuser.batch_execute(&cut.replace("ACME", &app.acme.id.to_string())).await.unwrap();
    // By itself the database is as it was after the seventh event.
    assert_eq!(report(&app, &job, None).await.findings, []);
    let found = report(&app, &job, Some(&note)).await.findings;
    assert_eq!(found, [Finding::Cut { size: 7, signed: 12 }]);
}

#[tokio::test]
async fn a_03_a_log_that_was_sealed_anew_is_found_by_a_checkpoint_that_was_kept_elsewhere() {
    let (app, job) = sealed().await;
    let note = newest(&job, app.acme.id).await.unwrap().unwrap();
    let anew = "update audit_logs set reason = 'never happened' where ".to_owned() + &at(2)
        + "; delete from audit_leaves where tenant_id = ACME; delete from audit_checkpoints where tenant_id = ACME;
            delete from audit_trees where tenant_id = ACME; update audit_sealer set seen = null";
    app.superuser.batch_execute(&anew.replace("ACME", &app.acme.id.to_string())).await.unwrap();
    seal(&app.worker, ORIGIN).await.unwrap();
    assert_eq!(report(&app, &job, None).await.findings, []);
    let found = report(&app, &job, Some(&note)).await.findings;
    assert_eq!(found, [Finding::Rewritten { after: 0, size: 12 }]);
}

#[tokio::test]
async fn a_16_checkpoints_of_before_a_rotation_verify_by_the_key_of_before() {
    let (app, job) = sealed().await;
    app.superuser.batch_execute("set session_replication_role = origin").await.unwrap();
    let before = keys(&job, app.acme.id).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(1));
    elder_audit::rotate_key(&job, ORIGIN).await.unwrap();
    let admin = app.tenant_admin().await;
    admin.post("/api/v2/organizations", json!({ "name": "After" })).await.expect(201);
    seal(&app.worker, ORIGIN).await.unwrap();
    let after = keys(&job, app.acme.id).await.unwrap();
    assert_eq!((before.len(), after.len(), &after[1]), (1, 2, &before[0]));
    let by = async |keys: &[_]| verify(&job, app.acme.id, keys, &[]).await.unwrap();
    assert_eq!((by(&after).await.findings, by(&after).await.checkpoints), (vec![], 4));
    assert!(matches!(by(&before).await.findings[0], Finding::Forged { size: 13, .. }));
    assert!(matches!(by(&after[..1]).await.findings[0], Finding::Forged { size: 3, .. }));
}

#[tokio::test]
async fn an_export_is_verified_without_the_database_and_what_was_changed_in_it_is_named() {
    let (app, job) = sealed().await;
    app.superuser.batch_execute("set session_replication_role = origin").await.unwrap();
    let keys = keys(&job, app.acme.id).await.unwrap();
    let note = newest(&job, app.acme.id).await.unwrap().unwrap();
    let mut file = Vec::new();
    assert_eq!(export(&job, app.acme.id, &mut file).await.unwrap(), 12);
    assert_eq!(app.audit_count("audit_log.exported").await, 1);
    let lines: Vec<Value> =
        String::from_utf8(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 15);
    let examine = |lines: &[Value]| {
        let text = lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        verify_export(text.as_bytes(), &keys, &kept(&note, &keys).unwrap()).unwrap()
    };
    let good = examine(&lines);
    assert_eq!((good.findings, good.size, good.checkpoints), (vec![], 12, 4));
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        examine(&lines).findings
    };
    let edited = with(&|lines| lines[5]["event"]["actor_ip"] = json!("192.0.2.1"));
    assert!(matches!(edited[..], [Finding::Changed { seq: 4, .. }]), "{edited:?}");
    let hashed_anew = with(&|lines| {
        lines[5]["event"]["actor_ip"] = json!("192.0.2.1");
        lines[5].as_object_mut().unwrap().remove("leaf");
    });
    assert_eq!(hashed_anew, [Finding::Rewritten { after: 3, size: 7 }]);
    let removed = with(&|lines| drop(lines.remove(5)));
    assert_eq!(removed, [Finding::Missing { seq: 4 }]);
    assert_eq!(with(&|lines| lines.truncate(10)), [Finding::Cut { size: 8, signed: 12 }]);
    let swapped = with(&|lines| {
        let one = lines[5]["event"].clone();
        lines[5]["event"] = lines[6]["event"].clone();
        lines[6]["event"] = one;
    });
    assert!(
        matches!(swapped[..], [Finding::Changed { seq: 4, .. }, Finding::Changed { seq: 5, .. }]),
        "{swapped:?}"
    );
    let forged = with(&|lines| lines[3]["checkpoint"] = lines[14]["checkpoint"].clone());
    assert_eq!(forged[0], Finding::Rewritten { after: 0, size: 12 });
}

#[tokio::test]
async fn saved_proofs_of_single_events_are_verified_without_the_database() {
    let (app, job) = sealed().await;
    let keys = keys(&job, app.acme.id).await.unwrap();
    let admin = app.tenant_admin().await;
    let page = admin.get("/api/v2/audit/events?limit=3").await.expect(200);
    let mut proofs = Vec::new();
    for event in page["data"].as_array().unwrap() {
        let path = format!("/api/v2/audit/events/{}/proof", event["id"].as_str().unwrap());
        proofs.push(admin.get(&path).await.expect(200));
    }
    let examine = |proofs: &[Value]| {
        let text = proofs.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        verify_export(text.as_bytes(), &keys, &[]).unwrap()
    };
    assert_eq!((examine(&proofs).proven, examine(&proofs).findings), (3, vec![]));
    proofs[1]["event"]["outcome"] = json!("failure");
    let report = examine(&proofs);
    assert_eq!(report.proven, 2);
    assert!(matches!(report.findings[..], [Finding::Unproven { seq: 10, .. }]), "{:?}", report.findings);
}
