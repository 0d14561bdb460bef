//! Who is lent which connection: to PostgreSQL each is a process with a number.

use std::{
    collections::HashSet,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use elder_access::{DbError, Gatekeeper, Worker, work::Shell};
use elder_kernel::TenantId;
use elder_testkit::TestDatabase;
use tokio::runtime::Runtime;
use tokio_postgres::Client;

use crate::gate;

/// A gate with a tenant.
struct Bench {
    keeper: Gatekeeper,
    worker: Worker,
    tenant: TenantId,
    superuser: Client,
    _database: TestDatabase,
}

async fn bench(connections: usize) -> Bench {
    let database = TestDatabase::create().await;
    let superuser = database.superuser().await;
    let tenant = gate::tenant(&superuser, "acme").await;
    let (keeper, worker) = gate::of(&database, connections);
    Bench { keeper, worker, tenant, superuser, _database: database }
}

/// The connection that a caller is lent.
async fn lent(worker: &Worker, tenant: TenantId) -> Result<i32, DbError> {
    let tx = worker.job::<Shell>().begin(tenant).await?;
    tx.raw_row("select pg_backend_pid() as number", []).await?.unwrap().get("number")
}

/// A runtime with one thread, as a worker of the HTTP server has it.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_lent_the_connection_that_it_drives_itself() {
    let Bench { worker, tenant, keeper, .. } = &bench(4).await;
    let together = Arc::new(Barrier::new(2));
    let threads = [(); 2].map(|()| {
        let (worker, tenant, together) = (worker.clone(), *tenant, together.clone());
        thread::spawn(move || {
            let runtime = runtime();
            let own = runtime.block_on(lent(&worker, tenant)).unwrap();
            together.wait();
            for _ in 0..20 {
                assert_eq!(runtime.block_on(lent(&worker, tenant)).unwrap(), own);
            }
            together.wait();
            own
        })
    });
    let own: HashSet<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(own.len(), 2);
    assert!(keeper.pools()[0].size <= 2, "{:?}", keeper.pools());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_can_be_no_more_connections_a_thread_is_lent_another_ones() {
    let Bench { worker, tenant, keeper, .. } = &bench(1).await;
    let only = lent(worker, *tenant).await.unwrap();
    let (elsewhere, of) = (worker.clone(), *tenant);
    let there = thread::spawn(move || runtime().block_on(lent(&elsewhere, of)).unwrap()).join().unwrap();
    assert_eq!(there, only);
    assert_eq!(keeper.pools()[0].size, 1);
}

#[tokio::test]
async fn a_connection_that_broke_is_replaced() {
    let Bench { worker, tenant, superuser, .. } = &bench(1).await;
    let broken = lent(worker, *tenant).await.unwrap();
    superuser.execute("select pg_terminate_backend($1)", &[&broken]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_ne!(lent(worker, *tenant).await.unwrap(), broken);
}

#[tokio::test]
async fn a_closed_pool_ends_its_connections_and_lends_none() {
    let Bench { worker, tenant, keeper, .. } = &bench(2).await;
    let late = worker.job::<Shell>().begin(*tenant).await.unwrap();
    lent(worker, *tenant).await.unwrap();
    keeper.close();
    assert!(matches!(lent(worker, *tenant).await, Err(DbError::Unavailable(_))));
    assert_eq!(keeper.pools()[0].idle, 0);
    drop(late);
    assert_eq!(keeper.pools()[0].idle, 0);
}

#[tokio::test]
async fn no_plan_walks_through_a_tenant_to_find_one_row() {
    let Bench { worker, tenant, .. } = &bench(1).await;
    let tx = worker.job::<Shell>().begin(*tenant).await.unwrap();
    let row = tx.raw_row("select current_setting('enable_mergejoin') as setting", []).await.unwrap().unwrap();
    assert_eq!(row.get::<&str>("setting").unwrap(), "off");
}
