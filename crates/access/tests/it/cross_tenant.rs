//! Reads, writes, keys, views and functions across the border between two tenants.

use elder_access::{Action, DbError, Event, TenantTx, work::Shell};
use elder_http::Problem;
use elder_kernel::{ErrorCode, TenantId};
use elder_testkit::TestApp;
use uuid::Uuid;

const ADD: &str =
    "insert into organizations (tenant_id, id, parent_id, name, name_folded) values ($1, $2, $3, $4, $4)";
const ADD_USER: &str = "insert into portal_users (tenant_id, id, email, email_folded)
    values ($1, $2, 'ann@example.com', 'ann@example.com')";
const ASSIGN: &str = "insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role)
    values ($1, $2, $3, 'reader')";

async fn begin(app: &TestApp, tenant: TenantId) -> TenantTx<Shell> {
    app.worker.job::<Shell>().begin(tenant).await.unwrap()
}

fn event() -> Event {
    Event::new(Action::OrganizationUpdated)
}

/// No request leads here, because the tenant of a statement is that of its transaction: so it is no 404 that would hide
/// a defect of ours among ordinary answers, but a 500 that is logged and says nothing of the other tenant.
#[track_caller]
fn assert_defect(refused: Result<u64, DbError>) {
    let Err(error @ DbError::Forbidden(_)) = refused else { panic!("{refused:?}") };
    let problem = Problem::from(error);
    assert_eq!(problem.code(), ErrorCode::InternalError);
    assert!(problem.causes().iter().any(|cause| cause.contains("row-level security")), "{problem:?}");
    assert!(!problem.detail().contains("row") && !problem.detail().contains("role"), "{}", problem.detail());
}

#[tokio::test]
async fn t_13_a_row_can_neither_be_written_into_another_tenant_nor_moved_there_and_who_tries_is_a_defect() {
    let app = TestApp::start().await;
    let root: Option<Uuid> = None;
    let add = async |tenant: TenantId| {
        let tx = begin(&app, app.acme.id).await;
        tx.run(ADD, [tenant.into(), Uuid::from_u128(1).into(), root.into(), "new".into()]).await
    };
    assert_eq!(add(app.acme.id).await.unwrap(), 1);
    assert_defect(add(app.globex.id).await);
    let tx = begin(&app, app.acme.id).await;
    let moved = "update organizations set tenant_id = $2 where tenant_id = $1";
    assert_eq!(tx.run(moved, [app.acme.id.into(), app.acme.id.into()]).await.unwrap(), 2);
    assert_defect(tx.run(moved, [app.acme.id.into(), app.globex.id.into()]).await);
    let tx = begin(&app, app.acme.id).await;
    let foreign = "update organizations set name = 'taken' where tenant_id = $1";
    assert_eq!(tx.run(foreign, [app.globex.id.into()]).await.unwrap(), 0);
    let gone = "delete from organizations where tenant_id = $1";
    assert_eq!(tx.run(gone, [app.globex.id.into()]).await.unwrap(), 0);
}

#[tokio::test]
async fn t_16_a_view_shows_its_reader_no_more_than_the_tables_do() {
    let app = TestApp::start().await;
    let make = "create view seen with (security_invoker = true) as select * from organizations;
        grant select on seen to elder_app;
        create view unsafe_view as select * from organizations;
        grant select on unsafe_view to elder_app";
    app.superuser.batch_execute(make).await.unwrap();
    let tx = begin(&app, app.acme.id).await;
    assert_eq!(tx.raw_rows("select from seen", []).await.unwrap().len(), 2);
    // What the catalogue's rule is for.
    assert_eq!(tx.raw_rows("select from unsafe_view", []).await.unwrap().len(), 4);
}

#[tokio::test]
async fn t_17_a_function_with_its_owners_rights_keeps_to_the_callers_tenant() {
    let app = TestApp::start().await;
    let (own, foreign) = (app.tenant_admin().await, app.other_tenant().await);
    let tx = begin(&app, app.acme.id).await;
    let search = "select search_portal_users as id from search_portal_users('example', $1, 100)";
    let found = tx.raw_rows(search, [Uuid::nil().into()]).await.unwrap();
    let found: Vec<Uuid> = found.iter().map(|row| row.get("id").unwrap()).collect();
    assert_eq!(found, [own.user.unwrap().uuid()]);
    assert_ne!(own.user, foreign.user);
    for sql in ["select ensure_partitions(1)", "select enable_tenant_rls('roles')"] {
        let refused = begin(&app, app.acme.id).await.run(sql, []).await;
        assert!(matches!(refused, Err(DbError::Forbidden(_))), "{sql}: {refused:?}");
    }
    // Another search path puts nothing of the caller's under its names.
    let caller = app.database.connect("elder_app").await;
    let set = format!(
        "begin; set local app.current_tenant_id = '{}'; set local search_path = pg_temp",
        app.acme.id
    );
    caller.batch_execute(&set).await.unwrap();
    let qualified = search.replace(" from ", " from public.");
    assert_eq!(
        caller.query(&qualified, &[&Uuid::nil()]).await.unwrap().len(),
        1,
        "with a search path of its own"
    );
    let nobody = app.database.connect("elder_app").await;
    assert_eq!(nobody.query(search, &[&Uuid::nil()]).await.unwrap().len(), 0, "without a tenant");
}

#[tokio::test]
async fn t_19_a_partition_cannot_be_read_round_its_parent() {
    let app = TestApp::start().await;
    begin(&app, app.acme.id).await.commit(event()).await.unwrap();
    let seen = begin(&app, app.acme.id).await.raw_rows("select from audit_logs", []).await.unwrap().len();
    assert_eq!(seen, 1);
    app.worker
        .job::<Shell>()
        .platform()
        .await
        .unwrap()
        .run("select ensure_partitions(24)", [])
        .await
        .unwrap();
    let list = "select inhrelid::regclass::text from pg_inherits
        where inhparent in ('audit_logs'::regclass, 'outbox'::regclass)";
    let partitions = app.superuser.query(list, &[]).await.unwrap();
    assert!(partitions.len() > 24);
    for role in ["elder_app", "elder_platform"] {
        let client = app.database.connect(role).await;
        for partition in &partitions {
            let sql = format!("select from {}", partition.get::<_, String>(0));
            let refused = client.query(&sql, &[]).await.unwrap_err();
            assert_eq!(refused.code().unwrap().code(), "42501", "{role}: {sql}");
        }
    }
}

/// A new table is closed until somebody opens it on purpose.
#[tokio::test]
async fn t_20_a_table_that_nobody_thought_of_is_closed_to_the_application() {
    let app = TestApp::start().await;
    let owner = app.database.connect("elder_owner").await;
    owner.batch_execute("create table forgotten (tenant_id int not null)").await.unwrap();
    for role in ["elder_app", "elder_platform"] {
        let client = app.database.connect(role).await;
        client.query("select from organizations", &[]).await.unwrap();
        let refused = client.query("select from forgotten", &[]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "42501", "{role}");
    }
}

#[tokio::test]
async fn t_21_what_another_tenant_holds_is_free_to_be_taken_and_so_tells_nothing() {
    let app = TestApp::start().await;
    let (theirs, own) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let tx = begin(&app, app.globex.id).await;
    tx.run(ADD_USER, [app.globex.id.into(), theirs.into()]).await.unwrap();
    tx.commit(event()).await.unwrap();
    // The same address, and even the same id.
    for id in [own, theirs] {
        let tx = begin(&app, app.acme.id).await;
        assert_eq!(tx.run(ADD_USER, [app.acme.id.into(), id.into()]).await.unwrap(), 1);
    }
    let claim = "insert into tenant_domains (tenant_id, id, domain, verification_token)
        values ($1, $2, 'example.com', 'x')";
    for tenant in [app.globex.id, app.acme.id] {
        let tx = begin(&app, tenant).await;
        tx.run(claim, [tenant.into(), own.into()]).await.unwrap();
        tx.commit(event()).await.unwrap();
    }
}

#[tokio::test]
async fn t_22_an_upsert_does_not_meet_another_tenants_row() {
    let app = TestApp::start().await;
    let id = Uuid::from_u128(1);
    let tx = begin(&app, app.globex.id).await;
    tx.run(ADD_USER, [app.globex.id.into(), id.into()]).await.unwrap();
    let again = format!("{ADD_USER} on conflict do nothing");
    assert_eq!(
        tx.run(again.leak(), [app.globex.id.into(), id.into()]).await.unwrap(),
        0,
        "the own row is met"
    );
    tx.commit(event()).await.unwrap();
    for upsert in [
        "insert into portal_users (tenant_id, id, email, email_folded)
            values ($1, $2, 'ann@example.com', 'ann@example.com') on conflict do nothing",
        "insert into portal_users (tenant_id, id, email, email_folded)
            values ($1, $2, 'ann@example.com', 'ann@example.com')
            on conflict (tenant_id, email_folded) do update set email = excluded.email",
    ] {
        let tx = begin(&app, app.acme.id).await;
        assert_eq!(tx.run(upsert, [app.acme.id.into(), id.into()]).await.unwrap(), 1, "{upsert}");
    }
}

#[tokio::test]
async fn t_23_a_reference_to_another_tenants_row_fails_as_one_to_nothing_does() {
    let app = TestApp::start().await;
    let user = app.tenant_admin().await.user.unwrap().uuid();
    let assign = async |organization: Uuid| {
        let tx = begin(&app, app.acme.id).await;
        tx.run(ASSIGN, [app.acme.id.into(), user.into(), organization.into()]).await
    };
    assert_eq!(assign(app.acme.root.uuid()).await.unwrap(), 1);
    let mut refusals = Vec::new();
    for organization in [app.globex.root.uuid(), Uuid::from_u128(1)] {
        let Err(DbError::Constraint { name, source }) = assign(organization).await else {
            panic!("the reference to {organization} was accepted")
        };
        refusals.push((name, source.code().cloned()));
    }
    assert_eq!(refusals[0], refusals[1]);
    assert_eq!(refusals[0].0, "portal_user_org_assignments_organization_fkey");
}

#[tokio::test]
async fn t_24_a_deletion_does_not_cascade_into_another_tenant() {
    let app = TestApp::start().await;
    let (user, parent) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for tenant in [app.acme.id, app.globex.id] {
        let tx = begin(&app, tenant).await;
        tx.run(ADD_USER, [tenant.into(), user.into()]).await.unwrap();
        let root: Option<Uuid> = None;
        tx.run(ADD, [tenant.into(), parent.into(), root.into(), "same id".into()]).await.unwrap();
        tx.run(ASSIGN, [tenant.into(), user.into(), parent.into()]).await.unwrap();
        tx.commit(event()).await.unwrap();
    }
    let tx = begin(&app, app.acme.id).await;
    tx.run("delete from portal_users where id = $1", [user.into()]).await.unwrap();
    tx.run("delete from organizations where id = $1", [parent.into()]).await.unwrap();
    tx.commit(event()).await.unwrap();
    let left = "select tenant_id from portal_user_org_assignments";
    let left = app.superuser.query(left, &[]).await.unwrap();
    let left: Vec<i32> = left.iter().map(|row| row.get(0)).collect();
    assert_eq!(left, [app.globex.id.0], "acme's own is gone, the other's is there");
}
