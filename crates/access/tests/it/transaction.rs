//! What a transaction does when it is committed, dropped or refused.

use elder_access::{Action, Event, work::Shell};
use elder_testkit::TestApp;
use uuid::Uuid;

const ADD: &str =
    "insert into organizations (tenant_id, id, name, name_folded) values ($1, $2, 'new', 'new')";
const NAMES: &str = "select name from organizations order by name";

#[tokio::test]
async fn a_06_a_committed_change_leaves_one_audit_event_and_one_outbox_event() {
    let app = TestApp::start().await;
    let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
    tx.run(ADD, [app.acme.id.into(), Uuid::from_u128(1).into()]).await.unwrap();
    tx.commit(Event::about(Action::OrganizationCreated, "x")).await.unwrap();
    let count = "select (select count(*) from organizations where name = 'new'),
        (select count(*) from audit_logs where action = 'organization.created' and tenant_id = $1),
        (select count(*) from outbox where type = 'elder.organization.created' and tenant_id = $1)";
    let row = app.superuser.query_one(count, &[&app.acme.id.0]).await.unwrap();
    assert_eq!((row.get(0), row.get(1), row.get(2)), (1i64, 1i64, 1i64));
}

#[tokio::test]
async fn a_06_a_dropped_transaction_leaves_nothing_and_its_connection_is_clean() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
        tx.run(ADD, [app.acme.id.into(), Uuid::from_u128(1).into()]).await.unwrap();
    }
    let other = app.worker.job::<Shell>().begin(app.globex.id).await.unwrap();
    assert_eq!(other.raw_rows(NAMES, []).await.unwrap().len(), 2);
}
