//! What is read of the groups of somebody.

use crate::plan::{USER, crowded, is_indexed};

/// Directories of which twenty manage everybody, each person in a group, which is in another.
const FILL: [&str; 5] = [
    "insert into scim_configurations (tenant_id, id, name, name_folded)
        select $1::int, md5($1::int || ' directory' || n)::uuid, 'd' || n, 'd' || n from generate_series(1, 2000) n",
    "insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, is_active, resource,
            created_at, updated_at)
        select $1::int, md5($1::int || ' directory' || (n % 20 + 1))::uuid, lpad(to_hex(n), 32, '0')::uuid, 'u' || n, 'u' || n,
            true, '{}', now(), now() from generate_series(1, 20000) n",
    "insert into scim_groups (tenant_id, configuration_id, id, display_name, display_name_folded, resource, created_at,
            updated_at)
        select $1::int, md5($1::int || ' directory' || (n % 20 + 1))::uuid, md5('group' || n)::uuid, 'g' || n, 'g' || n,
            '{}', now(), now() from generate_series(1, 4000) n",
    "insert into scim_group_members (tenant_id, configuration_id, group_id, user_id)
        select $1::int, md5($1::int || ' directory' || (n % 20 + 1))::uuid, md5('group' || ((n - 1) % 2000 + 1))::uuid,
            lpad(to_hex(n), 32, '0')::uuid from generate_series(1, 20000) n",
    "insert into scim_group_members (tenant_id, configuration_id, group_id, member_group_id)
        select $1::int, md5($1::int || ' directory' || (n % 20 + 1))::uuid, md5('group' || (n + 2000))::uuid,
            md5('group' || n)::uuid from generate_series(1, 2000) n",
];

#[tokio::test]
async fn the_groups_of_a_person_are_found_by_keys_among_many() {
    let app = crowded().await;
    app.fill(&FILL).await;
    // The body of the function, with parameters for its names: a plan does not look into a call.
    let body = "select prosrc from pg_proc where proname = 'groups_of'";
    let body: String = app.superuser.query_one(body, &[]).await.unwrap().get(0);
    let sql = body.replace("of_tenant", "$1::int").replace("of_user", "$2::uuid");
    is_indexed(&app, "groups_of", &sql, &format!("$tenant, '{USER}'")).await;
    let count = format!("select count(*) from groups_of($1, '{USER}')");
    let count: i64 = app.superuser.query_one(&count, &[&app.acme.id.0]).await.unwrap().get(0);
    assert_eq!(count, 2, "a group, and the one that it is in");
}
