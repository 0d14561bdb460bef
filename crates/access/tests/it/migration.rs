//! Migrations that are cut short, and two migrators at once.

use std::time::{Duration, Instant};

use elder_server::{migrate, pending};
use elder_testkit::TestDatabase;
use tokio_postgres::Client;

async fn tables(superuser: &Client) -> i64 {
    let count =
        "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and relname <> 'refinery_schema_history'";
    superuser.query_one(count, &[]).await.unwrap().get(0)
}

/// Ends the migrator's backend, as a crash of the server or a lost line does.
async fn cut(superuser: &Client) {
    let end = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'elder migrate'";
    superuser.query(end, &[]).await.unwrap();
}

/// Waits until the migrator is connected: before, there is nothing to cut.
async fn wait_for_start(superuser: &Client) {
    let running = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'elder migrate'";
    let started = Instant::now();
    while superuser.query_one(running, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "the migrator never connected");
    }
}

/// Waits until a cancelled migrator's backend has noticed.
async fn wait_for_end(superuser: &Client) {
    let running = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'elder migrate'";
    let started = Instant::now();
    while superuser.query_one(running, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "the cancelled migrator never ended");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_17_a_migration_that_is_cut_short_anywhere_leaves_whole_files_and_a_second_run_completes_it() {
    let undisturbed = TestDatabase::empty().await;
    let started = Instant::now();
    let applied = migrate(&undisturbed.url("elder_owner")).await.unwrap();
    let (whole, length) = (tables(&undisturbed.superuser().await).await, started.elapsed());
    assert!(whole > 20 && !applied.is_empty());

    let database = TestDatabase::empty().await;
    let (url, superuser) = (database.url("elder_owner"), database.superuser().await);
    let mut cut_short = 0;
    for step in 0..16u32 {
        let running = elder_telemetry::spawn("migrator", {
            let url = url.clone();
            async move { migrate(&url).await.map(drop) }
        });
        wait_for_start(&superuser).await;
        tokio::time::sleep(length * step / 16).await;
        if step % 2 == 0 {
            cut(&superuser).await;
            let _ended = running.await.unwrap();
        } else {
            running.abort();
            let _ended = running.await;
        }
        wait_for_end(&superuser).await;
        let there = tables(&superuser).await;
        assert!(there == 0 || there == whole, "{there} of {whole} tables after a cut at step {step}");
        cut_short += usize::from(there == 0);
        if there == whole {
            break;
        }
    }
    assert!(cut_short > 2, "only {cut_short} runs were cut short");
    migrate(&url).await.unwrap();
    assert_eq!((tables(&superuser).await, pending(&url).await.unwrap()), (whole, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_17_of_two_migrators_at_once_one_migrates_and_the_other_finds_nothing_to_do() {
    let database = TestDatabase::empty().await;
    let url = database.url("elder_owner");
    let (one, other) = tokio::join!(migrate(&url), migrate(&url));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.is_empty(), other.is_empty(), "{one:?} and {other:?}");
    assert_eq!(pending(&url).await.unwrap(), Vec::new());
}
