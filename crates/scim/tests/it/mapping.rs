//! Roles that a directory gives: to whom, for how long, and by whose leave.

use elder_access::{Role, markers};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{GROUP, ana, group, named, patch, path, rows};

const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";

fn mappings(directory: impl std::fmt::Display) -> String {
    format!("/api/v2/directories/{directory}/role-mappings")
}

fn reader(group: &str) -> Value {
    json!({"source": "group", "value": group, "role": "reader"})
}

/// The person behind a resource, signed in.
async fn signed_in(app: &TestApp, user: &Value) -> Actor {
    let token = app.session_of(app.acme.id, user["id"].as_str().unwrap().parse().unwrap()).await;
    app.guest().with_token(token)
}

/// Whether somebody may do what readers of the tenant may.
async fn reads(person: &Actor) -> bool {
    let status = person.get("/api/v2/users").await.status;
    assert!([200, 403].contains(&status), "{status}");
    status == 200
}

fn operation(op: &str, path: &str, value: &Value) -> Value {
    patch(&json!([{"op": op, "path": path, "value": value}]))
}

#[tokio::test]
async fn a_group_gives_its_role_while_somebody_is_in_it() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let made = admin.post(&mappings(id), reader("Engineering")).await.expect(201);
    assert_eq!(admin.get(&mappings(id)).await.expect(200)["data"], json!([made]));
    let ana = provider.post(USERS, ana()).await.expect(201);
    let person = signed_in(&app, &ana).await;
    assert!(!reads(&person).await);
    let team = provider.post(GROUPS, group("ENGINEERING", &[&ana])).await.expect(201);
    assert!(reads(&person).await, "at once, and in any letter case");
    let me = json!([{"value": ana["id"]}]);
    provider.patch(&path(&team), operation("remove", "members", &me)).await.expect(200);
    assert!(!reads(&person).await);
    provider.patch(&path(&team), operation("add", "members", &me)).await.expect(200);
    assert!(reads(&person).await);
    provider.patch(&path(&team), operation("replace", "displayName", &json!("Team"))).await.expect(200);
    assert!(!reads(&person).await, "the group has another name");
    provider
        .patch(&path(&team), operation("replace", "displayName", &json!("Engineering")))
        .await
        .expect(200);
    assert!(reads(&person).await);
    provider.delete(&path(&team)).await.expect(204);
    assert!(!reads(&person).await);
}

#[tokio::test]
async fn whoever_is_in_a_group_through_others_gets_its_role_even_in_a_circle() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    admin.post(&mappings(id), reader("Everybody")).await.expect(201);
    let ana = provider.post(USERS, ana()).await.expect(201);
    let inner = provider.post(GROUPS, group("Inner", &[&ana])).await.expect(201);
    let all = provider.post(GROUPS, group("Everybody", &[&inner])).await.expect(201);
    let person = signed_in(&app, &ana).await;
    assert!(reads(&person).await);
    let circle = json!([{"value": all["id"]}]);
    provider.patch(&path(&inner), operation("add", "members", &circle)).await.expect(200);
    assert!(reads(&person).await);
    provider.patch(&path(&all), patch(&json!([{"op": "remove", "path": "members"}]))).await.expect(200);
    assert!(!reads(&person).await);
}

#[tokio::test]
async fn what_stands_in_roles_and_entitlements_gives_a_role_in_any_letter_case() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let ana = provider.post(USERS, ana()).await.expect(201);
    let person = signed_in(&app, &ana).await;
    for (source, attribute) in [("role", "roles"), ("entitlement", "entitlements")] {
        let new = json!({"source": source, "value": "billing", "role": "reader"});
        admin.post(&mappings(id), new).await.expect(201);
        for (value, reading) in [("support", false), ("Billing", true)] {
            let value = json!([{"value": value, "display": "Billing"}]);
            provider.patch(&path(&ana), operation("replace", attribute, &value)).await.expect(200);
            assert_eq!(reads(&person).await, reading, "{attribute}");
        }
        provider.patch(&path(&ana), patch(&json!([{"op": "remove", "path": attribute}]))).await.expect(200);
        assert!(!reads(&person).await);
    }
    assert_eq!(app.audit_count("scim.user.roles_changed").await, 6);
}

#[tokio::test]
async fn a_custom_role_or_one_in_an_organization_is_given_and_explained() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let role = json!({"name": "Auditors", "tier": "tenant", "permissions": ["users:read"]});
    let role = admin.post("/api/v2/roles", role).await.expect(201)["id"].clone();
    let organization = admin.post("/api/v2/organizations", json!({"name": "Sales"})).await.expect(201);
    let in_sales =
        json!({"source": "group", "value": "Staff", "organization_id": organization["id"], "role": "admin"});
    admin
        .post(&mappings(id), json!({"source": "group", "value": "Staff", "role_id": role}))
        .await
        .expect(201);
    admin.post(&mappings(id), in_sales).await.expect(201);
    let ana = provider.post(USERS, ana()).await.expect(201);
    let team = provider.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    let person = signed_in(&app, &ana).await;
    assert!(reads(&person).await);
    let place = format!("/api/v2/organizations/{}", organization["id"].as_str().unwrap());
    person.patch(&place, json!({"name": "Sales and more"})).await.expect(200);
    let own = person.get("/api/v2/me").await.expect(200)["organizations"][0].clone();
    assert_eq!((&own["id"], &own["role"]), (&organization["id"], &json!("admin")));
    let check = format!("/api/v2/access/check?permission=users:read&user_id={}", ana["id"].as_str().unwrap());
    let verdict = admin.get(&check).await.expect(200);
    assert_eq!(verdict["by"], json!([{"kind": "custom_role", "name": "Auditors", "role_id": role}]));
    let kept = format!("/api/v2/roles/{}", role.as_str().unwrap());
    admin.delete(&kept).await.expect_problem(409, "conflict");
    provider.delete(&path(&team)).await.expect(204);
    assert!(!reads(&person).await);
    person.patch(&place, json!({"name": "Mine"})).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_role_that_a_directory_gives_may_demand_a_second_factor() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    admin.patch("/api/v2/tenant", json!({"settings": {"mfa": {"grace_days": 0}}})).await.expect(200);
    let role =
        json!({"name": "Keepers", "tier": "tenant", "permissions": ["users:read"], "requires_mfa": true});
    let role = admin.post("/api/v2/roles", role).await.expect(201)["id"].clone();
    admin
        .post(&mappings(id), json!({"source": "group", "value": "Staff", "role_id": role}))
        .await
        .expect(201);
    let mut ana = ana();
    ana["password"] = json!("grüne Wiese 7");
    let ana = provider.post(USERS, ana).await.expect(201);
    let login = json!({"email": ana["userName"], "password": "grüne Wiese 7"});
    let status =
        async || app.guest().post("/api/v2/auth/login", login.clone()).await.expect(200)["status"].clone();
    assert_eq!(status().await, "signed_in");
    provider.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    assert_eq!(status().await, "mfa_enrolment_required");
}

#[tokio::test]
async fn the_role_goes_with_the_mapping_the_directory_and_its_groups() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let place = format!("/api/v2/directories/{id}");
    let made = admin.post(&mappings(id), reader("Staff")).await.expect(201);
    let ana = provider.post(USERS, ana()).await.expect(201);
    provider.post(GROUPS, group("Staff", &[&ana])).await.expect(201);
    let person = signed_in(&app, &ana).await;
    assert!(reads(&person).await);
    admin.patch(&place, json!({"sync_groups": false})).await.expect(200);
    assert!(!reads(&person).await, "a directory without groups gives nothing by groups");
    admin.patch(&place, json!({"sync_groups": true})).await.expect(200);
    assert!(reads(&person).await);
    admin.delete(&format!("{}/{}", mappings(id), made["id"].as_str().unwrap())).await.expect(204);
    assert!(!reads(&person).await);
    admin.post(&mappings(id), reader("Staff")).await.expect(201);
    assert!(reads(&person).await);
    admin.delete(&place).await.expect(204);
    assert!(!reads(&person).await);
    assert_eq!(rows(&app, "scim_role_mappings").await, 0);
    assert_eq!(app.audit_count("scim.role_mapping.created").await, 2);
    assert_eq!(app.audit_count("scim.role_mapping.deleted").await, 1);
}

#[tokio::test]
async fn d_05_nobody_gives_by_a_directory_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let (admin, (id, _)) = (app.tenant_admin().await, app.directory().await);
    let lesser = app.member_with::<markers::DirectoriesWrite>().await;
    let tokens = format!("/api/v2/directories/{id}/tokens");
    lesser.post(&mappings(id), reader("Staff")).await.expect_problem(403, "grant_exceeds_own");
    lesser.post(&tokens, json!({"name": "before"})).await.expect(201);
    let made = admin.post(&mappings(id), reader("Staff")).await.expect(201);
    lesser.post(&tokens, json!({"name": "after"})).await.expect_problem(403, "grant_exceeds_own");
    let place = format!("{}/{}", mappings(id), made["id"].as_str().unwrap());
    lesser.delete(&place).await.expect_problem(403, "grant_exceeds_own");
    let reader_alone = app.member(app.acme.id, Some(Role::Reader)).await;
    reader_alone.post(&mappings(id), reader("x")).await.expect_problem(403, "permission_denied");
    assert_eq!(admin.get(&mappings(id)).await.expect(200)["data"], json!([made]));
    assert_eq!(rows(&app, "scim_tokens").await, 2);
}

#[tokio::test]
async fn d_05_nobody_becomes_admin_of_the_tenant_by_a_push() {
    let app = TestApp::start().await;
    let (admin, (id, _)) = (app.tenant_admin().await, app.directory().await);
    let role = app.seam.id::<elder_kernel::Role>();
    for body in [
        json!({"source": "group", "value": "Admins", "role": "admin"}),
        json!({"source": "group", "value": "Admins"}),
        json!({"source": "group", "value": "Admins", "role": "reader", "role_id": role}),
    ] {
        let problem = admin.post(&mappings(id), body).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/role");
    }
    let insert =
        "insert into scim_role_mappings (tenant_id, id, configuration_id, source, value, value_folded, role,
        created_at) values ($1, $2, $2, 'group', 'x', 'x', 'admin', now())";
    let refused = app.superuser.execute(insert, &[&app.acme.id.0, &id.uuid()]).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("scim_role_mappings_no_admin"));
    assert_eq!(rows(&app, "scim_role_mappings").await, 0);
}

#[tokio::test]
async fn a_mapping_is_made_once_and_of_what_there_is() {
    let app = TestApp::start().await;
    let (admin, (id, _)) = (app.tenant_admin().await, app.directory().await);
    let stranger = app.other_tenant().await;
    let foreign = stranger.post("/api/v2/organizations", json!({"name": "Theirs"})).await.expect(201);
    let unknown = app.seam.id::<elder_kernel::Role>();
    for body in [
        json!({"source": "group", "value": "x", "role": "reader", "organization_id": foreign["id"]}),
        json!({"source": "group", "value": "x", "role_id": unknown}),
    ] {
        admin.post(&mappings(id), body).await.expect_problem(404, "not_found");
    }
    let made = admin.post(&mappings(id), reader("Staff")).await.expect(201);
    admin.post(&mappings(id), reader("STAFF")).await.expect_problem(409, "already_exists");
    stranger.get(&mappings(id)).await.expect_problem(404, "not_found");
    stranger.post(&mappings(id), reader("Staff")).await.expect_problem(404, "not_found");
    let place = format!("{}/{}", mappings(id), made["id"].as_str().unwrap());
    stranger.delete(&place).await.expect_problem(404, "not_found");
    let (other, _) = app.directory().await;
    let elsewhere = place.replace(&id.to_string(), &other.to_string());
    admin.delete(&elsewhere).await.expect_problem(404, "not_found");
    assert_eq!(rows(&app, "scim_role_mappings").await, 1);
}

#[tokio::test]
async fn who_has_a_role_by_a_directory_is_out_of_reach_of_who_has_less() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let ana = provider.post(USERS, ana()).await.expect(201);
    let bo = provider.post(USERS, named("bo@example.com")).await.expect(201);
    provider.post(GROUPS, group("Leads", &[&ana])).await.expect(201);
    let role = json!({"source": "group", "value": "Leads", "role": "maintainer"});
    admin.post(&mappings(id), role).await.expect(201);
    let lesser = app.member_with::<markers::UsersWrite>().await;
    let password = |user: &Value| format!("/api/v2/users/{}/password", user["id"].as_str().unwrap());
    let new = json!({"password": "another horse battery"});
    lesser.put(&password(&ana), new.clone()).await.expect_problem(403, "grant_exceeds_own");
    lesser.put(&password(&bo), new).await.expect(204);
}

#[tokio::test]
async fn mappings_are_made_and_deleted_in_batches() {
    let app = TestApp::start().await;
    let (admin, (id, provider)) = (app.tenant_admin().await, app.directory().await);
    let ana = provider.post(USERS, ana()).await.expect(201);
    provider
        .post(GROUPS, json!({"schemas": [GROUP], "displayName": "A", "members": [{"value": ana["id"]}]}))
        .await
        .expect(201);
    let create = |group: &str| json!({"op": "create", "data": reader(group)});
    let batch = format!("{}/batch", mappings(id));
    let body = json!({"atomic": true, "operations": [create("A"), create("B")]});
    admin.post(&batch, body).await.expect(200);
    assert!(reads(&signed_in(&app, &ana).await).await);
    let body = json!({"atomic": true, "operations": [create("C"), create("b")]});
    admin.post(&batch, body).await.expect_problem(422, "batch_failed");
    assert_eq!(rows(&app, "scim_role_mappings").await, 2);
}
