//! What retention reads of a log of which most is kept for longer.

use elder_testkit::TestApp;

use super::RECORD;

/// Old events: one of a thousand is of the category that goes.
const FILL: [&str; 2] = [
    "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
            outcome)
        select $1, date_trunc('day', now()) - interval '20 days' + n * interval '1 second', md5('e' || n)::uuid, 'c', 'system', 'a',
            case when n % 1000 = 0 then 'configuration' else 'api_access' end, 'r', 'success'
        from generate_series(1, 100000) n",
    "insert into audit_leaves (tenant_id, seq, timestamp, event_id, hash)
        select $1, n, date_trunc('day', now()) - interval '20 days' + n * interval '1 second', md5('e' || n)::uuid,
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
    }
}

#[tokio::test]
async fn what_is_recorded_goes_without_a_look_at_the_rest_of_the_log() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.fill(&FILL).await;
    let recorded = format!(
        "begin; set local role elder_platform; set local plan_cache_mode = force_generic_plan;
         insert into audit_removals (tenant_id, id, category, until, events, first_seq, last_seq, seqs, removed_at)
         values ({tenant}, '01910000-0000-7000-9000-000000000001', 'configuration', now(), 2, 1000, 2000,
            '{{[1000,1001),[2000,2001)}}', now())"
    );
    app.superuser.batch_execute(&recorded).await.unwrap();
    let remove = format!("select remove_audit_events({tenant}, '01910000-0000-7000-9000-000000000001')");
    let removed: i64 = app.superuser.query_one(&remove, &[]).await.unwrap().get(0);
    let read = "select coalesce(sum(seq_scan), 0)::bigint from pg_stat_xact_user_tables
        where relname ~ '^audit_(logs|leaves)'";
    let whole: i64 = app.superuser.query_one(read, &[]).await.unwrap().get(0);
    app.superuser.batch_execute("rollback").await.unwrap();
    assert_eq!((removed, whole), (2, 0), "events that went, and tables that were read whole");
}
