//! The queries over the tree use indexes under row-level security.

use elder_kernel::collection::{Asked, Selection};
use elder_testkit::TestApp;

use super::{Branch, LINE, ORGANIZATIONS, SUBTREE};
use crate::organization::{OrganizationId, Organizations};

const FILL: &str = "
    insert into organizations (tenant_id, id, parent_id, name, name_folded)
    select $1, lpad(to_hex(n), 32, '0')::uuid,
        case when n < 10 then $2 else lpad(to_hex(n / 10), 32, '0')::uuid end, 'n' || n, 'n' || n
    from generate_series(1, 20000) n";

/// An organization far down.
const DEEP: &str = "00000000-0000-0000-0000-000000002000";

#[tokio::test]
async fn the_tree_is_walked_by_indexes_among_many_organizations_and_tenants() {
    let app = TestApp::start().await;
    for tenant in [&app.acme, &app.globex] {
        app.superuser.execute(FILL, &[&tenant.id.0, &tenant.child.uuid()]).await.unwrap();
    }
    app.superuser.batch_execute("analyze organizations").await.unwrap();
    let tenant = app.acme.id;
    for (sql, index) in [(LINE, "organizations_pkey"), (SUBTREE, "organizations_name_key")] {
        let prepare =
            format!("set local plan_cache_mode = force_generic_plan; prepare asked(int, uuid) as {sql}");
        let plan = app.plan(tenant, &prepare, &format!("execute asked({tenant}, '{DEEP}')")).await;
        assert!(!plan.contains("Seq Scan") && plan.contains(index), "{plan}");
    }
    let deep = OrganizationId::from_uuid(DEEP.parse().unwrap());
    let (siblings, names) = ("organizations_name_key", "organizations_name_idx");
    for (branch, filter, index) in [
        (Branch::Roots, None, siblings),
        (Branch::Below(deep), None, siblings),
        (Branch::Below(deep), Some("name sw \"n2\""), siblings),
        (Branch::All, None, names),
        (Branch::All, Some("name eq \"N777\""), names),
        (Branch::All, Some("name sw \"n77\""), names),
        (Branch::AllBelow(deep), None, siblings),
        (Branch::AllBelow(deep), Some("name eq \"n777\""), siblings),
        (Branch::AllAmong(vec![deep]), Some("name eq \"n777\""), siblings),
    ] {
        let asked = Asked { filter: filter.map(str::to_owned), ..Asked::default() };
        let page = Selection::read::<Organizations>(&asked).unwrap();
        let sql = ORGANIZATIONS.spelled_out(&branch.scope(tenant), &page);
        let plan = app.plan(tenant, "", &sql).await;
        assert!(!plan.contains("Seq Scan") && plan.contains(index), "{sql}\n{plan}");
    }
}
