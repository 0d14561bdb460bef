//! What retention reads of a log of which most is kept for longer.

use elder_testkit::TestApp;

use super::{RECORD, REMOVE};

/// Old events: one of a thousand is of the category that goes.
const FILL: [&str; 2] = [
    "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
            outcome)
        select $1, now() - interval '20 days' + n * interval '1 second', md5('e' || n)::uuid, 'c', 'system', 'a',
            case when n % 1000 = 0 then 'configuration' else 'api_access' end, 'r', 'success'
        from generate_series(1, 100000) n",
    "insert into audit_leaves (tenant_id, seq, timestamp, event_id, hash)
        select $1, n, now() - interval '20 days' + n * interval '1 second', md5('e' || n)::uuid,
            decode(repeat('00', 32), 'hex')
        from generate_series(1, 100000) n",
];

#[tokio::test]
async fn what_goes_is_found_by_its_category_and_its_leaves_one_by_one() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.fill(&FILL).await;
    for mode in ["force_generic_plan", "force_custom_plan"] {
        let before = format!("set local role elder_platform; set local plan_cache_mode = {mode};");
        let prepare = format!(
            "{before} prepare asked(int, uuid, text, timestamptz, timestamptz, text, bigint) as {RECORD}"
        );
        let asked = format!(
            "execute asked({tenant}, gen_random_uuid(), 'configuration', now(), now(), 'audit_log', 20000)"
        );
        let plan = app.plan(tenant, &prepare, &asked).await;
        assert!(plan.contains("_category_") && plan.contains("audit_leaves_event_key"), "{mode}\n{plan}");
        assert!(
            !plan.contains("Seq Scan on audit_logs_2") && !plan.contains("Seq Scan on audit_leaves"),
            "{mode}\n{plan}"
        );
        let prepare = format!("{before} prepare asked(int, uuid) as {REMOVE}");
        // Of the log so short, PostgreSQL reads a month whole where it does not know how much goes.
        let plan = app.plan(tenant, &prepare, &format!("execute asked({tenant}, gen_random_uuid())")).await;
        assert!(!plan.contains("Seq Scan on audit_leaves"), "{mode}\n{plan}");
    }
}
