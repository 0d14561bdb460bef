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
