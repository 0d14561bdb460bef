//! Leaves find their events, however far apart these lie.

use elder_access::work::Shell;
use elder_testkit::TestApp;

use super::*;

const ADD: &str = "
    insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
        outcome)
    select $1, now() + n * interval '1 second', gen_random_uuid(), 'c', 'system', 'a', 'c', 'r', 'success'
    from generate_series($2::int, $3::int) n";

#[tokio::test]
async fn the_event_of_a_leaf_is_found_beside_its_neighbours_and_far_from_them() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    let add = async |from: i32, to: i32| {
        app.superuser.execute(ADD, &[&tenant.0, &from, &to]).await.unwrap();
        crate::seal(&app.worker, "elder.test").await.unwrap();
    };
    add(1, 10).await;
    // The oldest comes last.
    add(-5, -5).await;
    let tx = app.worker.job::<Shell>().platform().await.unwrap();
    for (from, to) in [(0, 11), (2, 5), (9, 11), (10, 11)] {
        let found = leaves(&tx, tenant, from, to).await.unwrap();
        assert_eq!(found.len() as u64, to - from);
        for leaf in found {
            assert_eq!(leaf.event.map(|(event, _)| event.id), Some(leaf.id), "{} of {from}..{to}", leaf.seq);
        }
    }
    assert!(leaves(&tx, tenant, 11, 20).await.unwrap().is_empty());
}
