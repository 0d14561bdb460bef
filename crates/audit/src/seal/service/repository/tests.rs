//! What the sealer reads of a log of two hundred thousand.

use elder_testkit::TestApp;

use super::*;

const FILL: &str = "
    insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
        outcome, written_by)
    select $1, now() - n * interval '1 second', gen_random_uuid(), 'r', 'system', 'a', 'data_change', 'r', 'success',
        n::text::xid8
    from generate_series(1, 200000) n";

async fn app_with_a_large_log() -> TestApp {
    let app = TestApp::start().await;
    app.superuser.execute(FILL, &[&app.acme.id.0]).await.unwrap();
    app.superuser.batch_execute("vacuum analyze audit_logs").await.unwrap();
    app
}

async fn plan(app: &TestApp, sql: &str) -> String {
    let rows = app.superuser.query(&format!("explain (analyze, timing off) {sql}"), &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

/// What a plan says that reads the whole log of this month.
async fn the_whole_month(app: &TestApp) -> String {
    let month = "select 'Seq Scan on audit_logs_' || to_char(now() at time zone 'UTC', 'YYYYMM')";
    app.superuser.query_one(month, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_oldest_event_that_is_not_sealed_is_found_by_an_index_and_not_by_reading_what_waits() {
    let app = app_with_a_large_log().await;
    // Half of the log waits.
    let plan = plan(&app, &OLDEST.replace("$2", "'7,99'").replace("$1", "'100000'")).await;
    assert!(plan.contains("written") && !plan.contains(&the_whole_month(&app).await), "{plan}");
}

#[tokio::test]
async fn of_a_long_log_that_waits_the_first_transactions_are_taken_and_nothing_else_is_read() {
    let app = app_with_a_large_log().await;
    let first = SINCE.replace("$3", "3").replace("$2", "''").replace("$1", "'9'");
    let rows = app.superuser.query(&first, &[]).await.unwrap();
    let taken: Vec<String> = rows.iter().map(|row| row.get("number")).collect();
    assert_eq!(taken, ["9", "10", "11"]);

    let prepare = format!(
        "set plan_cache_mode = force_generic_plan; set enable_mergejoin = off;
         prepare asked(text, text, bigint) as {SINCE}"
    );
    app.superuser.batch_execute(&prepare).await.unwrap();
    let plan = plan(&app, "execute asked('100000', '7,99', 1000)").await;
    let is_sorted = plan.contains("Sort Method");
    assert!(plan.contains("written") && !is_sorted && !plan.contains(&the_whole_month(&app).await), "{plan}");
}
