//! Random statements of two tenants at once, some of whose callers go away: no row of the one meets the other.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use elder_access::{Action, DbError, Event, work::Shell};
use elder_kernel::TenantId;
use futures_util::future::join_all;
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};
use tokio_postgres::Client;

use crate::{
    cancellation::{Storm, UP_TO_2_MS},
    gate,
    seed::SEED,
};

/// The tables of tenants, with their columns.
const TABLES: &str = "
    select c.relname::text, array_agg(a.attname::text) from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
    group by c.relname having bool_or(a.attname = 'tenant_id')";

/// A table and its columns.
type Table = (String, Vec<String>);

/// Which rows, of whichever tenant.
#[derive(Debug, Clone)]
enum Filter {
    All,
    Of(Whose),
    Null(Index),
    Like(Index, char),
    Linked(Index),
    Not(Box<Self>),
    Both(Box<Self>, Box<Self>),
    Either(Box<Self>, Box<Self>),
}

/// A tenant, seen from the one that acts.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Own,
    Other,
    Bystanders,
}

#[derive(Debug, Clone)]
enum Verb {
    Select,
    /// Copies rows into a tenant.
    Insert(Whose),
    /// Moves rows to a tenant.
    Update(Whose),
    Delete,
}

#[derive(Debug, Clone)]
struct Statement {
    verb: Verb,
    table: Index,
    filter: Filter,
}

/// What one caller does, and when they lose patience, if they do.
#[derive(Debug, Clone)]
struct Act {
    tenant: Index,
    statements: Vec<Statement>,
    commits: bool,
    patience_ms: Option<u64>,
}

fn whose() -> impl Strategy<Value = Whose> {
    prop_oneof![6 => Just(Whose::Own), 1 => Just(Whose::Other), 1 => Just(Whose::Bystanders)]
}

fn filters() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        Just(Filter::All),
        whose().prop_map(Filter::Of),
        any::<Index>().prop_map(Filter::Null),
        (any::<Index>(), "[a-z0-9]")
            .prop_map(|(column, text)| Filter::Like(column, text.chars().next().unwrap())),
        any::<Index>().prop_map(Filter::Linked),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let pair = || (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            inner.clone().prop_map(|filter| Filter::Not(Box::new(filter))),
            pair().prop_map(|(one, other)| Filter::Both(one, other)),
            pair().prop_map(|(one, other)| Filter::Either(one, other)),
        ]
    })
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let verb = prop_oneof![
        3 => Just(Verb::Select),
        6 => whose().prop_map(Verb::Insert),
        3 => whose().prop_map(Verb::Update),
        2 => Just(Verb::Delete),
    ];
    let statement =
        (verb, any::<Index>(), filters()).prop_map(|(verb, table, filter)| Statement { verb, table, filter });
    let act =
        (any::<Index>(), prop::collection::vec(statement, 1..5), any::<bool>(), prop::option::of(0..40u64))
            .prop_map(|(tenant, statements, commits, patience_ms)| Act {
                tenant,
                statements,
                commits,
                patience_ms,
            });
    prop::collection::vec(act, 1..16)
}

/// How a statement is written for the tenant that acts.
struct Words<'a> {
    tables: &'a [Table],
    own: TenantId,
    other: TenantId,
    bystanders: TenantId,
}

impl Words<'_> {
    fn id(&self, whose: Whose) -> TenantId {
        match whose {
            Whose::Own => self.own,
            Whose::Other => self.other,
            Whose::Bystanders => self.bystanders,
        }
    }

    fn filter(&self, filter: &Filter, columns: &[String]) -> String {
        match filter {
            Filter::All => "true".to_owned(),
            Filter::Of(whose) => format!("t.tenant_id = {}", self.id(*whose)),
            Filter::Null(column) => format!("t.{} is null", column.get(columns)),
            Filter::Like(column, text) => format!("t.{}::text like '%{text}%'", column.get(columns)),
            Filter::Linked(table) => {
                let (table, _) = table.get(self.tables);
                format!(
                    "exists (select from {table} o where o.tenant_id <> t.tenant_id or o.tenant_id = t.tenant_id)"
                )
            }
            Filter::Not(inner) => format!("not coalesce({}, false)", self.filter(inner, columns)),
            Filter::Both(one, other) => {
                format!("({} and {})", self.filter(one, columns), self.filter(other, columns))
            }
            Filter::Either(one, other) => {
                format!("({} or {})", self.filter(one, columns), self.filter(other, columns))
            }
        }
    }

    /// The gate takes constants alone; a test may make some.
    fn statement(&self, Statement { verb, table, filter }: &Statement) -> &'static str {
        let (table, columns) = table.get(self.tables);
        let rows = self.filter(filter, columns);
        let text = match verb {
            Verb::Select => format!("select t.tenant_id from {table} t where {rows}"),
            Verb::Insert(into) => {
                let into =
                    format!("jsonb_build_object('tenant_id', {}, 'id', gen_random_uuid())", self.id(*into));
                format!(
                    "insert into {table} select (jsonb_populate_record(t, {into})).* from {table} t where {rows}
                    returning tenant_id"
                )
            }
            Verb::Update(to) => {
                let to = self.id(*to);
                format!("update {table} t set tenant_id = {to} where {rows} returning t.tenant_id")
            }
            Verb::Delete => format!("delete from {table} t where {rows} returning t.tenant_id"),
        };
        text.leak()
    }
}

/// How many statements had rows, by verb, and how many callers went away: without them the test would show nothing.
#[derive(Default)]
struct Seen {
    verbs: [AtomicUsize; 4],
    foreign: AtomicUsize,
    cancelled: AtomicUsize,
}

impl Seen {
    fn note(&self, statement: &Statement, rows: usize) {
        let (verb, to) = match statement.verb {
            Verb::Select => (0, None),
            Verb::Insert(to) => (1, Some(to)),
            Verb::Update(to) => (2, Some(to)),
            Verb::Delete => (3, None),
        };
        if rows > 0 {
            self.verbs[verb].fetch_add(1, Ordering::Relaxed);
        }
        if rows == 0 && matches!(to, Some(Whose::Other | Whose::Bystanders)) {
            self.foreign.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Every row of a table that this caller sees, as a text.
type Rows = BTreeSet<String>;

struct Stage {
    storm: Storm,
    bystanders: TenantId,
    tables: Vec<Table>,
    seen: Seen,
}

impl Stage {
    async fn prepare(connections: usize) -> Self {
        let storm = Storm::prepare(connections, UP_TO_2_MS).await;
        let bystanders = gate::tenant(&storm.superuser, "bystanders").await;
        let tables = storm.superuser.query(TABLES, &[]).await.unwrap();
        let tables = tables.iter().map(|row| (row.get(0), row.get(1))).collect();
        Self { storm, bystanders, tables, seen: Seen::default() }
    }

    fn superuser(&self) -> &Client {
        &self.storm.superuser
    }

    fn tenants(&self) -> [TenantId; 3] {
        let [one, other] = self.storm.tenants;
        [one, other, self.bystanders]
    }

    /// Gives each tenant the same rows.
    async fn set(&self) {
        let empty: Vec<_> = self.tables.iter().map(|(table, _)| format!("delete from {table}")).collect();
        let empty = empty.join(";");
        let empty =
            format!("set session_replication_role = replica; {empty}; reset session_replication_role");
        self.superuser().batch_execute(&empty).await.unwrap();
        for (tenant, sql) in self.tenants().iter().flat_map(|tenant| SEED.map(|sql| (tenant, sql))) {
            self.superuser()
                .execute(sql, &[&tenant.0])
                .await
                .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        }
    }

    async fn play(&self, act: &Act) {
        let [one, other] = self.storm.tenants;
        let (own, other) = if act.tenant.index(2) == 0 { (one, other) } else { (other, one) };
        let words = Words { tables: &self.tables, own, other, bystanders: self.bystanders };
        let work = async {
            let tx = self.storm.worker.job::<Shell>().begin(own).await.unwrap();
            for statement in &act.statements {
                let sql = words.statement(statement);
                // PostgreSQL refuses many, as it should; what it does not refuse concerns the own tenant alone.
                let Ok(rows) = tx.raw_rows(sql, []).await else {
                    self.seen.note(statement, 0);
                    return;
                };
                self.seen.note(statement, rows.len());
                for row in rows {
                    assert_eq!(row.get::<i32>("tenant_id").unwrap(), own.0, "{sql}");
                }
            }
            if act.commits {
                let _refused = tx.commit(Event::new(Action::OrganizationUpdated)).await;
            }
        };
        let patience = Duration::from_millis(act.patience_ms.unwrap_or(60_000));
        if tokio::time::timeout(patience, work).await.is_err() {
            self.seen.cancelled.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What each tenant sees of a table, and what there is.
    async fn rows(&self, table: &str) -> ([Rows; 3], Rows) {
        let sql: &'static str = format!("select t::text as row from {table} t").leak();
        let mut seen = [const { Rows::new() }; 3];
        for (rows, tenant) in seen.iter_mut().zip(self.tenants()) {
            let tx = self.storm.worker.job::<Shell>().begin(tenant).await.unwrap();
            let all = tx.raw_rows(sql, []).await.unwrap();
            rows.extend(all.iter().map(|row| row.get::<String>("row").unwrap()));
        }
        let all: Rows =
            self.superuser().query(sql, &[]).await.unwrap().iter().map(|row| row.get("row")).collect();
        // Some tables are no business of the platform's role; of the others it sees everything.
        let platform = self.storm.worker.job::<Shell>().platform().await.unwrap();
        match platform.raw_rows(sql, []).await {
            Ok(rows) => {
                assert_eq!(rows.iter().map(|row| row.get("row").unwrap()).collect::<Rows>(), all, "{table}");
            }
            Err(refused) => assert!(matches!(refused, DbError::Forbidden(_)), "{table}: {refused:?}"),
        }
        (seen, all)
    }

    async fn try_out(&self, acts: &[Act]) {
        self.set().await;
        let mut before = Vec::new();
        for (table, _) in &self.tables {
            let ([.., bystanders], _) = self.rows(table).await;
            assert!(!bystanders.is_empty(), "add a row to SEED for {table}");
            before.push(bystanders);
        }
        join_all(acts.iter().map(|act| self.play(act))).await;
        assert_eq!(gate::left_in_transaction(self.superuser()).await, 0);
        for ((table, _), before) in self.tables.iter().zip(before) {
            let ([one, other, bystanders], all) = self.rows(table).await;
            assert!(one.is_disjoint(&other), "{table}");
            assert_eq!(bystanders, before, "{table}: nobody acted for these");
            assert_eq!(&(&one | &other) | &bystanders, all, "{table}");
        }
    }
}

fn random_statements(connections: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stage = runtime.block_on(Stage::prepare(connections));
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(20) });
    let outcome = runner.run(&acts(), |acts| {
        runtime.block_on(stage.try_out(&acts));
        Ok(())
    });
    outcome.unwrap();
    let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
    let seen = &stage.seen;
    let counts =
        [seen.verbs.each_ref().map(count).as_slice(), &[count(&seen.foreign), count(&seen.cancelled)]]
            .concat();
    assert!(
        counts.iter().all(|count| *count > 0),
        "too few statements had rows, or callers went away: {counts:?}"
    );
    let _context = runtime.enter();
    drop(stage);
}

#[test]
fn t_35_random_statements_of_two_tenants_never_meet_on_one_connection() {
    random_statements(1);
}

#[test]
fn t_35_random_statements_of_two_tenants_never_meet_on_sixteen_connections() {
    random_statements(16);
}
