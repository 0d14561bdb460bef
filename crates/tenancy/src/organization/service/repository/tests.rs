//! The queries over the tree use indexes under row-level security.

use elder_testkit::TestApp;

use super::{CHILDREN, LINE, ROOTS, SUBTREE};

const FILL: &str = "
    insert into organizations (tenant_id, id, parent_id, name, name_folded)
    select $1, lpad(to_hex(n), 32, '0')::uuid,
        case when n < 10 then $2 else lpad(to_hex(n / 10), 32, '0')::uuid end, 'n' || n, 'n' || n
    from generate_series(1, 20000) n";

/// The plan that the application role gets once a statement is planned for any values.
async fn plan(app: &TestApp, types: &str, values: &str, sql: &str) -> String {
    let begin = format!(
        "begin; set local role elder_app; set local app.current_tenant_id = '{}';
         set local plan_cache_mode = force_generic_plan; prepare asked({types}) as {sql}",
        app.acme.id
    );
    app.superuser.batch_execute(&begin).await.unwrap();
    let rows = app.superuser.query(&format!("explain execute asked({values})"), &[]).await.unwrap();
    app.superuser.batch_execute("rollback; deallocate asked").await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_tree_is_walked_by_indexes_among_many_organizations_and_tenants() {
    let app = TestApp::start().await;
    for tenant in [&app.acme, &app.globex] {
        app.superuser.execute(FILL, &[&tenant.id.0, &tenant.child.uuid()]).await.unwrap();
    }
    app.superuser.batch_execute("analyze organizations").await.unwrap();
    let (tenant, deep) = (app.acme.id, "'00000000-0000-0000-0000-000000002000'");
    let one = format!("{tenant}, {deep}");
    let roots = format!("{tenant}, '', {deep}, 50");
    let page = format!("{roots}, {deep}");
    for (types, values, sql, index) in [
        ("int, uuid", &one, LINE, "organizations_pkey"),
        ("int, uuid", &one, SUBTREE, "organizations_name_key"),
        ("int, text, uuid, bigint", &roots, ROOTS, "organizations_name_key"),
        ("int, text, uuid, bigint, uuid", &page, CHILDREN, "organizations_name_key"),
    ] {
        let plan = plan(&app, types, values, sql).await;
        assert!(!plan.contains("Seq Scan"), "{plan}");
        assert!(plan.contains(index), "{plan}");
    }
}
