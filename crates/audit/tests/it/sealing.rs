//! The sealer: nothing is lost, nothing is taken twice, whoever commits when.

use elder_audit::{lag, seal};
use elder_testkit::TestApp;
use tokio_postgres::Client;

const ORIGIN: &str = "elder.test";
const ADD: &str =
    "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
        resource_type, outcome)
    select $1, now(), gen_random_uuid(), $2, 'system', 'tenant.created', 'administration', 'tenant', 'success'
    from generate_series(1, $3)";

async fn add(sql: &Client, tenant: i32, name: &str, count: i32) {
    sql.execute(ADD, &[&tenant, &name, &count]).await.unwrap();
}

/// The names of the events of a tenant in the order of its log.
async fn log(app: &TestApp, tenant: i32) -> Vec<String> {
    let ask =
        "select e.correlation_id from audit_leaves l join audit_logs e using (tenant_id, timestamp, event_id)
        where l.tenant_id = $1 order by l.seq";
    app.superuser.query(ask, &[&tenant]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_07_an_event_that_commits_late_is_sealed_behind_those_that_came_first() {
    let app = TestApp::start().await;
    let tenant = app.acme.id.0;
    // What was there before: keys that were made.
    seal(&app.worker, ORIGIN).await.unwrap();
    let (late, later) = (app.database.superuser().await, app.database.superuser().await);
    late.batch_execute("begin").await.unwrap();
    add(&late, tenant, "late", 1).await;
    later.batch_execute("begin").await.unwrap();
    add(&later, tenant, "later", 1).await;
    add(&app.superuser, tenant, "first", 1).await;
    assert_eq!(seal(&app.worker, ORIGIN).await.unwrap(), 1);
    assert_eq!(log(&app, tenant).await, ["first"]);
    // What runs on does not hold up the others.
    add(&app.superuser, tenant, "second", 1).await;
    assert_eq!(seal(&app.worker, ORIGIN).await.unwrap(), 1);
    late.batch_execute("commit").await.unwrap();
    add(&app.superuser, tenant, "third", 1).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    later.batch_execute("commit").await.unwrap();
    seal(&app.worker, ORIGIN).await.unwrap();
    let log = log(&app, tenant).await;
    assert_eq!(&log[..2], ["first", "second"]);
    assert!(log[2..4].contains(&"late".to_owned()) && log[2..4].contains(&"third".to_owned()), "{log:?}");
    assert_eq!(&log[4..], ["later"]);
    assert_eq!(seal(&app.worker, ORIGIN).await.unwrap(), 0);
}

#[tokio::test]
async fn the_lag_is_the_age_of_the_oldest_event_that_is_committed_and_not_sealed() {
    let app = TestApp::start().await;
    let tenant = app.acme.id.0;
    let lag = async || lag(&app.worker).await.unwrap().as_secs();
    // No moment is known yet; what is there already counts.
    let age = "update audit_sealer set seen = null";
    app.superuser.batch_execute(age).await.unwrap();
    add(&app.superuser, tenant, "first", 1).await;
    app.clock.advance(chrono::Duration::hours(2));
    assert!(lag().await >= 7_000, "{}", lag().await);
    seal(&app.worker, ORIGIN).await.unwrap();
    assert_eq!(lag().await, 0);
    let late = app.database.superuser().await;
    late.batch_execute("begin").await.unwrap();
    add(&late, tenant, "late", 1).await;
    add(&app.superuser, tenant, "second", 1).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    assert_eq!(lag().await, 0, "what is not committed is nobody's");
    late.batch_execute("commit").await.unwrap();
    assert!(lag().await >= 7_000, "it came late, and counts by its time");
    seal(&app.worker, ORIGIN).await.unwrap();
    add(&app.superuser, tenant, "third", 1).await;
    assert!(lag().await >= 7_000);
    seal(&app.worker, ORIGIN).await.unwrap();
    assert_eq!(lag().await, 0);
}

#[tokio::test]
async fn a_transaction_that_is_undone_leaves_no_leaf() {
    let app = TestApp::start().await;
    let other = app.database.superuser().await;
    seal(&app.worker, ORIGIN).await.unwrap();
    other.batch_execute("begin").await.unwrap();
    add(&other, app.acme.id.0, "undone", 1).await;
    add(&app.superuser, app.acme.id.0, "done", 1).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    other.batch_execute("rollback").await.unwrap();
    seal(&app.worker, ORIGIN).await.unwrap();
    assert_eq!(log(&app, app.acme.id.0).await, ["done"]);
}

#[tokio::test]
async fn a_02_writers_and_sealers_on_two_nodes_leave_one_log_without_a_gap() {
    let app = TestApp::start().await;
    let node = app.another_node().await;
    let writers = (0..16).map(|_| async {
        let sql = app.database.superuser().await;
        for _ in 0..20 {
            add(&sql, app.acme.id.0, "w", 1).await;
            add(&sql, app.globex.id.0, "w", 2).await;
        }
    });
    let sealers = [&app.worker, &node.worker].map(|worker| async move {
        for _ in 0..40 {
            seal(worker, ORIGIN).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    tokio::join!(futures_util::future::join_all(writers), futures_util::future::join_all(sealers));
    seal(&app.worker, ORIGIN).await.unwrap();
    for (tenant, count) in [(app.acme.id.0, 320i64), (app.globex.id.0, 640)] {
        let ask =
            "select count(*), count(distinct event_id), max(seq) from audit_leaves where tenant_id = $1";
        let row = app.superuser.query_one(ask, &[&tenant]).await.unwrap();
        let found: (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        assert_eq!(found, (count, count, count - 1));
    }
}

#[tokio::test]
async fn r_21_a_database_that_was_restored_elsewhere_goes_on_without_a_gap() {
    let app = TestApp::start().await;
    let tenant = app.acme.id.0;
    add(&app.superuser, tenant, "before", 3).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    // The new cluster counts transactions from the beginning, and so has not come as far as the old one.
    let moved = "update audit_sealer set cluster = cluster + 1, seen = '900000000:900000000:'";
    app.superuser.batch_execute(moved).await.unwrap();
    add(&app.superuser, tenant, "after", 2).await;
    assert_eq!(seal(&app.worker, ORIGIN).await.unwrap(), 2);
    add(&app.superuser, tenant, "later", 1).await;
    assert_eq!(seal(&app.worker, ORIGIN).await.unwrap(), 1);
    assert_eq!(log(&app, tenant).await, ["before", "before", "before", "after", "after", "later"]);
}

#[tokio::test]
async fn a_01_nobody_changes_or_removes_what_is_in_the_log() {
    let app = TestApp::start().await;
    // Nodes come with the 256th event.
    add(&app.superuser, app.acme.id.0, "kept", 300).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    let tables = ["audit_logs", "audit_leaves", "audit_nodes", "audit_checkpoints"];
    for role in ["elder_app", "elder_platform", "elder_owner"] {
        let sql = app.database.connect(role).await;
        sql.batch_execute(&format!("set app.current_tenant_id = '{}'", app.acme.id)).await.unwrap();
        for table in tables {
            for change in [
                format!("update {table} set tenant_id = tenant_id"),
                format!("delete from {table}"),
                format!("truncate {table}"),
            ] {
                let refused = sql.batch_execute(&change).await;
                let refused = refused.expect_err(&format!("{role}: {change}"));
                assert_eq!(
                    refused.code().map(tokio_postgres::error::SqlState::code),
                    Some("42501"),
                    "{role}: {change}"
                );
            }
        }
        let forged =
            "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action,
                category, resource_type, outcome, written_by)
            values (2, now(), gen_random_uuid(), 'x', 'user', 'x', 'x', 'x', 'success', '3')";
        if role != "elder_owner" {
            let refused = sql.batch_execute(forged).await.expect_err(role);
            assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{role}");
        }
    }
}

#[tokio::test]
async fn a_tree_of_more_than_a_step_keeps_its_full_subtrees() {
    let app = TestApp::start().await;
    add(&app.superuser, app.acme.id.0, "many", 600).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    let ask = "select step, index from audit_nodes where tenant_id = $1 order by 1, 2";
    let rows = app.superuser.query(ask, &[&app.acme.id.0]).await.unwrap();
    let nodes: Vec<(i32, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(nodes, [(1, 0), (1, 1)]);
}

#[tokio::test]
async fn a_05_who_writes_does_not_wait_for_the_sealer() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    seal(&app.worker, ORIGIN).await.unwrap();
    // As a sealer holds it that has stopped in the middle.
    let mut sealer = app.database.superuser().await;
    let held = sealer.transaction().await.unwrap();
    let sealing = "lock table audit_trees, audit_leaves, audit_nodes, audit_checkpoints in exclusive mode";
    held.batch_execute(sealing).await.unwrap();
    for number in 0..10 {
        let body = serde_json::json!({ "name": format!("Meanwhile {number}") });
        let creating = admin.post("/api/v2/organizations", body);
        let made = tokio::time::timeout(std::time::Duration::from_secs(2), creating).await;
        made.expect("a change waits for the sealer").expect(201);
    }
    held.rollback().await.unwrap();
    seal(&app.worker, ORIGIN).await.unwrap();
    let report =
        "select count(*) from audit_leaves l join audit_logs e using (tenant_id, timestamp, event_id)
        where l.tenant_id = $1 and e.action = 'organization.created'";
    let sealed: i64 = app.superuser.query_one(report, &[&app.acme.id.0]).await.unwrap().get(0);
    assert_eq!(sealed, 10);
}
