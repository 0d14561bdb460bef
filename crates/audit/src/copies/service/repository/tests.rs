//! What a round reads of logs with many checkpoints.

use elder_testkit::TestApp;

use super::*;

const FILL: &str = "
    insert into audit_checkpoints (tenant_id, size, root, created_at, note)
    select $1, n, decode(repeat('00', 32), 'hex'), now() + n * interval '1 second', 'n' from generate_series(1, 50000) n";

#[tokio::test]
async fn what_a_place_has_missed_is_found_by_an_index_and_is_the_last_of_each_quarter_of_a_minute() {
    let app = TestApp::start().await;
    app.fill(&[FILL]).await;
    let logs = format!("'[[{}, 49900, 50000], [{}, 49999, 50000]]'", app.acme.id, app.globex.id);
    let sql = BETWEEN.replace("$2", "1000").replace("$1", &logs);
    let rows = app.superuser.query(&format!("explain (analyze, timing off) {sql}"), &[]).await.unwrap();
    let plan = rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n");
    assert!(!plan.contains("Seq Scan on audit_checkpoints"), "{plan}");
    let rows = app.superuser.query(&sql, &[]).await.unwrap();
    let of = |tenant: TenantId| {
        let own = rows.iter().filter(|row| row.get::<_, i32>(0) == tenant.0);
        own.map(|row| row.get::<_, i64>(1)).collect::<Vec<_>>()
    };
    assert_eq!(of(app.globex.id), [50_000]);
    let missed = of(app.acme.id);
    assert!((7..=8).contains(&missed.len()) && missed.last() == Some(&50_000), "{missed:?}");
    let is_steady = missed.windows(2).rev().skip(1).all(|pair| pair[1] - pair[0] == 15);
    assert!(is_steady, "{missed:?}");
}
