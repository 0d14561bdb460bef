//! Whose turn it is among many alerts, and what each reads.

use elder_testkit::TestApp;

use super::{super::FIRST_EVENTS, CLEAR_GROUPS, DUE, FORGET_MARKS, LAST_FIRED, UNTOLD, WAITING};

const FILL: [&str; 5] = [
    "insert into audit_trees (tenant_id, size, edge) values ($1, 1000, '')",
    "insert into audit_alerts (tenant_id, id, name, name_folded, filter, threshold, window_minutes, channel, cursor,
            next_look_at, next_notice_at, created_at, updated_at)
        select $1, md5('a' || n)::uuid, 'a' || n, 'a' || n, 'action pr', 1, 1, '{\"kind\": \"mail\", \"to\": []}', n % 1001,
            now() + n * interval '1 second', now(), now(), now()
        from generate_series(1, 20000) n",
    "insert into audit_alert_matches (tenant_id, alert_id, seq, group_key, timestamp, event_id)
        select $1, md5('a' || n % 20 + 1)::uuid, n, 'g' || n, now(), md5('e' || n)::uuid from generate_series(1, 20000) n",
    "insert into audit_alert_firings (tenant_id, id, alert_id, group_key, events, event_ids, first_at, fired_at, last_at,
            notified_at)
        select $1, md5('f' || n)::uuid, md5('a' || n % 20 + 1)::uuid, 'g' || n, 1, '{}', now(), now(), now(),
            case when n % 1000 > 0 then now() end
        from generate_series(1, 20000) n",
    "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category, resource_type,
            outcome)
        select $1, now() + n * interval '1 microsecond', md5('e' || n)::uuid, 'r', 'user', 'a', 'authentication', 'r',
            'success'
        from generate_series(1, 20000) n",
];

#[tokio::test]
async fn alerts_whose_turn_it_is_and_what_they_have_counted_are_found_by_indexes() {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    let tenant = app.acme.id;
    for mode in ["force_generic_plan", "force_custom_plan"] {
        let plan = async |role: &str, types: &str, sql: &str, values: &str| {
            let before = format!(
                "set local role {role}; set local plan_cache_mode = {mode}; prepare asked({types}) as {sql}"
            );
            let plan = app.plan(tenant, &before, &format!("execute asked({values})")).await;
            assert!(!plan.contains("Seq Scan on audit_alert"), "{sql}\n{plan}");
            plan
        };
        let due = plan("elder_platform", "timestamptz, bigint", DUE, "now(), 16").await;
        assert!(due.contains("audit_alerts_due_idx"), "{due}");
        let key = format!("{tenant}, md5('a7')::uuid");
        plan("elder_app", "int, uuid, jsonb", WAITING, &format!("{key}, '[\"g7\"]'")).await;
        plan("elder_app", "int, uuid, jsonb", LAST_FIRED, &format!("{key}, '[\"g7\"]'")).await;
        let untold = plan("elder_app", "int, uuid, bigint", UNTOLD, &format!("{key}, 100")).await;
        assert!(untold.contains("audit_alert_firings_untold_idx"), "{untold}");
        let values = format!("{key}, '[\"g7\"]', now() - interval '1 day'");
        plan("elder_platform", "int, uuid, jsonb, timestamptz", CLEAR_GROUPS, &values).await;
        let first =
            plan("elder_app", "int, uuid[]", FIRST_EVENTS, &format!("{tenant}, array[md5('f7')::uuid]"))
                .await;
        let month = "select 'audit_logs_' || to_char(now() at time zone 'UTC', 'YYYYMM')";
        let month: String = app.superuser.query_one(month, &[]).await.unwrap().get(0);
        assert!(first.contains(&month) && !first.contains(&format!("Seq Scan on {month}")), "{first}");
        let marks = plan("elder_platform", "timestamptz", FORGET_MARKS, "now()").await;
        assert!(marks.contains("audit_alert_firings_marked_idx"), "{marks}");
    }
}
