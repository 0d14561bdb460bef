//! What bodies of calls cost where there are many.

use elder_testkit::TestApp;

use super::*;

const FILL: [&str; 2] = [
    "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
            outcome)
        select $1, now() - interval '10 days' + n * interval '1 second', md5('e' || n)::uuid, 'c', 'system', 'a',
            'api_access', 'r', 'success'
        from generate_series(1, 50000) n",
    "insert into audit_bodies (tenant_id, timestamp, event_id, sealed)
        select tenant_id, timestamp, event_id, decode(repeat('00', 64), 'hex') from audit_logs
        where tenant_id = $1 and category = 'api_access'",
];

#[tokio::test]
async fn a_body_a_page_of_them_and_those_that_are_due_are_found_by_indexes() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.fill(&FILL).await;
    let platform = "set local role elder_platform; set local plan_cache_mode = force_generic_plan; ";
    let nobody = Uuid::nil();
    for (before, types, sql, values) in [
        ("", "timestamptz, int, int, uuid", FIND, format!("now(), 30, {tenant}, '{nobody}'")),
        (platform, "timestamptz, int", WITH_DUE, "now(), 30".to_owned()),
        (platform, "timestamptz, int, int, bigint", FORGET, format!("now(), 30, {tenant}, 100")),
        (platform, "int, uuid", PAGE, format!("{tenant}, '{nobody}'")),
        (platform, "int, uuid[]", DELETE, format!("{tenant}, '{{{nobody}}}'")),
    ] {
        let prepare = format!("{before} prepare asked({types}) as {sql}");
        let plan = app.plan(tenant, &prepare, &format!("execute asked({values})")).await;
        assert!(!plan.contains("Seq Scan on audit_bodies"), "{sql}\n{plan}");
        // Months without events are read whole: there is nothing in them.
        assert!(
            !sql.contains("audit_logs") || plan.contains("Index Scan using audit_logs_"),
            "{sql}\n{plan}"
        );
    }
}
