//! Batches of a size that a test can fill.

use elder_access::work::Shell;
use elder_testkit::TestApp;

use super::*;
use crate::{
    seal,
    verify::{Finding, keys, verify},
};

const ADD: &str = "
    insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
        outcome)
    select $1, $2::timestamptz - interval '100 days' + n * interval '1 hour', gen_random_uuid(), 'c', 'system', 'a',
        case when n % 3 = 0 then 'configuration' else 'data_change' end, 'r', 'success'
    from generate_series(1, 12) n";
const KEEP: &str = "
    insert into audit_retention (tenant_id, categories, updated_at) values ($1, '{\"data_change\": 60}', now())";

#[tokio::test]
async fn what_goes_in_several_batches_has_a_record_of_each_and_the_log_verifies() {
    let app = TestApp::start().await;
    let (tenant, now) = (app.acme.id, app.seam.now());
    app.superuser.execute(ADD, &[&tenant.0, &now]).await.unwrap();
    app.superuser.execute(KEEP, &[&tenant.0]).await.unwrap();
    assert_eq!(expire_by(&app.worker, 3).await.unwrap(), 0, "nothing goes before it is sealed");
    seal(&app.worker, "elder.test").await.unwrap();
    assert_eq!(expire_by(&app.worker, 3).await.unwrap(), 8);
    assert_eq!(expire_by(&app.worker, 3).await.unwrap(), 0);
    let ask = "select seqs::text from audit_removals where tenant_id = $1 order by first_seq";
    let rows = app.superuser.query(ask, &[&tenant.0]).await.unwrap();
    let places: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(places, ["{[0,2),[3,4)}", "{[4,5),[6,8)}", "{[9,11)}"]);
    seal(&app.worker, "elder.test").await.unwrap();
    let job = app.worker.job::<Shell>();
    let keys = keys(&job, tenant).await.unwrap();
    let report = verify(&job, tenant, &keys, &[]).await.unwrap();
    assert_eq!((report.findings, report.removed, report.size, report.is_good), (vec![], 8, 15, true));
    // A record of which no event of the log tells.
    let forge =
        "set session_replication_role = replica; delete from audit_logs where category = 'configuration'";
    app.superuser.batch_execute(forge).await.unwrap();
    let record =
        "insert into audit_removals (tenant_id, id, category, until, events, first_seq, last_seq, seqs, removed_at)
        values ($1, '00000000-0000-7000-8000-000000000001', 'configuration', now(), 4, 2, 11,
            '{[2,3),[5,6),[8,9),[11,12)}', now())";
    app.superuser.execute(record, &[&tenant.0]).await.unwrap();
    let report = verify(&job, tenant, &keys, &[]).await.unwrap();
    let removal = uuid::Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);
    assert_eq!(report.findings, [Finding::Unrecorded { removal, first: 2, events: 4 }]);
    assert!(!report.is_good);
}
