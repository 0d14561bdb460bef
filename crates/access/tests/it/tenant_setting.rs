//! The setting that names the tenant: absent, emptied, left over, set twice.

use std::path::Path;

use elder_access::{Action, DbError, Event, work::Shell};
use elder_kernel::TenantId;
use elder_testkit::TestApp;
use sea_orm::ConnectionTrait as _;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::gate;

const ADD: &str =
    "insert into organizations (tenant_id, id, name, name_folded) values ($1, $2, 'new', 'new')";
const TENANTS: &str = "select distinct tenant_id from organizations";

/// The tables with a `tenant_id` that the application may read.
async fn tables(app: &TestApp) -> Vec<String> {
    let list = "select c.oid::regclass::text from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
        where c.relkind in ('r', 'p') and has_table_privilege('elder_app', c.oid, 'select') order by 1";
    app.superuser.query(list, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// The gate sends statements on rows alone; the transaction goes on as if there had been none.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, DbError>, sql: &str) {
    let Err(DbError::Driver(source)) = result else { panic!("{sql}: {result:?}") };
    assert!(source.to_string().contains("statements on rows alone"), "{sql}: {source}");
}

async fn count(client: &Client, table: &str) -> i64 {
    client.query_one(&format!("select count(*) from {table}"), &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn t_03_without_a_tenant_no_table_shows_a_row() {
    let app = TestApp::start().await;
    app.tenant_admin().await;
    let client = app.database.connect("elder_app").await;
    let set = format!("begin; set local app.current_tenant_id = '{}'", app.acme.id);
    client.batch_execute(&set).await.unwrap();
    assert_eq!((count(&client, "organizations").await, count(&client, "sessions").await), (2, 1));
    client.batch_execute("commit").await.unwrap();
    let fresh = app.database.connect("elder_app").await;
    let tables = tables(&app).await;
    assert!(tables.len() > 10, "{tables:?}");
    for table in tables {
        assert_eq!(count(&fresh, &table).await, 0, "{table}, never set");
        assert_eq!(count(&client, &table).await, 0, "{table}, set before");
    }
    assert_eq!(count(&fresh, "tenants").await, 0);
}

#[tokio::test]
async fn t_04_after_a_transaction_the_setting_is_empty_and_empty_is_nobody() {
    let app = TestApp::start().await;
    let client = app.database.connect("elder_app").await;
    client
        .batch_execute(&format!("begin; set local app.current_tenant_id = '{}'", app.acme.id))
        .await
        .unwrap();
    assert_eq!(count(&client, "organizations").await, 2);
    client.batch_execute("commit").await.unwrap();
    let left: String =
        client.query_one("select current_setting('app.current_tenant_id', true)", &[]).await.unwrap().get(0);
    assert_eq!((left.as_str(), count(&client, "organizations").await), ("", 0));
    client.batch_execute("discard all").await.unwrap();
    assert_eq!(count(&client, "organizations").await, 0);
}

/// A session's own setting, were one ever made, does not reach the next tenant: each transaction names its own.
#[tokio::test]
async fn t_05_a_setting_that_outlives_its_transaction_does_not_reach_the_next_tenant() {
    let app = TestApp::start().await;
    let client = app.database.connect("elder_app").await;
    let seen = async |tenant: TenantId| {
        let begin = format!("begin; set local app.current_tenant_id = '{tenant}'");
        client.batch_execute(&begin).await.unwrap();
        let rows = client.query(TENANTS, &[]).await.unwrap();
        client.batch_execute("commit").await.unwrap();
        rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>()
    };
    assert_eq!(seen(app.acme.id).await, [app.acme.id.0]);
    client.batch_execute(&format!("set app.current_tenant_id = '{}'", app.acme.id)).await.unwrap();
    assert_eq!(client.query(TENANTS, &[]).await.unwrap().len(), 1, "the leak that the next two forbid");
    assert_eq!(seen(app.globex.id).await, [app.globex.id.0]);
}

#[tokio::test]
async fn t_05_no_transaction_carries_a_setting() {
    let app = TestApp::start().await;
    let (_keeper, worker) = gate::of(&app.database, 1);
    let job = worker.job::<Shell>();
    assert_eq!(job.begin(app.acme.id).await.unwrap().raw_rows(TENANTS, []).await.unwrap().len(), 1);
    for setting in [
        "set app.current_tenant_id = '1'",
        "set session app.current_tenant_id = '1'",
        "select set_config('app.current_tenant_id', '1', false)",
    ] {
        let leak = job.begin(app.acme.id).await.unwrap();
        refused(leak.run(setting, []).await, setting);
        leak.commit(Event::new(Action::TenantUpdated)).await.unwrap();
        let other = job.begin(app.globex.id).await.unwrap();
        let seen = other.raw_rows(TENANTS, []).await.unwrap();
        let seen: Vec<i32> = seen.iter().map(|row| row.get("tenant_id").unwrap()).collect();
        assert_eq!(seen, [app.globex.id.0], "{setting}");
    }
}

/// The only place that names the tenant is the one that begins a transaction.
#[test]
fn t_05_no_source_sets_the_tenant_but_for_one_transaction() {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            // Tests set it to look as a tenant would.
            if path.file_name().is_some_and(|name| name == "tests.rs") {
                continue;
            }
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
                let lines = text.lines().enumerate();
                let setting = lines.filter(|(_, line)| {
                    line.contains("set_config(")
                        || line.contains("set app.")
                        || line.contains("set local app.")
                        || line.contains("set session app.")
                });
                found.extend(setting.map(|(number, line)| {
                    format!("{}:{}: {}", path.file_name().unwrap().display(), number + 1, line.trim())
                }));
            }
        }
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap() {
        let folder = entry.unwrap().path();
        // The benchmark speaks to the database beside Elder, as its limit does; tests look into it as a superuser.
        let product = folder.file_name().is_some_and(|name| name != "bench" && name != "testkit");
        let sources = folder.join("src");
        if product && sources.is_dir() {
            walk(&sources, &mut found);
        }
    }
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("connection.rs") && found[0].contains("set local app."), "{found:?}");
}

/// To the database it is nobody; to Elder's own connections it is an error (`database/tests.rs`).
#[tokio::test]
async fn t_06_a_setting_outside_of_a_transaction_is_nobody() {
    let app = TestApp::start().await;
    let client = app.database.connect("elder_app").await;
    let set = format!("set local app.current_tenant_id = '{}'", app.acme.id);
    client.batch_execute(&format!("begin; {set}")).await.unwrap();
    assert_eq!(count(&client, "organizations").await, 2);
    client.batch_execute("commit").await.unwrap();
    client.batch_execute(&set).await.unwrap();
    assert_eq!(count(&client, "organizations").await, 0);
}

/// What would happen if it could: a rollback to a savepoint brings an older tenant back.
#[tokio::test]
async fn t_07_the_tenant_of_a_transaction_is_set_once_and_no_savepoint_brings_another_back() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.acme.id, app.globex.id);
    let raw = app.database.connect("elder_app").await;
    let attack = format!(
        "begin; set local app.current_tenant_id = '{acme}'; savepoint before;
         set local app.current_tenant_id = '{globex}'; rollback to savepoint before"
    );
    raw.batch_execute(&attack).await.unwrap();
    assert_eq!(raw.query_one(TENANTS, &[]).await.unwrap().get::<_, i32>(0), acme.0, "the attack is real");

    let (_keeper, worker) = gate::of(&app.database, 1);
    let tx = worker.job::<Shell>().begin(acme).await.unwrap();
    let add = [acme.into(), Uuid::from_u128(1).into()];
    assert_eq!(tx.run(ADD, add).await.unwrap(), 1, "the good case");
    for step in [
        "savepoint before",
        "set local app.current_tenant_id = '1'",
        "SET LOCAL \"app\".\"current_tenant_id\" = '1'",
        "select set_config('app.current_tenant_id', '1', true)",
        "with other as (select Set_Config ('app.current_tenant_id', '1', true)) select * from other",
        "reset app.current_tenant_id",
        "do $$ begin perform set_config('app.current_tenant_id', '1', true); end $$",
        "rollback to savepoint before",
        "commit",
        "begin",
    ] {
        refused(tx.run(step, []).await, step);
        refused(tx.execute_unprepared(step).await.map_err(DbError::from), step);
        let seen = tx.raw_rows(TENANTS, []).await.unwrap();
        let seen: Vec<i32> = seen.iter().map(|row| row.get("tenant_id").unwrap()).collect();
        assert_eq!(seen, [acme.0], "{step}");
    }
    tx.commit(Event::new(Action::OrganizationCreated)).await.unwrap();
    let other = worker.job::<Shell>().begin(globex).await.unwrap();
    assert_eq!(other.raw_rows("select from organizations where name = 'new'", []).await.unwrap().len(), 0);
}

/// Elder forces generic plans; a plan made for one tenant must serve the next one either way.
#[tokio::test]
async fn t_10_a_statement_prepared_under_one_tenant_gives_the_next_tenant_its_own_rows() {
    let app = TestApp::start().await;
    let client = app.database.connect("elder_app").await;
    let statement = client.prepare(TENANTS).await.unwrap();
    for mode in ["auto", "force_custom_plan", "force_generic_plan"] {
        client.batch_execute(&format!("set plan_cache_mode = {mode}")).await.unwrap();
        for tenant in [app.acme.id, app.globex.id].repeat(8) {
            client
                .batch_execute(&format!("begin; set local app.current_tenant_id = '{tenant}'"))
                .await
                .unwrap();
            let rows = client.query(&statement, &[]).await.unwrap();
            client.batch_execute("commit").await.unwrap();
            let seen: Vec<i32> = rows.iter().map(|row| row.get(0)).collect();
            assert_eq!(seen, [tenant.0], "{mode}");
        }
        assert_eq!(client.query(&statement, &[]).await.unwrap().len(), 0, "{mode}, nobody");
    }
}

/// An immutable function may be called once, when the plan is made: the first tenant's rows for everybody.
#[tokio::test]
async fn t_11_no_function_that_names_the_tenant_may_be_frozen_into_a_plan() {
    let app = TestApp::start().await;
    let kinds = "select proname::text, provolatile::text from pg_proc
        where pronamespace = 'public'::regnamespace and prosrc like '%current_tenant_id%'";
    let functions = app.superuser.query(kinds, &[]).await.unwrap();
    assert!(functions.len() >= 2, "current_tenant_id and what calls it");
    for function in functions {
        let (name, kind): (String, String) = (function.get(0), function.get(1));
        assert_ne!(kind, "i", "{name} is immutable");
    }
}
