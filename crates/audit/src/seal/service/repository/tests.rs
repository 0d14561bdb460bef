//! What the look for the oldest event that is not sealed reads, of a log of two hundred thousand.

use elder_testkit::TestApp;

use super::*;

const FILL: &str = "
    insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
        outcome, written_by)
    select $1, now() - n * interval '1 second', gen_random_uuid(), 'r', 'system', 'a', 'data_change', 'r', 'success',
        n::text::xid8
    from generate_series(1, 200000) n";

#[tokio::test]
async fn the_oldest_event_that_is_not_sealed_is_found_by_an_index_and_not_by_reading_what_waits() {
    let app = TestApp::start().await;
    app.superuser.execute(FILL, &[&app.acme.id.0]).await.unwrap();
    app.superuser.batch_execute("vacuum analyze audit_logs").await.unwrap();
    // Half of the log waits.
    let sql = OLDEST.replace("$2", "'7,99'").replace("$1", "'100000'");
    let rows = app.superuser.query(&format!("explain (analyze, timing off) {sql}"), &[]).await.unwrap();
    let plan = rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n");
    let month = "select 'Seq Scan on audit_logs_' || to_char(now() at time zone 'UTC', 'YYYYMM')";
    let seen: String = app.superuser.query_one(month, &[]).await.unwrap().get(0);
    assert!(plan.contains("written") && !plan.contains(&seen), "{plan}");
}
