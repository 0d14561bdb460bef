//! Pages of groups and of members are read by indexes, however many there are.

use elder_kernel::collection::Asked;
use elder_testkit::TestApp;
use uuid::Uuid;

use super::*;
use crate::directory_group::{DirectoryGroupMembers, DirectoryGroups};

/// Two groups of 20,000 people each beside as many of one person, a tenth of which are in the first group themselves.
const FILL: [&str; 6] = [
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
    "insert into scim_group_members (tenant_id, configuration_id, group_id, member_group_id)
        select $1, md5('directory')::uuid, md5('group1')::uuid, md5('group' || n)::uuid
        from generate_series(10, 2009) n",
];

#[tokio::test]
async fn groups_and_members_are_read_by_indexes_among_many() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    for fill in FILL {
        app.superuser.execute(fill, &[&tenant.0]).await.unwrap();
        // Or the checks of foreign keys read tables of which PostgreSQL does not know yet how large they are.
        app.superuser.batch_execute("analyze").await.unwrap();
    }
    let ids =
        app.superuser.query_one("select md5('directory')::uuid, md5('group1')::uuid", &[]).await.unwrap();
    let (directory, group): (Uuid, Uuid) = (ids.get(0), ids.get(1));
    let groups = Scope::of(OF_DIRECTORY, [tenant.into(), directory.into()]);
    let member_of = format!("member_of eq \"{}\"", ScimGroupId::from_uuid(group));
    for (filter, sort, index) in [
        (None, None, "scim_groups_pkey"),
        (None, Some("name"), "scim_groups_display_name_key"),
        (Some("name eq \"g7\""), None, "scim_groups_display_name_key"),
        (Some("external_id eq \"x7\""), None, "scim_groups_external_id_idx"),
        (Some(&*member_of), None, "scim_group_members_"),
    ] {
        let asked =
            Asked { filter: filter.map(str::to_owned), sort: sort.map(str::to_owned), ..Asked::default() };
        let sql = GROUPS.spelled_out(&groups, &Selection::read::<DirectoryGroups>(&asked).unwrap());
        let plan = app.plan(tenant, "", &sql).await;
        assert!(!plan.contains("Seq Scan on scim_group_members") && plan.contains(index), "{sql}\n{plan}");
        // All groups may be asked whether they are in another.
        assert!(!plan.contains("Seq Scan") || filter == Some(&*member_of), "{sql}\n{plan}");
    }
    let members = Scope::of(IN_GROUP, [tenant.into(), directory.into(), group.into()]);
    let page = Selection::read::<DirectoryGroupMembers>(&Asked::default()).unwrap();
    let sql = MEMBERS.spelled_out(&members, &page);
    let plan = app.plan(tenant, "", &sql).await;
    assert!(!plan.contains("Seq Scan") && plan.contains("scim_group_members_pkey"), "{sql}\n{plan}");
    assert!(!plan.contains("Sort"), "the page is read in its order, and not all of the group: {plan}");
}
