//! What the worker keeps in order.

use elder_kernel::TenantId;
use elder_tenancy::platform::{ensure_partitions, fold_usage};
use elder_testkit::TestApp;

#[tokio::test]
async fn folded_usage_adds_up_and_what_is_of_nobody_is_dropped() {
    let app = TestApp::start().await;
    let today = app.seam.now().date_naive();
    let deltas = [
        (app.acme.id, today, "api_calls", 2),
        (app.acme.id, today, "api_calls", 3),
        (TenantId(999_999), today, "api_calls", 1),
    ];
    fold_usage(&app.worker, &deltas).await.unwrap();
    fold_usage(&app.worker, &deltas).await.unwrap();
    fold_usage(&app.worker, &[]).await.unwrap();
    let rows = app.superuser.query("select tenant_id, value from usage_days", &[]).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].get::<_, i32>(0), rows[0].get::<_, i64>(1)), (app.acme.id.0, 10));
}

#[tokio::test]
async fn partitions_that_are_missing_are_made() {
    let app = TestApp::start().await;
    let last = "select max(relname::text) from pg_class where relname ~ '^outbox_[0-9]{6}$'";
    let name: String = app.superuser.query_one(last, &[]).await.unwrap().get(0);
    app.superuser.batch_execute(&format!("drop table {name}")).await.unwrap();
    ensure_partitions(&app.worker).await.unwrap();
    ensure_partitions(&app.worker).await.unwrap();
    assert_eq!(app.superuser.query_one(last, &[]).await.unwrap().get::<_, String>(0), name);
}

/// The partition in which the only event with this name lies.
async fn partition_of(app: &TestApp, name: &str) -> String {
    let ask = "select tableoid::regclass::text from audit_logs where correlation_id = $1";
    app.superuser.query_one(ask, &[&name]).await.unwrap().get(0)
}

/// An event as a request leaves it, by the clock of the platform.
async fn event(app: &TestApp, name: &str) {
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, $2, gen_random_uuid(), $3, 'system', 'tenant.updated', 'data_change', 'tenant', 'success')";
    app.superuser.execute(add, &[&app.acme.id.0, &app.seam.now(), &name]).await.unwrap();
}

async fn strays(app: &TestApp) -> i64 {
    let ask = "select sum(strays)::bigint from partition_strays()";
    app.superuser.query_one(ask, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn each_month_of_a_year_has_its_partition_before_it_begins_and_a_year_more() {
    let app = TestApp::start().await;
    for number in 0..13 {
        ensure_partitions(&app.worker).await.unwrap();
        let month = app.seam.now().format("%Y%m").to_string();
        event(&app, &month).await;
        assert_eq!(partition_of(&app, &month).await, format!("audit_logs_{month}"), "month {number}");
        let ahead = "select count(*) from pg_class where relname ~ '^audit_logs_[0-9]{6}$' and relname > $1";
        let own = format!("audit_logs_{month}");
        assert_eq!(app.superuser.query_one(ahead, &[&own]).await.unwrap().get::<_, i64>(0), 12, "{month}");
        app.clock.advance(chrono::Duration::days(31));
    }
    assert_eq!(strays(&app).await, 0);
}

#[tokio::test]
async fn an_event_of_a_month_without_a_partition_is_kept_counted_and_moved_when_there_is_one() {
    let app = TestApp::start().await;
    app.clock.advance(chrono::Duration::days(400));
    event(&app, "late").await;
    assert_eq!((partition_of(&app, "late").await.as_str(), strays(&app).await), ("audit_logs_default", 1));
    let written = "select written_by::text from audit_logs where correlation_id = 'late'";
    let before: String = app.superuser.query_one(written, &[]).await.unwrap().get(0);
    ensure_partitions(&app.worker).await.unwrap();
    let month = app.seam.now().format("audit_logs_%Y%m").to_string();
    assert_eq!((partition_of(&app, "late").await, strays(&app).await), (month, 0));
    // By it the sealer finds what it has not seen.
    assert_eq!(app.superuser.query_one(written, &[]).await.unwrap().get::<_, String>(0), before);
    event(&app, "next").await;
    app.clock.advance(chrono::Duration::days(400));
    event(&app, "later").await;
    assert_eq!(partition_of(&app, "later").await, "audit_logs_default");
}

#[tokio::test]
async fn a_01_a_partition_gives_nothing_up_by_itself_either_however_it_was_made() {
    let app = TestApp::start().await;
    app.clock.advance(chrono::Duration::days(400));
    event(&app, "moved").await;
    ensure_partitions(&app.worker).await.unwrap();
    let moved = partition_of(&app, "moved").await;
    app.clock.advance(chrono::Duration::days(800));
    event(&app, "stray").await;
    let owner = app.database.connect("elder_owner").await;
    for table in [moved.as_str(), "audit_logs_default"] {
        for change in ["update {} set reason = 'x'", "delete from {}", "truncate {}"] {
            let refused = owner.batch_execute(&change.replace("{}", table)).await.expect_err(change);
            let code = refused.code().map(tokio_postgres::error::SqlState::code);
            assert_eq!(code, Some("42501"), "{change} {table}");
        }
    }
}
