//! Which database roles the gate opens for, and what they can do beside it.

use elder_access::{Bypass, ConnectError, DbError, OpenError, work::Shell};
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

#[tokio::test]
async fn t_08_the_application_role_can_leave_nothing_behind_for_the_next_borrower() {
    let app = TestApp::start().await;
    let (_keeper, worker) = gate::of(&app.database, 1);
    let job = worker.job::<Shell>();
    let good = job.begin(app.acme.id).await.unwrap();
    assert_eq!(good.raw_rows("select from organizations", []).await.unwrap().len(), 2);
    drop(good);
    for sql in [
        "create temporary table organizations (name text)",
        "create table left_behind (name text)",
        "create schema left_behind",
        "set role elder_platform",
        "set role elder_owner",
        "set session authorization elder_platform",
    ] {
        let tx = job.begin(app.acme.id).await.unwrap();
        let refused = tx.run(sql, []).await;
        assert!(matches!(refused, Err(DbError::Forbidden(_))), "{sql}: {refused:?}");
    }
    // A search path and a cursor end with the transaction that was dropped.
    let tx = job.begin(app.acme.id).await.unwrap();
    tx.run("set search_path = pg_catalog", []).await.unwrap();
    tx.run("declare kept cursor with hold for select name from public.organizations", []).await.unwrap();
    drop(tx);
    let other = job.begin(app.globex.id).await.unwrap();
    assert_eq!(other.raw_rows("select from organizations", []).await.unwrap().len(), 2);
    assert_eq!(other.raw_rows("select from pg_cursors where name = 'kept'", []).await.unwrap().len(), 0);
}
