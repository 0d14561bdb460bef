//! What is asked with everybody who goes is answered by indexes, however many went and however many are left.

use elder_testkit::TestApp;

use super::{NOTE, OTHERS, REMOVED, SHARE};

const FILL: [&str; 4] = [
    "insert into scim_configurations (tenant_id, id, name, name_folded)
        select $1, md5('directory' || n)::uuid, 'd' || n, 'd' || n from generate_series(1, 10) n",
    "insert into portal_users (tenant_id, id, email, email_folded)
        select $1, md5('user' || n)::uuid, n || '@example.org', n || '@example.org' from generate_series(1, 20000) n",
    "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active, resource,
            created_at, updated_at)
        select $1, md5('directory' || (n % 10 + 1))::uuid, md5('user' || n)::uuid, 'u' || n, 'u' || n, true, '{}',
            now(), now() from generate_series(1, 20000) n",
    "insert into scim_removals (tenant_id, configuration_id, user_id, removed_at)
        select $1, md5('directory' || (n % 10 + 1))::uuid, md5('user' || n)::uuid, now() - n * interval '1 second'
            from generate_series(1, 20000) n",
];

#[tokio::test]
async fn who_goes_is_counted_by_indexes() {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    let tenant = app.acme.id;
    for (sql, types, values) in [
        (NOTE, "uuid, timestamptz, timestamptz", "md5('user7')::uuid, now(), now() - interval '1 hour'"),
        (REMOVED, "timestamptz", "now() - interval '1 hour'"),
        (SHARE, "bigint", "700"),
        (OTHERS, "bigint", "60"),
    ] {
        let prepare = format!(
            "set local plan_cache_mode = force_generic_plan; prepare asked(int, uuid, {types}) as {sql}"
        );
        let execute = format!("execute asked({tenant}, md5('directory4')::uuid, {values})");
        let plan = app.plan(tenant, &prepare, &execute).await;
        assert!(
            !plan.contains("Seq Scan on scim_users") && !plan.contains("Seq Scan on scim_removals"),
            "{sql}\n{plan}"
        );
        assert!(sql != NOTE || plan.contains("scim_removals_removed_at_idx"), "{plan}");
    }
}
