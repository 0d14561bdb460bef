//! Roles over the tenant and the platform: who gets one, and that an admin is always left.

use elder_access::{Role, markers::GrantsWrite};
use elder_kernel::TenantId;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

fn grants(user: &Actor) -> String {
    format!("/api/v2/users/{}/grants", user.id())
}

fn global_role(tenant: &str, user: &Actor) -> String {
    format!("/api/v2/global/users/{tenant}/{}/global-role", user.id())
}

async fn count(app: &TestApp, what: &str) -> i64 {
    let sql = format!("select count(*) from portal_users where is_active and {what}");
    app.superuser.query_one(&sql, &[]).await.unwrap().get(0)
}

async fn custom_role(admin: &Actor, name: &str, permission: &str) -> Value {
    let body = json!({ "name": name, "tier": "tenant", "permissions": [permission] });
    admin.post("/api/v2/roles", body).await.expect(201)["id"].clone()
}

#[tokio::test]
async fn roles_over_the_tenant_are_given_and_taken_at_once() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let role = custom_role(&admin, "auditor", "roles:read").await;
    user.get("/api/v2/roles").await.expect_problem(403, "permission_denied");
    let given = admin.put(&grants(&user), json!({ "tenant_role": null, "roles": [role, role] })).await;
    assert_eq!(given.expect(200)["roles"], json!([role]));
    user.get("/api/v2/roles").await.expect(200);
    user.get("/api/v2/organizations").await.expect_problem(403, "permission_denied");
    let body = json!({ "tenant_role": "reader", "roles": [] });
    let given = admin.put(&grants(&user), body.clone()).await.expect(200);
    assert_eq!(
        given,
        json!({ "user_id": user.id(), "global_role": null, "tenant_role": "reader", "roles": [] })
    );
    assert_eq!(admin.get(&grants(&user)).await.expect(200), given);
    user.get("/api/v2/organizations").await.expect(200);
    admin.put(&grants(&user), body).await.expect(200);
    assert_eq!(app.audit_count("portal_user.grants_changed").await, 2, "the third time nothing changed");
}

#[tokio::test]
async fn grants_are_for_admins_and_for_users_of_their_own_tenant() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    let body = json!({ "tenant_role": "reader", "roles": [] });
    maintainer.put(&grants(&user), body.clone()).await.expect_problem(403, "permission_denied");
    user.get(&grants(&user)).await.expect_problem(403, "permission_denied");
    let foreign = app.other_tenant().await;
    for path in [grants(&foreign), "/api/v2/users/usr_01h455vb4pex5vsknk084sn02q/grants".to_owned()] {
        admin.get(&path).await.expect_problem(404, "not_found");
        admin.put(&path, body.clone()).await.expect_problem(404, "not_found");
    }
    let foreign_role = custom_role(&foreign, "x", "roles:read").await;
    let refused =
        admin.put(&grants(&user), json!({ "tenant_role": "reader", "roles": [foreign_role] })).await;
    refused.expect_problem(404, "not_found");
    for body in [
        json!({ "roles": [] }),
        json!({ "tenant_role": null }),
        json!({ "tenant_role": "owner", "roles": [] }),
    ] {
        admin.put(&grants(&user), body).await.expect_problem(400, "validation_failed");
    }
    assert_eq!(admin.get(&grants(&user)).await.expect(200)["tenant_role"], Value::Null);
}

#[tokio::test]
async fn w_07_nobody_gives_or_takes_more_than_they_hold_or_changes_their_own_roles() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let clerk = app.member_with::<GrantsWrite>().await;
    let other = app.tenant_admin().await;
    for role in ["admin", "maintainer", "reader"] {
        let refused = clerk.put(&grants(&user), json!({ "tenant_role": role, "roles": [] })).await;
        refused.expect_problem(403, "grant_exceeds_own");
    }
    let strong = custom_role(&admin, "strong", "users:write").await;
    let weak = custom_role(&admin, "weak", "grants:write").await;
    let refused = clerk.put(&grants(&user), json!({ "tenant_role": null, "roles": [strong] })).await;
    refused.expect_problem(403, "grant_exceeds_own");
    let refused = clerk.put(&grants(&other), json!({ "tenant_role": null, "roles": [] })).await;
    refused.expect_problem(403, "grant_exceeds_own");
    // What stays as it was is nobody's grant.
    clerk.put(&grants(&other), json!({ "tenant_role": "admin", "roles": [weak] })).await.expect(200);
    for own in [&admin, &clerk] {
        let refused = own.put(&grants(own), json!({ "tenant_role": "admin", "roles": [] })).await;
        refused.expect_problem(403, "permission_denied");
    }
    assert_eq!(count(&app, "tenant_role = 'admin' and tenant_id <> 1").await, 2);
    assert_eq!(admin.get(&grants(&user)).await.expect(200)["roles"], json!([]));
}

#[tokio::test]
async fn the_last_active_tenant_admin_stays() {
    let app = TestApp::start().await;
    let operator = app.operator().await.with_header("Elder-Tenant", "acme");
    let (last, idle) = (app.tenant_admin().await, app.tenant_admin().await);
    let deactivate = "update portal_users set is_active = false where id = $1";
    app.superuser.execute(deactivate, &[&idle.user.unwrap().uuid()]).await.unwrap();
    let demote = json!({ "tenant_role": "reader", "roles": [] });
    operator.put(&grants(&last), demote.clone()).await.expect_problem(409, "last_admin");
    operator.put(&grants(&idle), demote.clone()).await.expect(200);
    assert_eq!(count(&app, "tenant_role = 'admin'").await, 1);
    app.tenant_admin().await;
    operator.put(&grants(&last), demote).await.expect(200);
}

#[tokio::test]
async fn twenty_demotions_at_once_of_the_last_two_admins_leave_one() {
    let app = TestApp::start().await;
    let operator = app.operator().await.with_header("Elder-Tenant", "acme");
    let admins = [app.tenant_admin().await, app.tenant_admin().await];
    let mut demotions = JoinSet::new();
    for turn in 0..20 {
        let (operator, path) = (operator.clone(), grants(&admins[turn % 2]));
        demotions
            .spawn(async move { operator.put(&path, json!({ "tenant_role": null, "roles": [] })).await });
    }
    let answers = demotions.join_all().await;
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:?}");
    assert!(answers.iter().any(|answer| answer.body["code"] == "last_admin"));
    assert_eq!(count(&app, "tenant_role = 'admin'").await, 1);
    assert_eq!(app.audit_count("portal_user.grants_changed").await, 1);
}

#[tokio::test]
async fn an_operator_is_appointed_from_the_users_of_system_alone() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let user = app.member(TenantId::SYSTEM, None).await;
    let support = json!({ "global_role": "support" });
    for tenant in ["system", "1"] {
        let given = operator.put(&global_role(tenant, &user), support.clone()).await.expect(200);
        assert_eq!(given["global_role"], "support");
    }
    assert_eq!(app.audit_count("portal_user.global_role_changed").await, 1);
    let member = app.tenant_admin().await;
    operator.put(&global_role("acme", &member), support.clone()).await.expect_problem(409, "conflict");
    operator.put(&global_role("system", &member), support.clone()).await.expect_problem(404, "not_found");
    operator
        .put(&global_role("system", &operator), support.clone())
        .await
        .expect_problem(403, "permission_denied");
    for refused in [app.support().await, app.member(TenantId::SYSTEM, Some(Role::Admin)).await, member] {
        let answer = refused.put(&global_role("system", &user), json!({ "global_role": "admin" })).await;
        answer.expect_problem(403, "permission_denied");
    }
    operator.put(&global_role("system", &user), json!({})).await.expect_problem(400, "validation_failed");
    assert_eq!(count(&app, "global_role = 'admin'").await, 1);
}

#[tokio::test]
async fn two_operators_who_dismiss_each_other_leave_one() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        let (a, b) = (app.operator().await, app.operator().await);
        let others = "update portal_users set global_role = null where global_role = 'admin' and id <> $1 and id <> $2";
        let ids = [a.user.unwrap().uuid(), b.user.unwrap().uuid()];
        app.superuser.execute(others, &[&ids[0], &ids[1]]).await.unwrap();
        let nobody = json!({ "global_role": null });
        let (to_b, to_a) = (global_role("system", &b), global_role("system", &a));
        let (first, second) = tokio::join!(a.put(&to_b, nobody.clone()), b.put(&to_a, nobody.clone()));
        let won = [&first, &second].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{} {}", first.text, second.text);
        assert_eq!(count(&app, "global_role = 'admin'").await, 1);
    }
}
