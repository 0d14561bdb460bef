//! Which database roles the gate opens for, and what they can do beside it.

use elder_access::{Action, Bypass, ConnectError, DbError, Event, OpenError, work::Shell};
use elder_testkit::{TestApp, TestDatabase};
use tokio_postgres::Client;

use crate::gate;

/// A role of the whole cluster, dropped with what it owns and was given.
struct TestRole {
    name: String,
    database: TestDatabase,
    superuser: Client,
}

impl TestRole {
    /// `makes` is run as a superuser, with `{role}` in the place of its name.
    async fn create(case: &str, makes: &[&str]) -> Self {
        let database = TestDatabase::create().await;
        let superuser = database.superuser().await;
        let name = format!("elder_test_{case}_{}", std::process::id());
        let role = Self { name, database, superuser };
        role.remove().await;
        role.run("create role {role} login in role elder_app").await;
        let connect = "execute format('grant connect on database %I to {role}', current_database())";
        role.run(&format!("do $$ begin {connect}; end $$")).await;
        for sql in makes {
            role.run(sql).await;
        }
        role
    }

    async fn run(&self, sql: &str) {
        let sql = sql.replace("{role}", &self.name);
        self.superuser.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    async fn remove(&self) {
        let exists = "select from pg_roles where rolname = $1";
        if self.superuser.query_opt(exists, &[&self.name]).await.unwrap().is_some() {
            self.run("reassign owned by {role} to elder_owner").await;
            self.run("drop owned by {role}").await;
            self.run("drop role {role}").await;
        }
    }

    /// What the gate says when it is to serve tenants as this role, and when it is to serve the platform as it.
    async fn refusals(self) -> [Option<(Bypass, String)>; 2] {
        let url = self.database.url(&self.name);
        let mut refusals = [None, None];
        let targets =
            [(url.clone(), self.database.url("elder_platform")), (self.database.url("elder_app"), url)];
        for (refusal, (app, platform)) in refusals.iter_mut().zip(targets) {
            let (keeper, worker) = gate::build(app, platform, 1);
            *refusal = match keeper.open(&worker).await {
                Err(OpenError::Connect(ConnectError::Role(role))) => {
                    assert_eq!(role.role, self.name);
                    Some((role.bypass, role.to_string()))
                }
                // A role without the platform's policies is let through the check and then finds no keys.
                Ok(()) | Err(OpenError::Database(DbError::Forbidden(_))) => None,
                Err(other) => panic!("{other:?}"),
            };
            keeper.close();
        }
        self.remove().await;
        refusals
    }
}

#[tokio::test]
async fn t_02_the_gate_opens_for_a_role_that_row_level_security_binds() {
    let role = TestRole::create("plain", &[]).await;
    assert_eq!(role.refusals().await, [None, None]);
}

async fn refused(case: &str, makes: &[&str], bypass: Bypass, mend: &str) {
    let refusals = TestRole::create(case, makes).await.refusals().await;
    for refusal in refusals {
        let (found, words) = refusal.unwrap_or_else(|| panic!("{case} was let through"));
        assert_eq!(found, bypass, "{words}");
        assert!(words.contains(mend), "{words}");
    }
}

#[tokio::test]
async fn t_02_the_gate_stays_shut_for_a_superuser() {
    refused("super", &["alter role {role} superuser"], Bypass::Superuser, "NOSUPERUSER").await;
}

#[tokio::test]
async fn t_02_the_gate_stays_shut_for_bypassrls() {
    refused("bypass", &["alter role {role} bypassrls"], Bypass::BypassRls, "NOBYPASSRLS").await;
}

#[tokio::test]
async fn t_02_the_gate_stays_shut_for_the_owner_of_one_tenant_table() {
    let own = ["grant usage, create on schema public to {role}", "alter table roles owner to {role}"];
    refused("owner", &own, Bypass::Owner, "REASSIGN OWNED").await;
}

#[tokio::test]
async fn t_02_the_gate_stays_shut_for_a_member_of_one_even_without_inheritance() {
    refused("member", &["grant elder_owner to {role}"], Bypass::MemberOfOne, "REVOKE").await;
    let distant = ["alter role {role} noinherit", "grant elder_superuser to {role}"];
    refused("distant", &distant, Bypass::MemberOfOne, "REVOKE").await;
}

/// All in a transaction that is rolled back, so that the role never exists for anybody else.
#[tokio::test]
async fn t_01_a_tables_owner_sees_no_row_because_security_is_forced() {
    let app = TestApp::start().await;
    let owner = format!("elder_test_owns_{}", std::process::id());
    let owned = "select count(*) from pg_class where relowner = 'elder_app'::regrole";
    assert_eq!(app.superuser.query_one(owned, &[]).await.unwrap().get::<_, i64>(0), 0);
    for (forced, seen) in [("no force", 4), ("force", 0)] {
        let become_owner = format!(
            "begin; create role {owner}; alter table organizations {forced} row level security;
            grant usage, create on schema public to {owner}; alter table organizations owner to {owner};
            set local role {owner}"
        );
        app.superuser.batch_execute(&become_owner).await.unwrap();
        let count = app.superuser.query_one("select count(*) from organizations", &[]).await.unwrap();
        app.superuser.batch_execute("rollback").await.unwrap();
        assert_eq!(count.get::<_, i64>(0), seen, "with {forced} row level security");
    }
}

/// What a tenant could leave in its connection, how the next borrower would meet it, and what that finds if nothing is
/// there.
const LEFT_BEHIND: [(&str, &str, i64); 8] = [
    (
        "create temporary table organizations as select * from public.organizations",
        "select count(*) from pg_class where relnamespace = pg_my_temp_schema()",
        0,
    ),
    (
        "declare kept cursor with hold for select name from organizations",
        "select count(*) from pg_cursors where name = 'kept'",
        0,
    ),
    ("listen left_behind", "select count(*) from pg_listening_channels()", 0),
    (
        "select pg_advisory_lock(4712)::text",
        "select count(*) from pg_locks where locktype = 'advisory' and database =
            (select oid from pg_database where datname = current_database())",
        0,
    ),
    ("set role elder_platform", "select count(*) where current_user <> 'elder_app'", 0),
    (
        "set search_path = pg_catalog",
        "select count(*) where current_setting('search_path') = 'pg_catalog'",
        0,
    ),
    ("set app.current_tenant_id = '1'", "select count(distinct tenant_id) from organizations", 1),
    ("prepare kept as select 1", "select count(*) from pg_prepared_statements where name = 'kept'", 0),
];

#[tokio::test]
async fn t_08_the_next_borrower_of_a_connection_finds_nothing_that_the_last_one_left() {
    let app = TestApp::start().await;
    let (_keeper, worker) = gate::of(&app.database, 1);
    let job = worker.job::<Shell>();
    let backend = async || {
        let tx = job.begin(app.globex.id).await.unwrap();
        tx.raw_row("select pg_backend_pid() as pid", []).await.unwrap().unwrap().get::<i32>("pid").unwrap()
    };
    let good = job.begin(app.acme.id).await.unwrap();
    assert_eq!(good.raw_rows("select from organizations", []).await.unwrap().len(), 2);
    drop(good);
    let lent = backend().await;
    for (leave, look, nothing) in LEFT_BEHIND {
        for commits in [true, false] {
            let tx = job.begin(app.acme.id).await.unwrap();
            let refused = tx.run(leave, []).await;
            assert!(
                matches!(refused, Err(DbError::Driver(_) | DbError::Forbidden(_))),
                "{leave}: {refused:?}"
            );
            if commits {
                let _failed = tx.commit(Event::new(Action::TenantUpdated)).await;
            } else {
                drop(tx);
            }
            let other = job.begin(app.globex.id).await.unwrap();
            let found = other.raw_row(look, []).await.unwrap().unwrap().get::<i64>("count").unwrap();
            assert_eq!(found, nothing, "{leave}, commits: {commits}");
        }
    }
    assert_eq!(backend().await, lent, "it was the same connection all the time");
}

/// Should the gate ever let one through: what the database itself keeps from the application's role.
#[tokio::test]
async fn t_08_the_application_role_may_make_nothing_and_become_nobody() {
    let app = TestApp::start().await;
    let client = app.database.connect("elder_app").await;
    client.batch_execute("select from organizations").await.unwrap();
    for sql in [
        "create temporary table organizations (name text)",
        "select 1 as x into temporary organizations",
        "create table left_behind (name text)",
        "create schema left_behind",
        "create function left_behind() returns int language sql return 1",
        "set role elder_platform",
        "set role elder_owner",
        "set session authorization elder_platform",
    ] {
        let refused = client.batch_execute(sql).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{sql}");
    }
}
