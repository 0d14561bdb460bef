//! What a provider asks with every push is found by indexes, however many people and directories there are.

use elder_testkit::TestApp;

use super::{LOCK, READS};

const FILL: [&str; 3] = [
    "insert into scim_configurations (tenant_id, id, name, name_folded)
        select $1, md5('directory' || n)::uuid, 'd' || n, 'd' || n from generate_series(1, 4) n",
    "insert into portal_users (tenant_id, id, email, email_folded)
        select $1, md5('user' || n)::uuid, n || '@example.org', n || '@example.org' from generate_series(1, 20000) n",
    "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, external_id, is_active,
            resource, created_at, updated_at)
        select $1, md5('directory' || (n % 4 + 1))::uuid, md5('user' || n)::uuid, 'u' || n, 'u' || n, 'x' || n, true, '{}',
            now(), now() from generate_series(1, 20000) n",
];

#[tokio::test]
async fn people_are_looked_up_and_paged_through_by_indexes() {
    let app = TestApp::start().await;
    app.fill(&FILL).await;
    let tenant = app.acme.id;
    let user = "md5('user7')::uuid";
    for (sql, types, values, index) in [
        (READS.find, "uuid", user, "Index Scan using scim_users"),
        (LOCK, "uuid", user, "Index Scan using scim_users"),
        (READS.by_name, "text", "'u7'", "scim_users_user_name_key"),
        (READS.by_external_id, "text, bigint", "'x7', 100", "scim_users_external_id_idx"),
        (READS.by_ids, "uuid[]", "array[md5('user7')::uuid]", "Index Scan using scim_users"),
        (READS.after_id, "uuid, bigint, bigint", "md5('user7')::uuid, 0, 100", "scim_users_pkey"),
        (READS.after_name, "text, bigint, bigint", "'u7', 0, 100", "scim_users_user_name_key"),
        (READS.before_name, "text, bigint, bigint", "'u7', 0, 100", "scim_users_user_name_key"),
    ] {
        let prepare = format!(
            "set local plan_cache_mode = force_generic_plan; prepare asked(int, uuid, {types}) as {sql}"
        );
        let execute = format!("execute asked({tenant}, md5('directory4')::uuid, {values})");
        let plan = app.plan(tenant, &prepare, &execute).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan on scim_users"), "{sql}\n{plan}");
    }
}
