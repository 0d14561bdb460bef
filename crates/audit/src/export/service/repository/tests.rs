//! What a page of an export reads of a large log.

use elder_testkit::TestApp;

use super::*;
use crate::event::service::selected;

const FILL: [&str; 2] = [
    "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
            outcome)
        select $1, now() - interval '10 days' + n * interval '1 second', md5('e' || n)::uuid, 'c', 'system', 'a',
            'api_access', 'r', 'success'
        from generate_series(1, 100000) n",
    "insert into audit_leaves (tenant_id, seq, timestamp, event_id, hash)
        select $1, n, now() - interval '10 days' + n * interval '1 second', md5('e' || n)::uuid,
            decode(repeat('00', 32), 'hex')
        from generate_series(1, 100000) n",
];

#[tokio::test]
async fn a_page_of_an_export_is_a_range_of_the_log_and_its_places_are_looked_up() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.fill(&FILL).await;
    let now = app.seam.now();
    let period = [tenant.into(), (now - chrono::TimeDelta::days(9)).into(), now.into()];
    let mut page = selected(Some("outcome eq \"success\"")).unwrap();
    for _ in 0..2 {
        let sql = EVENTS.spelled_out(&Scope::of(PERIOD, period.clone()), &page);
        let plan = app.plan(tenant, "", &sql).await;
        assert!(plan.contains("_pkey on audit_logs_") && !plan.contains("Sort"), "{sql}\n{plan}");
        assert!(
            plan.contains("audit_leaves_event_key") && !plan.contains("Seq Scan on audit_l"),
            "{sql}\n{plan}"
        );
        let place = [
            elder_kernel::collection::Operand::Time(now - chrono::TimeDelta::days(9)),
            elder_kernel::collection::Operand::Id(Uuid::nil()),
        ];
        assert!(page.continue_behind(place.to_vec()));
    }
}
