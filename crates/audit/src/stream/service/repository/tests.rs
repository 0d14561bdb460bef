//! Whose turn it is among many streams.

use elder_testkit::TestApp;

use super::DUE;

const FILL: [&str; 2] = [
    "insert into audit_trees (tenant_id, size, edge) values ($1, 1000, '')",
    "insert into audit_streams (tenant_id, id, name, name_folded, target, cursor, next_try_at, created_at, updated_at)
        select $1, md5('s' || n)::uuid, 's' || n, 's' || n, '{\"kind\": \"file\"}', n % 1001,
            now() + n * interval '1 second', now(), now()
        from generate_series(1, 20000) n",
];

#[tokio::test]
async fn streams_whose_turn_it_is_are_found_by_their_time() {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    for mode in ["force_generic_plan", "force_custom_plan"] {
        let before = format!(
            "set local role elder_platform; set local plan_cache_mode = {mode}; prepare asked(timestamptz, bigint) as {DUE}"
        );
        let plan = app.plan(app.acme.id, &before, "execute asked(now(), 16)").await;
        assert!(
            plan.contains("audit_streams_due_idx") && !plan.contains("Seq Scan on audit_streams"),
            "{plan}"
        );
    }
}
