//! Roles in organizations: who has one, who may give one.

use elder_access::{Role, markers::MembersWrite};
use elder_kernel::{Id, Organization};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

fn members(organization: Id<Organization>) -> String {
    format!("/api/v2/organizations/{organization}/members")
}

fn seat(organization: Id<Organization>, user: &Actor) -> String {
    format!("{}/{}", members(organization), user.id())
}

async fn role_of(app: &TestApp, organization: Id<Organization>, user: &Actor) -> Option<String> {
    let find = "select role from portal_user_org_assignments where organization_id = $1 and user_id = $2";
    let user = user.user.unwrap().uuid();
    let row = app.superuser.query_opt(find, &[&organization.uuid(), &user]).await.unwrap();
    row.and_then(|row| row.get(0))
}

#[tokio::test]
async fn a_member_is_assigned_listed_changed_and_removed() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let place = seat(app.acme.root, &user);
    let child = format!("/api/v2/organizations/{}", app.acme.child);
    user.get(&child).await.expect_problem(403, "permission_denied");
    let member = admin.put(&place, json!({ "role": "reader" })).await.expect(200);
    assert_eq!((&member["user_id"], &member["role"]), (&json!(user.id()), &json!("reader")));
    assert_eq!(member["email"], format!("{}@example.com", user.id()));
    assert_eq!(member["name"], "A Person");
    user.get(&child).await.expect(200);
    admin.put(&place, json!({ "role": "reader" })).await.expect(200);
    assert_eq!(app.audit_count("organization.member_assigned").await, 1, "the second time nothing changed");
    admin.put(&place, json!({ "role": "maintainer" })).await.expect(200);
    let page = admin.get(&members(app.acme.root)).await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    assert_eq!(page["data"][0]["role"], "maintainer");
    user.patch(&child, json!({ "description": "mine" })).await.expect(200);
    admin.delete(&place).await.expect(204);
    user.get(&child).await.expect_problem(403, "permission_denied");
    admin.delete(&place).await.expect_problem(404, "not_found");
    assert_eq!(app.audit_count("organization.member_removed").await, 1);
}

#[tokio::test]
async fn lists_of_members_are_paged() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for _ in 0..3 {
        app.organization_member(app.acme.root, Role::Reader).await;
    }
    let first = admin.get(&format!("{}?limit=2", members(app.acme.root))).await.expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = format!("{}?limit=2&cursor={cursor}", members(app.acme.root));
    let second = admin.get(&next).await.expect(200);
    assert_eq!((second["data"].as_array().unwrap().len(), &second["next_cursor"]), (1, &Value::Null));
    let elsewhere = format!("{}?limit=2&cursor={cursor}", members(app.acme.child));
    admin.get(&elsewhere).await.expect_problem(400, "invalid_cursor");
}

#[tokio::test]
async fn an_organization_admin_gives_roles_there_and_below_alone() {
    let app = TestApp::start().await;
    let admin = app.organization_member(app.acme.child, Role::Admin).await;
    let user = app.member(app.acme.id, None).await;
    admin.put(&seat(app.acme.child, &user), json!({ "role": "admin" })).await.expect(200);
    admin
        .put(&seat(app.acme.root, &user), json!({ "role": "reader" }))
        .await
        .expect_problem(404, "not_found");
    admin.get(&members(app.acme.root)).await.expect_problem(404, "not_found");
    admin.delete(&seat(app.acme.root, &user)).await.expect_problem(404, "not_found");
    assert_eq!(role_of(&app, app.acme.root, &user).await, None);
    let maintainer = app.organization_member(app.acme.child, Role::Maintainer).await;
    let refused = maintainer.put(&seat(app.acme.child, &user), json!({ "role": "reader" })).await;
    refused.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn w_07_nobody_gives_or_takes_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let clerk = app.member_with::<MembersWrite>().await;
    let user = app.member(app.acme.id, None).await;
    let boss = app.organization_member(app.acme.child, Role::Admin).await;
    for role in ["admin", "maintainer", "reader"] {
        let refused = clerk.put(&seat(app.acme.child, &user), json!({ "role": role })).await;
        refused.expect_problem(403, "grant_exceeds_own");
    }
    let place = seat(app.acme.child, &boss);
    clerk.put(&place, json!({ "role": "reader" })).await.expect_problem(403, "grant_exceeds_own");
    clerk.delete(&place).await.expect_problem(403, "grant_exceeds_own");
    assert_eq!(role_of(&app, app.acme.child, &user).await, None);
    assert_eq!(role_of(&app, app.acme.child, &boss).await.as_deref(), Some("admin"));
}

#[tokio::test]
async fn w_07_nobody_raises_themselves_but_anybody_may_step_down() {
    let app = TestApp::start().await;
    let admin = app.organization_member(app.acme.root, Role::Admin).await;
    let refused = admin.put(&seat(app.acme.child, &admin), json!({ "role": "admin" })).await;
    refused.expect_problem(403, "grant_exceeds_own");
    assert_eq!(role_of(&app, app.acme.child, &admin).await, None);
    let own = seat(app.acme.root, &admin);
    admin.put(&own, json!({ "role": "maintainer" })).await.expect(200);
    admin.put(&own, json!({ "role": "admin" })).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_custom_role_must_be_one_of_the_tenant_and_of_the_organization_tier() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let place = seat(app.acme.child, &user);
    let create = async |actor: &Actor, tier: &str| {
        let body = json!({ "name": tier, "tier": tier, "permissions": ["organizations:read"] });
        actor.post("/api/v2/roles", body).await.expect(201)["id"].clone()
    };
    let (good, wide) = (create(&admin, "organization").await, create(&admin, "tenant").await);
    let foreign = create(&app.other_tenant().await, "organization").await;
    for wrong in [wide, foreign, json!("rol_01h455vb4pex5vsknk084sn02q")] {
        admin.put(&place, json!({ "role_id": wrong })).await.expect_problem(404, "not_found");
    }
    let member = admin.put(&place, json!({ "role_id": good })).await.expect(200);
    assert_eq!(
        (&member["role"], &member["role_id"], &member["role_name"]),
        (&Value::Null, &good, &json!("organization"))
    );
    user.get(&format!("/api/v2/organizations/{}", app.acme.child)).await.expect(200);
}

#[tokio::test]
async fn bad_assignments_are_refused() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let place = seat(app.acme.child, &user);
    for body in [
        json!({}),
        json!({ "role": "owner" }),
        json!({ "role": "reader", "role_id": "rol_01h455vb4pex5vsknk084sn02q" }),
    ] {
        let problem = admin.put(&place, body).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/role");
    }
    let foreign = app.other_tenant().await;
    let unknown = format!("{}/usr_01h455vb4pex5vsknk084sn02q", members(app.acme.child));
    for place in [seat(app.acme.child, &foreign), unknown] {
        admin.put(&place, json!({ "role": "reader" })).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn roles_in_an_organization_are_given_and_taken_in_batches() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let (ana, ben) = (app.member(app.acme.id, None).await, app.member(app.acme.id, None).await);
    let batch = |organization| format!("{}/batch", members(organization));
    let give = |user: &Actor, role: &Value| json!({ "op": "update", "id": user.id(), "data": role });
    let take = |user: &Actor| json!({ "op": "delete", "id": user.id() });
    let operations = json!([
        give(&ana, &json!({ "role": "reader" })),
        give(&ana, &json!({ "role": "maintainer" })),
        give(&ben, &json!({ "role": "reader" })),
        give(&ben, &json!({ "role": "reader" })),
        give(&ben, &json!({})),
        give(&stranger, &json!({ "role": "reader" })),
        take(&ben),
        take(&ben),
    ]);
    let all = json!({ "atomic": true, "operations": operations });
    let path = batch(app.acme.root);
    let problem = admin.post(&path, all).await.expect_problem(422, "batch_failed");
    assert_eq!((&problem["index"], &problem["error"]["code"]), (&json!(4), &json!("validation_failed")));
    assert_eq!(role_of(&app, app.acme.root, &ana).await, None);
    let each = json!({ "atomic": false, "operations": operations });
    let answer = admin.post(&path, each.clone()).await.expect(200);
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 400, 404, 204, 404], "{answer}");
    assert_eq!(role_of(&app, app.acme.root, &ana).await.as_deref(), Some("maintainer"));
    assert_eq!(role_of(&app, app.acme.root, &ben).await, None);
    assert_eq!(app.audit_count("organization.member_assigned").await, 3);
    for unknown in [app.globex.root, app.seam.id()] {
        admin.post(&batch(unknown), each.clone()).await.expect_problem(404, "not_found");
    }
    let maintainer = app.organization_member(app.acme.root, Role::Maintainer).await;
    maintainer.post(&path, each).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn nobody_gives_in_a_batch_of_roles_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let (user, keeper) =
        (app.member(app.acme.id, None).await, app.organization_member(app.acme.child, Role::Admin).await);
    let give =
        |user: &Actor, role: &str| json!({ "op": "update", "id": user.id(), "data": { "role": role } });
    let send = async |organization, operations: Value| {
        let body = json!({ "atomic": false, "operations": operations });
        keeper.post(&format!("{}/batch", members(organization)), body).await
    };
    let answer = send(app.acme.child, json!([give(&user, "admin")])).await.expect(200);
    assert_eq!(answer["results"][0]["status"], 200, "{answer}");
    send(app.acme.root, json!([give(&user, "reader")])).await.expect_problem(404, "not_found");
    assert_eq!(role_of(&app, app.acme.root, &user).await, None);
    let limited = app.member_with::<MembersWrite>().await;
    let body = json!({ "atomic": false, "operations": [give(&user, "admin")] });
    let answer = limited.post(&format!("{}/batch", members(app.acme.root)), body).await.expect(200);
    assert_eq!(answer["results"][0]["error"]["code"], "grant_exceeds_own", "{answer}");
}
