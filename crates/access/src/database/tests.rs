//! Connections of the pool, below the transactions that the gate makes of them.

use std::time::Duration;

use elder_kernel::TenantId;
use elder_testkit::TestDatabase;

use super::{DatabaseTarget, DbError, Opening, Pool, TenantConn};

const TENANTS: &str = "select id from tenants";

fn pool(database: &TestDatabase) -> Pool {
    let target = DatabaseTarget {
        setting: "database.url",
        url: database.url("elder_app"),
        max_connections: 1,
        connect_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(30),
    };
    Pool::new(&target).unwrap()
}

async fn tenants(pool: &Pool, tenant: TenantId) -> Result<Vec<i32>, DbError> {
    let conn = TenantConn::take(pool, Opening { tenant: Some(tenant), writes: false }).await?;
    conn.raw_rows(TENANTS, []).await?.iter().map(|row| row.get("id")).collect()
}

async fn another_tenant(database: &TestDatabase) -> TenantId {
    let add = "insert into tenants (name, slug) values ('Acme', 'acme') returning id";
    TenantId(database.superuser().await.query_one(add, &[]).await.unwrap().get(0))
}

#[tokio::test]
async fn t_06_a_setting_outside_of_a_transaction_is_an_error_and_ends_the_connection() {
    let database = TestDatabase::create().await;
    let pool = pool(&database);
    let good = pool.get().await.unwrap();
    good.batch_execute("begin; set local app.current_tenant_id = '1'").await.unwrap();
    assert_eq!(good.query(TENANTS, &[]).await.unwrap().len(), 1);
    good.batch_execute("commit").await.unwrap();
    // In autocommit PostgreSQL warns, with 25P01, and would go on.
    let refused = good.batch_execute("set local app.current_tenant_id = '1'").await.unwrap_err();
    assert!(matches!(DbError::from(refused), DbError::Unavailable(_)));
    let refused = good.query(TENANTS, &[]).await.unwrap_err();
    assert!(refused.is_closed(), "{refused:?}");
    drop(good);
    assert_eq!(tenants(&pool, TenantId(1)).await.unwrap(), [1], "the next connection is a new one");
}

#[tokio::test]
async fn t_06_an_end_without_a_transaction_is_an_error_too() {
    let database = TestDatabase::create().await;
    let pool = pool(&database);
    for end in ["commit", "rollback"] {
        let client = pool.get().await.unwrap();
        client.batch_execute(&format!("begin; {end}")).await.unwrap();
        client.batch_execute(end).await.unwrap_err();
        assert!(client.is_closed(), "{end}");
    }
}

/// No statement of its own asks whether a lent connection is idle: its `BEGIN` does.
#[tokio::test]
async fn t_09_a_connection_that_was_left_in_a_transaction_serves_nobody() {
    let database = TestDatabase::create().await;
    let (pool, acme) = (pool(&database), another_tenant(&database).await);
    assert_eq!(tenants(&pool, acme).await.unwrap(), [acme.0]);
    for left in ["begin; set local app.current_tenant_id = '1'", "begin read only", "begin; select 1 / 0"] {
        let client = pool.get().await.unwrap();
        let _failed = client.batch_execute(left).await;
        drop(client);
        let refused = tenants(&pool, acme).await;
        assert!(refused.is_err(), "{left}: {refused:?}");
        assert_eq!(tenants(&pool, acme).await.unwrap(), [acme.0], "{left}");
    }
}

/// Whatever else goes wrong, PostgreSQL refuses to record the change for a tenant that is no longer the transaction's.
#[tokio::test]
async fn t_07_another_tenant_in_the_middle_of_a_transaction_is_none_to_record_the_change_for() {
    let database = TestDatabase::create().await;
    let (pool, acme) = (pool(&database), another_tenant(&database).await);
    let client = pool.get().await.unwrap();
    let record = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, now(), gen_random_uuid(), 'c', 'system', 'x', 'data_change', 'x', 'success')";
    for (middle, recorded) in [("select 1", true), ("set local app.current_tenant_id = '1'", false)] {
        client.batch_execute(&format!("begin; set local app.current_tenant_id = '{acme}'")).await.unwrap();
        client.batch_execute(middle).await.unwrap();
        let result = client.execute(record, &[&acme.0]).await;
        client.batch_execute("rollback").await.unwrap();
        assert_eq!(result.is_ok(), recorded, "{middle}: {result:?}");
    }
}

#[tokio::test]
async fn what_is_left_for_the_end_is_done_with_the_commit_or_not_at_all() {
    const NAME: &str = "update tenants set name = $2 where id = $1";
    let database = TestDatabase::create().await;
    let (pool, acme) = (pool(&database), another_tenant(&database).await);
    let superuser = database.superuser().await;
    let name = async || -> String {
        superuser.query_one("select name from tenants where id = $1", &[&acme.0]).await.unwrap().get(0)
    };
    let opening = Opening { tenant: Some(acme), writes: true };
    let begin = async || TenantConn::take(&pool, opening).await.unwrap();

    let conn = begin().await;
    conn.run_last(NAME, [acme.into(), "First".into()]).await.unwrap();
    drop(conn);
    assert_eq!(name().await, "Acme");

    let conn = begin().await;
    conn.run_last(NAME, [acme.into(), "Second".into()]).await.unwrap();
    conn.run_last(NAME, [acme.into(), "Third".into()]).await.unwrap();
    conn.finish("select", []).await.unwrap();
    assert_eq!(name().await, "Third");

    let conn = begin().await;
    conn.run_last(NAME, [acme.into(), "Fourth".into()]).await.unwrap();
    conn.run_last("select 1 / $1::int", [0.into()]).await.unwrap();
    conn.run_last(NAME, [acme.into(), "Fifth".into()]).await.unwrap();
    let refused = conn.finish("select", []).await.unwrap_err();
    assert!(format!("{refused:?}").contains("division by zero"), "{refused:?}");
    assert_eq!(name().await, "Third");

    let conn = begin().await;
    conn.set_savepoint().await;
    conn.run_last(NAME, [acme.into(), "Sixth".into()]).await.unwrap();
    conn.return_to_savepoint().await;
    conn.finish("select", []).await.unwrap();
    assert_eq!(name().await, "Third", "what may be undone alone is not left for the end");
}
