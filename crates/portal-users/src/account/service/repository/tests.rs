//! What a list of users reads of a tenant that has a million.

use elder_kernel::collection::{Asked, Condition, Operand, Selection};
use elder_testkit::TestApp;

use super::{USERS, among};
use crate::account::Users;

const MANY: i32 = 1_000_000;
const FILL: &str = "
    insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, tenant_role, is_active,
        created_at)
    select $1, lpad(to_hex(n), 32, '0')::uuid, n || '@acme.com', n || '@acme.com', 'Person ' || n, 'person ' || n,
        case when n % 5000 = 0 then 'admin' end, n % 1000 <> 0, timestamptz '2026-01-01' + n * interval '1 second'
    from generate_series(1, $2) n";
const ASSIGN: &str = "
    insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role)
    select $1, lpad(to_hex(n * 1000), 32, '0')::uuid, $2, 'reader' from generate_series(1, 500) n";

fn selection(filter: Option<&str>, sort: &str) -> Selection {
    let asked = Asked { filter: filter.map(str::to_owned), sort: Some(sort.to_owned()), ..Asked::default() };
    Selection::read::<Users>(&asked).unwrap()
}

#[tokio::test]
async fn the_filters_and_orders_that_people_use_read_an_index_at_a_million_users() {
    let app = TestApp::start().await;
    let tenant = app.acme.id;
    app.superuser.execute(FILL, &[&tenant.0, &MANY]).await.unwrap();
    app.superuser.execute(ASSIGN, &[&tenant.0, &app.acme.child.uuid()]).await.unwrap();
    app.superuser
        .batch_execute("vacuum analyze portal_users; analyze portal_user_org_assignments")
        .await
        .unwrap();
    let organization = format!("organization_id eq \"{}\"", app.acme.child);
    let range = "created_at ge \"2026-01-03T00:00:00Z\" and created_at lt \"2026-01-03T00:10:00Z\"";
    let mut pages = vec![
        (selection(None, "id"), "portal_users_pkey"),
        (selection(Some("email eq \"77@ACME.com\""), "id"), "portal_users_email_key"),
        (selection(Some("email sw \"7777\""), "email"), "portal_users_email_key"),
        (selection(Some("full_name sw \"Person 77\""), "full_name"), "portal_users_name_idx"),
        (selection(Some("tenant_role eq \"admin\""), "id"), "portal_users_role_idx"),
        (selection(Some("is_active eq true"), "id"), "portal_users_pkey"),
        (selection(Some("is_active eq false"), "id"), "portal_users_inactive_idx"),
        (selection(Some(range), "created_at"), "portal_users_created_idx"),
        (selection(Some(&organization), "id"), "portal_user_org_assignments_organization_idx"),
        (selection(None, "-created_at"), "portal_users_created_idx"),
        (selection(None, "full_name"), "portal_users_name_idx"),
    ];
    let mut far = selection(None, "full_name");
    let place = vec![Operand::Text("person 5".into()), Operand::Id(uuid::Uuid::nil())];
    assert!(far.continue_behind(place));
    pages.push((far, "portal_users_name_idx"));
    for (page, index) in pages {
        let sql = USERS.spelled_out(&among(tenant, None, &page), &page);
        let plan = app.plan(tenant, "", &sql).await;
        assert!(!plan.contains("Seq Scan on portal_users") && plan.contains(index), "{sql}\n{plan}");
        // An estimate beyond a few thousand units would mean that far more is read than a page.
        let cost: f64 =
            plan.split("..").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        assert!(cost < 3000.0, "{sql}\n{plan}");
        assert!(!matches!(page.condition, Some(Condition::Any(_))));
    }
}
