//! What a list of users finds, and what it reads of a tenant that has a million.

use elder_access::{Found, work::Shell};
use elder_kernel::{
    Limit,
    collection::{Asked, Operand, Selection},
};
use elder_testkit::TestApp;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::json;

use super::{USERS, among};
use crate::account::{Account, Users};

const MANY: i32 = 1_000_000;
const FILL: &str = "
    insert into portal_users (tenant_id, id, email, email_folded, full_name, full_name_folded, tenant_role, is_active,
        created_at, last_login_at)
    select $1, lpad(to_hex(n), 32, '0')::uuid, n || '@acme.com', n || '@acme.com', 'Person ' || n, 'person ' || n,
        case when n % 5000 = 0 then 'admin' end, n % 1000 <> 0, timestamptz '2026-01-01' + n * interval '1 second',
        case when n % 3 = 0 then timestamptz '2026-02-01' + n * interval '1 second' end
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
    // It serves `search` alone, and filling it takes longer than all the rest.
    app.superuser.batch_execute("drop index portal_users_search_idx").await.unwrap();
    app.superuser.execute(FILL, &[&tenant.0, &MANY]).await.unwrap();
    app.superuser.execute(ASSIGN, &[&tenant.0, &app.acme.child.uuid()]).await.unwrap();
    for sql in ["vacuum analyze portal_users", "analyze portal_user_org_assignments"] {
        app.superuser.batch_execute(sql).await.unwrap();
    }
    let organization = format!("organization_id eq \"{}\"", app.acme.child);
    let range = "created_at ge \"2026-01-03T00:00:00Z\" and created_at lt \"2026-01-03T00:10:00Z\"";
    let mut pages = vec![
        (selection(None, "id"), "portal_users_pkey"),
        (selection(Some("email eq \"77@ACME.com\""), "id"), "portal_users_email"),
        (selection(Some("email sw \"7777\""), "email"), "portal_users_email"),
        (selection(Some("full_name sw \"Person 77\""), "full_name"), "portal_users_name_idx"),
        (selection(Some("tenant_role eq \"admin\""), "id"), "portal_users_role_idx"),
        (selection(Some("is_active eq true"), "id"), "portal_users_pkey"),
        (selection(Some("is_active eq false"), "id"), "portal_users_inactive_idx"),
        (selection(Some(range), "created_at"), "portal_users_created_idx"),
        (selection(Some(&organization), "id"), "portal_user_org_assignments_organization_idx"),
        (selection(None, "-created_at"), "portal_users_created_idx"),
        (selection(None, "full_name"), "portal_users_name_idx"),
        (selection(None, "last_login_at"), "portal_users_first_login_idx"),
        (selection(None, "-last_login_at"), "portal_users_last_login_idx"),
    ];
    let moment = Operand::Time("2026-02-03T00:00:00Z".parse().unwrap());
    for (sort, place, index) in [
        ("full_name", Operand::Text("person 5".into()), "portal_users_name_idx"),
        ("last_login_at", moment.clone(), "portal_users_first_login_idx"),
        ("last_login_at", Operand::Null, "portal_users_first_login_idx"),
        ("-last_login_at", moment, "portal_users_last_login_idx"),
        ("-last_login_at", Operand::Null, "portal_users_last_login_idx"),
    ] {
        let mut far = selection(None, sort);
        assert!(far.continue_behind(vec![place, Operand::Id(uuid::Uuid::nil())]));
        pages.push((far, index));
    }
    for (page, index) in pages {
        let sql = USERS.spelled_out(&among(tenant, None, &page), &page);
        let plan = app.plan(tenant, "", &sql).await;
        assert!(!plan.contains("Seq Scan on portal_users") && plan.contains(index), "{sql}\n{plan}");
        // An estimate beyond a few thousand units would mean that far more is read than a page.
        let cost: f64 =
            plan.split("..").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap();
        assert!(cost < 3000.0, "{sql}\n{plan}");
        // A later page begins where the one before ended, and does not read its way to there.
        let bounds = plan.lines().find(|line| line.contains("Index Cond")).unwrap_or_default();
        assert!(page.after.is_none() || bounds.contains("ROW("), "{sql}\n{plan}");
    }
}

/// A comparison of one of the declared fields, now and then one that fits nobody.
fn comparison() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec!["a", "ANA", "b@acme.com", "ö", "%", "_", "zz", ""]);
    let how = prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let field = prop::sample::select(vec!["email", "full_name", "external_id", "locale"]);
    let texts = (field, how, text).prop_map(|(field, how, text)| format!("{field} {how} \"{text}\""));
    let others = prop::sample::select(vec![
        "is_active eq true",
        "is_active ne true",
        "tenant_role eq \"admin\"",
        "tenant_role ne \"admin\"",
        "tenant_role eq null",
        "external_id ne null",
        "external_id pr",
        "has_password eq false",
        "last_login_at lt \"2030-01-01T00:00:00Z\"",
        "created_at ge \"2026-01-01T00:00:00Z\"",
    ]);
    prop_oneof![texts, others.prop_map(str::to_owned)]
}

fn filter() -> impl Strategy<Value = String> {
    comparison().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

#[tokio::test]
async fn a_filter_means_in_the_database_what_it_means_in_memory() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (name, more) in [
        ("Ana", json!({ "external_id": "a-1", "locale": "de" })),
        ("ana_b", json!({ "external_id": "ANA%" })),
        ("Öz", json!({ "tenant_role": "admin" })),
        ("zz", json!({ "tenant_role": "reader", "locale": "en-US" })),
    ] {
        let mut new = json!({ "email": format!("{name}@acme.com"), "full_name": format!("{name} Person") });
        new.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        admin.post("/api/v2/users", new).await.expect(201);
    }
    app.clock.advance(chrono::Duration::seconds(1));
    for name in ["ana", "zz"] {
        let seen = "update portal_users set last_login_at = $2 where email_folded = $1";
        let (email, now) = (format!("{name}@acme.com"), app.seam.now());
        app.superuser.execute(seen, &[&email, &now]).await.unwrap();
        app.clock.advance(chrono::Duration::seconds(1));
    }
    let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
    let all = super::list(&tx, app.acme.id, None, &selection(None, "email")).await.unwrap().rows;
    let shown = |account: &Account| json!(account).as_object().cloned().unwrap();
    let sorts = [
        "email",
        "-email",
        "-created_at,full_name",
        "full_name,-email",
        "last_login_at",
        "-last_login_at",
        "last_login_at,-email",
        "-last_login_at,email",
    ];
    let mut runner = TestRunner::deterministic();
    for (turn, sort) in (0..300).zip(sorts.into_iter().cycle()) {
        let filter = filter().new_tree(&mut runner).unwrap().current();
        let mut page = selection(Some(&filter), sort);
        page.include_total = true;
        page.limit = Limit::try_from(2).unwrap();
        if turn % 3 == 0 {
            assert!(page.continue_behind(page.place(&shown(&all[turn % all.len()]))));
        }
        let found = super::list(&tx, app.acme.id, None, &page).await.unwrap();
        assert_eq!(found, Found::in_memory(&page, all.clone(), shown), "{filter} by {sort}");
    }
}
