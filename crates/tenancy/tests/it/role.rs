//! Custom roles, and the catalogue of what can be in one.

use std::collections::HashSet;

use elder_access::{Entitlements, Role, SubscriptionTier, markers};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

const ALL: &str = "/api/v2/roles";

async fn create(actor: &Actor, name: &str, permissions: Value) -> String {
    let body = json!({ "name": name, "tier": "tenant", "permissions": permissions });
    actor.post(ALL, body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_role_is_created_shown_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body = json!({ "name": "Auditor", "description": "Looks", "tier": "tenant",
        "permissions": ["roles:read", "users:read", "users:read"] });
    let answer = admin.post(ALL, body).await;
    let location = answer.header("location").to_owned();
    let role = answer.expect(201);
    assert_eq!(
        (&role["built_in"], &role["permissions"]),
        (&json!(false), &json!(["users:read", "roles:read"]))
    );
    assert_eq!(admin.get(&location).await.expect(200), role);
    let patch = json!({ "description": null, "permissions": ["users:read"] });
    let changed = admin.patch(&location, patch.clone()).await.expect(200);
    assert_eq!((&changed["description"], &changed["permissions"]), (&Value::Null, &json!(["users:read"])));
    admin.patch(&location, patch).await.expect(200);
    assert_eq!(app.audit_count("role.updated").await, 1, "the second time nothing changed");
    admin.delete(&location).await.expect(204);
    admin.get(&location).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_list_begins_with_the_built_in_roles_and_is_paged_through_both() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for name in ["one", "two"] {
        create(&admin, name, json!(["users:read"])).await;
    }
    let (mut found, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let suffix = if cursor.is_empty() { cursor } else { format!("&cursor={cursor}") };
        let page = admin.get(&format!("{ALL}?limit=4{suffix}")).await.expect(200);
        assert!(page["data"].as_array().unwrap().len() <= 4);
        found.extend(page["data"].as_array().unwrap().clone());
        next = page["next_cursor"].as_str().map(str::to_owned);
    }
    let names: Vec<_> =
        found.iter().map(|role| (role["tier"].as_str().unwrap(), role["name"].as_str().unwrap())).collect();
    let built_in =
        ["tenant", "organization"].map(|tier| ["admin", "maintainer", "reader"].map(|name| (tier, name)));
    assert_eq!(names[..6], built_in.concat());
    // The clock stands still, so chance decides which of the two has the lower id.
    assert_eq!(HashSet::from([names[6], names[7]]), HashSet::from([("tenant", "one"), ("tenant", "two")]));
    assert_eq!(names.len(), 8);
    assert!(found[..6].iter().all(|role| role["built_in"] == true && role["id"].is_null()));
    assert!(found[5]["permissions"].as_array().unwrap().contains(&json!("members:read")));
}

#[tokio::test]
async fn a_role_takes_known_permissions_of_its_tier_alone() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let refuse = async |tier: &str, permissions: Value| {
        let body = json!({ "name": "x", "tier": tier, "permissions": permissions });
        admin.post(ALL, body).await.expect_problem(400, "validation_failed")["errors"].clone()
    };
    let faults = refuse("organization", json!(["organizations:read", "users:read", "tenants:write"])).await;
    let pointers: Vec<_> = faults.as_array().unwrap().iter().map(|fault| fault["pointer"].clone()).collect();
    assert_eq!(pointers, ["/permissions/1", "/permissions/2"]);
    assert_eq!(refuse("tenant", json!(["scim:write"])).await[0]["code"], "wrong_tier");
    assert_eq!(refuse("tenant", json!(["users:fly"])).await[0]["pointer"], "/permissions/0");
    assert_eq!(refuse("tenant", json!([])).await[0]["pointer"], "/permissions");
    assert_eq!(refuse("global", json!(["users:read"])).await[0]["pointer"], "/tier");
    create(&admin, "mixed", json!(["users:read", "organizations:write"])).await;
    let twin = json!({ "name": "MIXED", "tier": "tenant", "permissions": ["users:read"] });
    admin.post(ALL, twin).await.expect_problem(409, "already_exists");
}

#[tokio::test]
async fn w_07_nobody_makes_a_role_that_gives_more_than_they_hold() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let clerk = app.member_with::<markers::RolesWrite>().await;
    let body = json!({ "name": "x", "tier": "tenant", "permissions": ["users:write"] });
    clerk.post(ALL, body).await.expect_problem(403, "grant_exceeds_own");
    let find = "select role_id from portal_user_roles where user_id = $1";
    let row = app.superuser.query_one(find, &[&clerk.user.unwrap().uuid()]).await.unwrap();
    let own = format!("{ALL}/{}", elder_tenancy::role::RoleId::from_uuid(row.get(0)));
    let raise = json!({ "permissions": ["roles:write", "users:write"] });
    clerk.patch(&own, raise).await.expect_problem(403, "grant_exceeds_own");
    let strong = format!("{ALL}/{}", create(&admin, "strong", json!(["users:write"])).await);
    let weaken = json!({ "permissions": ["roles:write"] });
    clerk.patch(&strong, weaken).await.expect_problem(403, "grant_exceeds_own");
    assert_eq!(admin.get(&own).await.expect(200)["permissions"], json!(["roles:write"]));
    assert_eq!(admin.get(&strong).await.expect(200)["permissions"], json!(["users:write"]));
}

#[tokio::test]
async fn a_role_that_somebody_has_stays_and_the_answer_says_how_often() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let role = create(&admin, "kept", json!(["users:read"])).await;
    let grants = format!("/api/v2/users/{}/grants", user.id());
    admin.put(&grants, json!({ "tenant_role": null, "roles": [role] })).await.expect(200);
    let path = format!("{ALL}/{role}");
    let problem = admin.delete(&path).await.expect_problem(409, "conflict");
    assert!(problem["detail"].as_str().unwrap().contains(" 1 "), "{problem}");
    admin.get(&path).await.expect(200);
    admin.put(&grants, json!({ "tenant_role": null, "roles": [] })).await.expect(200);
    admin.delete(&path).await.expect(204);
}

#[tokio::test]
async fn what_a_role_gives_changes_at_once_for_who_has_it() {
    let app = TestApp::start().await;
    let (admin, user) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let role = create(&admin, "flexible", json!(["users:read"])).await;
    let grants = format!("/api/v2/users/{}/grants", user.id());
    admin.put(&grants, json!({ "tenant_role": null, "roles": [role] })).await.expect(200);
    user.get(ALL).await.expect_problem(403, "permission_denied");
    admin.patch(&format!("{ALL}/{role}"), json!({ "permissions": ["roles:read"] })).await.expect(200);
    user.get(ALL).await.expect(200);
    user.get(&grants).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn roles_are_changed_by_admins_of_their_own_tenant_under_a_licence() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let path = format!("{ALL}/{}", create(&admin, "ours", json!(["users:read"])).await);
    let body = json!({ "name": "x", "tier": "tenant", "permissions": ["users:read"] });
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    maintainer.get(&path).await.expect(200);
    maintainer.post(ALL, body.clone()).await.expect_problem(403, "permission_denied");
    let foreign = app.other_tenant().await;
    foreign.get(&path).await.expect_problem(404, "not_found");
    foreign.patch(&path, json!({ "name": "theirs" })).await.expect_problem(404, "not_found");
    foreign.delete(&path).await.expect_problem(404, "not_found");
    app.keeper.entitle(Entitlements::of_tier(SubscriptionTier::Community));
    admin.post(ALL, body).await.expect_problem(402, "license_required");
    admin.delete(&path).await.expect_problem(402, "license_required");
    assert_eq!(admin.get(&path).await.expect(200)["name"], "ours");
}

#[tokio::test]
async fn the_catalogue_has_every_permission() {
    let app = TestApp::start().await;
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    let data = reader.get("/api/v2/permissions").await.expect(200)["data"].clone();
    assert_eq!(data.as_array().unwrap().len(), markers::ALL.len());
    let write = data.as_array().unwrap().iter().find(|entry| entry["name"] == "roles:write").unwrap();
    assert_eq!(
        (&write["tier"], &write["least_role"], &write["feature"]),
        (&json!("tenant"), &json!("admin"), &json!("custom_roles"))
    );
    app.member(app.acme.id, None)
        .await
        .get("/api/v2/permissions")
        .await
        .expect_problem(403, "permission_denied");
}
