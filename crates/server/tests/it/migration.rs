//! `elder migrate`, killed behind each statement of the migrations, and two of it at once.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use elder_server::{Migration, migrate, newer, pending};
use elder_testkit::TestDatabase;
use tokio_postgres::Client;

use crate::{
    halting_road::HaltingRoad,
    process::{command, data_directory},
};

const BACKENDS: &str = "
    select from pg_stat_activity where datname = current_database() and application_name = 'elder migrate'";

/// A database without a schema, and a hand on the road to it.
struct Site {
    database: TestDatabase,
    superuser: Client,
    road: HaltingRoad,
    data: tempfile::TempDir,
}

impl Site {
    async fn prepare() -> Self {
        let database = TestDatabase::empty().await;
        let superuser = database.superuser().await;
        let url = database.postgres_url("elder_owner");
        let (_, server) = url.split_once("?host=").unwrap();
        let road = HaltingRoad::to(Path::new(server));
        Self { database, superuser, road, data: data_directory() }
    }

    /// `elder migrate`, which goes by the road.
    fn migrator(&self) -> Command {
        let mut migrator = command(self.data.path(), Some(&self.database));
        let road = self.road.directory().display();
        let url = format!("postgres://elder_owner@/{}?host={road}", self.database.name());
        migrator
            .env("ELDER_DATABASE__OWNER_URL", url)
            .arg("migrate")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        migrator
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

    /// Runs a migrator to its end.
    async fn migrate(&self) {
        self.road.halt_behind(0);
        let mut migrator = self.migrator().spawn().unwrap();
        assert!(!self.is_halted(&mut migrator).await);
    }

    /// Starts a migrator; once PostgreSQL has done its statement `number`, kills it. `false` if it came to its end before.
    async fn kill_behind(&self, number: usize) -> bool {
        self.road.halt_behind(number);
        let mut migrator = self.migrator().spawn().unwrap();
        if !self.is_halted(&mut migrator).await {
            return false;
        }
        migrator.kill().unwrap();
        migrator.wait().unwrap();
        let started = Instant::now();
        while self.backends().await > 0 {
            assert!(started.elapsed() < Duration::from_secs(20), "the killed migrator's backend stays");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        true
    }

    /// Waits until a migrator has come to the halt, or to its good end.
    async fn is_halted(&self, migrator: &mut Child) -> bool {
        let started = Instant::now();
        loop {
            if self.road.has_halted() {
                return true;
            }
            if let Some(status) = migrator.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return false;
            }
            assert!(started.elapsed() < Duration::from_mins(1), "the migrator neither halts nor ends");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many backends serve migrators.
    async fn backends(&self) -> usize {
        self.superuser.query(BACKENDS, &[]).await.unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_17_a_migration_that_is_killed_behind_any_statement_leaves_whole_files_and_a_rerun_completes_it() {
    let undisturbed = Site::prepare().await;
    undisturbed.migrate().await;
    let whole = undisturbed.state().await;
    assert!(whole.0 > 0 && whole.1 > 20, "{whole:?}");
    let (sent, completed) = undisturbed.road.statements();
    assert_eq!(sent, completed, "PostgreSQL counts the statements of the files as the road does");
    assert!(sent > 120, "only {sent} statements were seen");

    let mut site = Site::prepare().await;
    let mut before = site.state().await;
    for statement in places(sent) {
        assert!(site.kill_behind(statement).await, "statement {statement} of {sent}");
        let after = site.state().await;
        // Each file is one transaction: what a whole one leaves changes with the next whole one alone.
        assert!(after.0 != before.0 || after == before, "half a file is left behind statement {statement}");
        if after.0 != before.0 {
            assert_eq!(complete(&site).await, whole, "a rerun behind statement {statement}");
            site = Site::prepare().await;
        }
        before = site.state().await;
    }
    assert_eq!(complete(&site).await, whole);
}

/// Behind which statements a migrator is killed: each of the first and of the last, where transactions begin and end, and
/// some fifty between them, since each costs all that comes before it.
fn places(sent: usize) -> impl Iterator<Item = usize> {
    let step = (sent / 50).max(1);
    (1..=sent).filter(move |place| *place <= 10 || *place + 20 > sent || place % step == 0)
}

/// Lets a migrator do what is missing, and another one find nothing to do; gives the state that they leave.
async fn complete(site: &Site) -> (i64, i64) {
    site.migrate().await;
    let state = site.state().await;
    site.migrate().await;
    assert_eq!(
        (site.state().await, pending(&site.database.url("elder_owner")).await.unwrap()),
        (state, Vec::new())
    );
    state
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
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_17_a_migrator_that_waits_takes_over_from_one_that_is_killed() {
    let site = Site::prepare().await;
    site.road.halt_behind(20);
    let mut first = site.migrator().spawn().unwrap();
    assert!(site.is_halted(&mut first).await);
    site.road.halt_behind(0);
    let mut second = site.migrator().spawn().unwrap();
    while site.backends().await < 2 {
        assert!(second.try_wait().unwrap().is_none(), "the second one does not wait");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(site.state().await, (0, 0));
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(second.wait().unwrap().success());
    assert_eq!(pending(&site.database.url("elder_owner")).await.unwrap(), Vec::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_18_what_a_newer_version_has_applied_is_named_and_left() {
    let site = Site::prepare().await;
    let url = site.database.url("elder_owner");
    migrate(&url).await.unwrap();
    assert_eq!(newer(&url).await.unwrap(), Vec::new());
    let widened = "alter table portal_users add column nickname text;
        insert into refinery_schema_history values (9000, 'nicknames', '2027-01-01T00:00:00Z', '1')";
    site.superuser.batch_execute(widened).await.unwrap();

    assert_eq!(pending(&url).await.unwrap(), Vec::new());
    let theirs = Migration { version: 9000, name: "nicknames".to_owned() };
    assert_eq!(newer(&url).await.unwrap(), vec![theirs]);
    let before = site.state().await;
    assert_eq!(migrate(&url).await.unwrap(), Vec::new());
    assert_eq!(site.state().await, before);
    site.road.halt_behind(0);
    let check = site.migrator().arg("--check").stdout(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(check.stdout).unwrap();
    assert!(check.status.success() && said.ends_with("\n  V9000 nicknames\n"), "{said}");
}
