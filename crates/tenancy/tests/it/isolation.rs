//! What the database itself refuses, should the code above it fail.

use elder_access::{DbError, work::Shell};
use elder_testkit::TestApp;
use uuid::Uuid;

const ASSIGN: &str = "
    insert into portal_user_org_assignments (tenant_id, user_id, organization_id, role)
    values ($1, $2, $3, 'admin')";
const ADD: &str = "
    insert into organizations (tenant_id, id, parent_id, name, name_folded) values ($1, $2, $3, 'x', 'x')";

/// The constraint that refused.
fn constraint(refused: Result<u64, DbError>) -> String {
    let error = refused.unwrap_err();
    error.constraint().unwrap_or_else(|| panic!("{error:?}")).to_owned()
}

#[tokio::test]
async fn t_22_a_hidden_row_is_no_conflict() {
    const GIVE: &str = "
        insert into roles (tenant_id, id, name, name_folded, tier, permissions)
        values ($1, $2, 'x', 'x', 'tenant', '{}') on conflict (tenant_id, id) do nothing";
    let app = TestApp::start().await;
    let id = Uuid::from_u128(7);
    app.superuser.execute(GIVE, &[&app.globex.id.0, &id]).await.unwrap();
    for id in [id, Uuid::from_u128(8)] {
        let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
        assert_eq!(tx.run(GIVE, [app.acme.id.into(), id.into()]).await.unwrap(), 1, "{id}");
    }
}

#[tokio::test]
async fn t_23_a_row_cannot_point_into_another_tenant_and_the_refusal_tells_nothing() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.tenant_admin().await, app.other_tenant().await);
    let (ours, theirs) = (ours.user.unwrap(), theirs.user.unwrap());
    let unknown = Uuid::from_u128(7);
    let organization = async |id: Uuid| {
        let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
        constraint(tx.run(ASSIGN, [app.acme.id.into(), ours.into(), id.into()]).await)
    };
    assert_eq!(organization(app.globex.root.uuid()).await, organization(unknown).await);
    let user = async |id: Uuid| {
        let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
        constraint(tx.run(ASSIGN, [app.acme.id.into(), id.into(), app.acme.root.into()]).await)
    };
    assert_eq!(user(theirs.uuid()).await, user(unknown).await);
    let parent = async |id: Uuid| {
        let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
        constraint(tx.run(ADD, [app.acme.id.into(), unknown.into(), id.into()]).await)
    };
    assert_eq!(parent(app.globex.root.uuid()).await, parent(Uuid::from_u128(8)).await);
}

#[tokio::test]
async fn t_24_a_deletion_takes_nothing_of_another_tenant_with_it() {
    let app = TestApp::start().await;
    let same = "insert into organizations (tenant_id, id, name, name_folded) values ($1, $2, 'same', 'same')";
    let id = Uuid::from_u128(7);
    let theirs = app.other_tenant().await.user.unwrap();
    for tenant in [app.acme.id, app.globex.id] {
        app.superuser.execute(same, &[&tenant.0, &id]).await.unwrap();
    }
    app.superuser.execute(ASSIGN, &[&app.globex.id.0, &theirs.uuid(), &id]).await.unwrap();
    let admin = app.tenant_admin().await;
    let path = elder_tenancy::organization::OrganizationId::from_uuid(id);
    admin.delete(&format!("/api/v2/organizations/{path}")).await.expect(204);
    let left = "select (select count(*) from organizations where id = $1),
        (select count(*) from portal_user_org_assignments where organization_id = $1)";
    let row = app.superuser.query_one(left, &[&id]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), (1i64, 1i64));
}
