//! `elder migrate`, killed behind each statement of the migrations, and two of it at once.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use elder_server::{migrate, pending};
use elder_testkit::TestDatabase;
use tokio_postgres::Client;

use crate::process::{command, data_directory, output};

/// Holds the migrator's backend behind the statement of the schema that `probe.stop` names. What a statement runs
/// inside of itself (a function, an extension's script) counts with it. PostgreSQL tells of no `insert`, `select` or
/// `do`: a stop behind the next statement that changes the schema is one behind them too.
const PROBE: &str = "
    create schema probe;
    create table probe.stop (behind int not null);
    insert into probe.stop values (0);
    create sequence probe.statements;
    create function probe.count() returns event_trigger language plpgsql security definer as $$
    declare
        stack text;
    begin
        get diagnostics stack = pg_context;
        if stack !~ '\n' and not (select bool_or(in_extension) from pg_event_trigger_ddl_commands()) then
            if nextval('probe.statements') = (select behind from probe.stop) then
                perform pg_sleep(600);
            end if;
        end if;
    end $$;
    create event trigger probe on ddl_command_end execute function probe.count()";

const BACKENDS: &str = "
    select pid, coalesce(wait_event = 'PgSleep', false) as held from pg_stat_activity
    where datname = current_database() and application_name = 'elder migrate'";

/// A database without a schema, and a hand on what migrates it.
struct Site {
    database: TestDatabase,
    superuser: Client,
    data: tempfile::TempDir,
}

impl Site {
    async fn prepare() -> Self {
        let database = TestDatabase::empty().await;
        let superuser = database.superuser().await;
        superuser.batch_execute(PROBE).await.unwrap();
        Self { database, superuser, data: data_directory() }
    }

    fn migrator(&self) -> Command {
        migrator(self.data.path(), &self.database)
    }

    /// How many files are applied, and how many tables are there.
    async fn state(&self) -> (i64, i64) {
        let history = "select to_regclass('public.refinery_schema_history') is not null";
        let applied =
            if self.value(history).await { "count(*) from refinery_schema_history" } else { "0::bigint" };
        let tables = "select count(*) from pg_class where relnamespace = 'public'::regnamespace
            and relkind in ('r', 'p') and relname <> 'refinery_schema_history'";
        (self.value(&format!("select {applied}")).await, self.value(tables).await)
    }

    async fn value<T: for<'a> tokio_postgres::types::FromSql<'a>>(&self, sql: &str) -> T {
        self.superuser.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Starts a migrator; once it is held behind statement `number`, kills it with its backend. `false` if it came to
    /// its end before.
    async fn kill_behind(&self, number: i32) -> bool {
        self.superuser.execute("update probe.stop set behind = $1", &[&number]).await.unwrap();
        self.superuser.query("select setval('probe.statements', 1, false)", &[]).await.unwrap();
        let mut migrator = self.migrator().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if !self.is_held(&mut migrator).await {
            return false;
        }
        migrator.kill().unwrap();
        migrator.wait().unwrap();
        // It would sleep on, and notice only then that nobody listens.
        let end = format!("select pg_terminate_backend(pid) from ({BACKENDS}) backends");
        self.superuser.query(&end, &[]).await.unwrap();
        self.wait_for_end().await;
        true
    }

    async fn is_held(&self, migrator: &mut Child) -> bool {
        let started = Instant::now();
        loop {
            let held = self.superuser.query(BACKENDS, &[]).await.unwrap().iter().any(|row| row.get("held"));
            if held {
                return true;
            }
            if let Some(status) = migrator.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return false;
            }
            assert!(started.elapsed() < Duration::from_mins(1), "the migrator neither stops nor ends");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn wait_for_end(&self) {
        let started = Instant::now();
        while !self.superuser.query(BACKENDS, &[]).await.unwrap().is_empty() {
            assert!(started.elapsed() < Duration::from_secs(20), "the killed migrator's backend stays");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

fn migrator(data: &Path, database: &TestDatabase) -> Command {
    let mut migrator = command(data, Some(database));
    migrator.arg("migrate");
    migrator
}

#[tokio::test]
async fn r_17_a_migration_that_is_killed_behind_any_statement_leaves_whole_files_and_a_rerun_completes_it() {
    let undisturbed = Site::prepare().await;
    let (success, text) = output(&mut undisturbed.migrator());
    assert!(success, "{text}");
    let whole = undisturbed.state().await;
    assert!(whole.0 > 0 && whole.1 > 20, "{whole:?}");

    let site = Site::prepare().await;
    let (mut before, mut statement, mut kills) = (site.state().await, 1, 0);
    while site.kill_behind(statement).await {
        let after = site.state().await;
        // Each file is one transaction: what a whole one leaves changes with the next whole one alone.
        if after.0 == before.0 {
            assert_eq!(after, before, "half a file is left behind statement {statement}");
            statement += 1;
        } else {
            statement = 1;
        }
        (before, kills) = (after, kills + 1);
    }
    assert!(kills > 70, "only {kills} statements were seen");
    let url = site.database.url("elder_owner");
    assert_eq!((site.state().await, pending(&url).await.unwrap()), (whole, Vec::new()));
    site.superuser.batch_execute("update probe.stop set behind = 0").await.unwrap();
    let (success, text) = output(&mut site.migrator());
    assert!(success, "one more finds nothing to do: {text}");
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

/// Two processes, of which the one that migrates is killed: the other takes over where nothing was done.
#[tokio::test]
async fn r_17_a_migrator_that_waits_takes_over_from_one_that_is_killed() {
    let site = Site::prepare().await;
    site.superuser.execute("update probe.stop set behind = 20", &[]).await.unwrap();
    let mut first = site.migrator().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(site.is_held(&mut first).await);
    let mut second = site.migrator().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while site.superuser.query(BACKENDS, &[]).await.unwrap().len() < 2 {
        assert!(second.try_wait().unwrap().is_none(), "the second one does not wait");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(site.state().await, (0, 0));
    first.kill().unwrap();
    first.wait().unwrap();
    let end = format!("select pg_terminate_backend(pid) from ({BACKENDS}) backends where held");
    site.superuser.query(&end, &[]).await.unwrap();
    assert!(second.wait().unwrap().success());
    assert_eq!(pending(&site.database.url("elder_owner")).await.unwrap(), Vec::new());
}
