//! How a tenant is deactivated, scheduled for deletion, and removed.

use elder_tenancy::platform::remove_due_tenants;
use elder_testkit::TestApp;
use serde_json::json;

const TENANTS: &str = "/api/v2/global/tenants";
const SCIM_USERS: &str = "/scim/v2/Users";

#[tokio::test]
async fn a_deactivated_tenant_is_shut_at_once_and_for_good() {
    let app = TestApp::start().await;
    let (operator, member, other) =
        (app.operator().await, app.tenant_admin().await, app.other_tenant().await);
    let (_, provider) = app.directory().await;
    member.get("/api/v2/tenant").await.expect(200);
    provider.get(SCIM_USERS).await.expect(200);
    let tenant = operator.post(&format!("{TENANTS}/acme/deactivate"), json!({})).await.expect(200);
    assert_eq!(tenant["is_active"], false);
    member.get("/api/v2/tenant").await.expect_problem(401, "unauthenticated");
    provider.get(SCIM_USERS).await.expect(401);
    let late = member.with_token(app.session_of(app.acme.id, member.user.unwrap()).await);
    late.get("/api/v2/tenant").await.expect_problem(401, "unauthenticated");
    other.get("/api/v2/tenant").await.expect(200);
    let open =
        "select count(*) from sessions where tenant_id = $1 and created_at < now() and ended_at is not null";
    assert_eq!(app.superuser.query_one(open, &[&app.acme.id.0]).await.unwrap().get::<_, i64>(0), 1);
    operator.post(&format!("{TENANTS}/acme/deactivate"), json!({})).await.expect(200);
    assert_eq!(app.audit_count("tenant.deactivated").await, 1);
    operator.get(&format!("{TENANTS}/acme/usage")).await.expect(200);
    operator.post(&format!("{TENANTS}/acme/activate"), json!({})).await.expect(200);
    member.get("/api/v2/tenant").await.expect_problem(401, "unauthenticated");
    let new = member.with_token(app.session_of(app.acme.id, member.user.unwrap()).await);
    new.get("/api/v2/tenant").await.expect(200);
    provider.get(SCIM_USERS).await.expect(200);
}

#[tokio::test]
async fn system_can_be_neither_deactivated_nor_deleted() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    for system in ["system", "1"] {
        for verb in ["deactivate", "schedule-deletion"] {
            let path = format!("{TENANTS}/{system}/{verb}");
            operator.post(&path, json!({})).await.expect_problem(409, "system_tenant");
        }
    }
    let tenant = operator.get(&format!("{TENANTS}/system")).await.expect(200);
    assert_eq!((&tenant["is_active"], &tenant["deletion_scheduled_at"]), (&json!(true), &json!(null)));
}

#[tokio::test]
async fn a_deletion_is_scheduled_and_cancelled() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let after = |days| {
        (app.seam.now() + chrono::Duration::days(days)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    let schedule = format!("{TENANTS}/acme/schedule-deletion");
    let tenant = operator.post(&schedule, json!({})).await.expect(200);
    assert_eq!(tenant["deletion_scheduled_at"], after(30));
    let tenant = operator.post(&schedule, json!({ "after_days": 3 })).await.expect(200);
    assert_eq!(tenant["deletion_scheduled_at"], after(3));
    operator.post(&schedule, json!({ "after_days": 366 })).await.expect_problem(400, "validation_failed");
    let tenant = operator.post(&format!("{TENANTS}/acme/cancel-deletion"), json!({})).await.expect(200);
    assert_eq!(tenant["deletion_scheduled_at"], json!(null));
    operator.patch("/api/v2/global/settings", json!({ "deletion_days": 7 })).await.expect(200);
    assert_eq!(operator.post(&schedule, json!({})).await.expect(200)["deletion_scheduled_at"], after(7));
    operator
        .post(&format!("{TENANTS}/ghost/schedule-deletion"), json!({}))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_legal_hold_stops_scheduling_and_removal() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    operator.post(&format!("{TENANTS}/acme/schedule-deletion"), json!({ "after_days": 0 })).await.expect(200);
    operator.patch(&format!("{TENANTS}/acme"), json!({ "legal_hold": true })).await.expect(200);
    assert_eq!(remove_due_tenants(&app.worker).await.unwrap(), 0);
    operator.patch(&format!("{TENANTS}/globex"), json!({ "legal_hold": true })).await.expect(200);
    operator
        .post(&format!("{TENANTS}/globex/schedule-deletion"), json!({}))
        .await
        .expect_problem(409, "legal_hold");
    assert_eq!(
        operator.get(&format!("{TENANTS}/globex")).await.expect(200)["deletion_scheduled_at"],
        json!(null)
    );
}

#[tokio::test]
async fn a_due_tenant_is_removed_with_every_row_and_nothing_else_is() {
    let app = TestApp::start().await;
    let (operator, member, other) =
        (app.operator().await, app.tenant_admin().await, app.other_tenant().await);
    member.post("/api/v2/domains", json!({ "domain": "acme-corp.com" })).await.expect(201);
    member.patch("/api/v2/tenant", json!({ "name": "Acme Ltd" })).await.expect(200);
    app.member_with::<elder_access::markers::UsersRead>().await;
    app.organization_member(app.acme.child, elder_access::Role::Admin).await;
    operator
        .post(&format!("{TENANTS}/globex/schedule-deletion"), json!({ "after_days": 1 }))
        .await
        .expect(200);
    operator.post(&format!("{TENANTS}/acme/schedule-deletion"), json!({ "after_days": 0 })).await.expect(200);
    member.get("/api/v2/tenant").await.expect(200);
    assert_eq!(remove_due_tenants(&app.worker).await.unwrap(), 1);
    member.get("/api/v2/tenant").await.expect_problem(401, "unauthenticated");
    assert_eq!(remove_due_tenants(&app.worker).await.unwrap(), 0);
    operator.get(&format!("{TENANTS}/acme")).await.expect_problem(404, "not_found");
    other.get("/api/v2/tenant").await.expect(200);
    assert_eq!(rows_of(&app, app.acme.id.0).await, Vec::<String>::new());
    let event =
        "select metadata ->> 'slug' from audit_logs where action = 'tenant.deleted' and tenant_id = 1";
    assert_eq!(app.superuser.query_one(event, &[]).await.unwrap().get::<_, &str>(0), "acme");
}

/// The tables that still hold rows of a tenant.
async fn rows_of(app: &TestApp, tenant: i32) -> Vec<String> {
    let tables = "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
        where a.attname = 'tenant_id' and not a.attisdropped and c.relkind in ('r', 'p')
          and not c.relispartition and c.relnamespace = 'public'::regnamespace";
    let mut left = Vec::new();
    for row in app.superuser.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let count = format!("select count(*) from {table} where tenant_id = $1");
        if app.superuser.query_one(&count, &[&tenant]).await.unwrap().get::<_, i64>(0) > 0 {
            left.push(table);
        }
    }
    left
}
