//! What a provider asks of groups is found by indexes, and a member more or less is one row, however large the groups are.

use elder_testkit::TestApp;

use super::{BY_MEMBER, LOCK, READS, members, nesting};

/// Two groups of 20,000 users each beside as many of one user.
const FILL: [&str; 5] = [
    "insert into scim_configurations (tenant_id, id, name, name_folded)
        values ($1, md5('directory')::uuid, 'd', 'd')",
    "insert into portal_users (tenant_id, id, email, email_folded)
        select $1, md5('user' || n)::uuid, n || '@example.org', n || '@example.org' from generate_series(1, 20000) n",
    "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active,
            resource, created_at, updated_at)
        select $1, md5('directory')::uuid, md5('user' || n)::uuid, 'u' || n, 'u' || n, true, '{}', now(), now()
        from generate_series(1, 20000) n",
    "insert into scim_groups (tenant_id, configuration_id, id, display_name, display_name_folded, external_id, resource,
            created_at, updated_at)
        select $1, md5('directory')::uuid, md5('group' || n)::uuid, 'g' || n, 'g' || n, 'x' || n, '{}', now(), now()
        from generate_series(1, 20002) n",
    "insert into scim_group_members (tenant_id, configuration_id, group_id, user_id)
        select $1, md5('directory')::uuid, md5('group' || g)::uuid, md5('user' || n)::uuid
        from generate_series(1, 20000) n, lateral (values (1), (2), (n + 2)) as into_group (g)",
];

#[tokio::test]
async fn grp_5_groups_and_members_are_looked_up_by_indexes() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    for fill in FILL {
        app.superuser.execute(fill, &[&tenant.0]).await.unwrap();
        // Or the checks of foreign keys read tables of which PostgreSQL does not know yet how large they are.
        app.superuser.batch_execute("analyze").await.unwrap();
    }
    let (group, user) = ("md5('group1')::uuid", "md5('user7')::uuid");
    let list = format!("array[{user}]");
    for (sql, types, values, index) in [
        (READS.find, "uuid", group.to_owned(), "scim_groups_pkey"),
        (LOCK, "uuid", group.to_owned(), "scim_groups_pkey"),
        (READS.by_name, "text", "'g7'".to_owned(), "scim_groups_display_name_key"),
        (READS.by_external_id, "text, bigint", "'x7', 100".to_owned(), "scim_groups_external_id_idx"),
        (READS.after_id, "uuid, bigint, bigint", format!("{group}, 0, 100"), "scim_groups_pkey"),
        (BY_MEMBER, "uuid, bigint", format!("{user}, 100"), "scim_group_members_user_idx"),
        (
            members::ADD,
            "uuid, uuid[], boolean[], text[], boolean",
            format!("{group}, {list}, array[false], array[null], false"),
            "Index Scan using scim_users",
        ),
        (members::REMOVE, "uuid, uuid[]", format!("{group}, {list}"), "scim_group_members_pkey"),
        (members::OF, "uuid[], bigint", format!("array[{group}], 100"), "scim_group_members_pkey"),
        (members::MORE_THAN, "uuid, bigint", format!("{group}, 100"), "scim_group_members_pkey"),
        (READS.by_ids, "uuid[]", format!("array[{group}]"), "scim_groups_pkey"),
        (
            members::AMONG,
            "uuid[], bigint, uuid[]",
            format!("array[{group}], 100, {list}"),
            "scim_group_members_pkey",
        ),
        (nesting::OF, "uuid[]", list.clone(), "scim_group_members_user_idx"),
    ] {
        let prepare = format!(
            "set local plan_cache_mode = force_generic_plan; prepare asked(int, uuid, {types}) as {sql}"
        );
        let execute = format!("execute asked({tenant}, md5('directory')::uuid, {values})");
        let plan = app.plan(tenant, &prepare, &execute).await;
        assert!(plan.contains(index), "{sql}\n{plan}");
        for whole in ["Filter: (member_id", "Filter: (group_id"] {
            assert!(!plan.contains(whole), "more is read than is asked for: {plan}");
        }
        for table in ["scim_users", "scim_groups", "scim_group_members"] {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{sql}\n{plan}");
        }
    }
    // As right after a first push, of which PostgreSQL has gathered nothing yet.
    app.superuser.batch_execute("delete from pg_statistic").await.unwrap();
    let prepare = format!(
        "set local plan_cache_mode = force_generic_plan; prepare asked(int, uuid, uuid[]) as {}",
        nesting::OF
    );
    let execute = format!("execute asked({tenant}, md5('directory')::uuid, {list})");
    let plan = app.plan(tenant, &prepare, &execute).await;
    for key in ["(user_id = asked.id)", "(member_group_id = held"] {
        assert!(plan.contains(key) && !plan.contains(&format!("Filter: {key}")), "{key}\n{plan}");
    }
}
