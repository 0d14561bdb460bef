//! Access checks say what the gate does.

use elder_access::{Entitlements, Role, SubscriptionTier, markers};
use elder_kernel::TenantId;
use elder_testkit::{Actor, Answer, TestApp};
use serde_json::{Value, json};

const USER: &str = "usr_01h455vb4pex5vsknk084sn02q";
const ORGANIZATION: &str = "org_01h455vb4pex5vsknk084sn02q";
const ROLE: &str = "rol_01h455vb4pex5vsknk084sn02q";

async fn check(actor: &Actor, query: &str) -> Value {
    actor.get(&format!("/api/v2/access/check?{query}")).await.expect(200)
}

async fn ask(actor: &Actor, method: &str, path: &str, body: Option<Value>) -> Answer {
    match (method, body) {
        ("PUT", Some(body)) => actor.put(path, body).await,
        ("DELETE", None) => actor.delete(path).await,
        _ => actor.get(path).await,
    }
}

/// A request for each permission that the gate lets through or refuses, and that changes nothing.
fn probes() -> Vec<(&'static str, &'static str, String, Option<Value>)> {
    let grants = format!("/api/v2/users/{USER}/grants");
    vec![
        ("organizations:read", "GET", "/api/v2/organizations".into(), None),
        ("organizations:write", "DELETE", format!("/api/v2/organizations/{ORGANIZATION}"), None),
        ("members:read", "GET", format!("/api/v2/organizations/{ORGANIZATION}/members"), None),
        ("members:write", "DELETE", format!("/api/v2/organizations/{ORGANIZATION}/members/{USER}"), None),
        ("users:read", "GET", grants.clone(), None),
        ("grants:write", "PUT", grants, Some(json!({ "tenant_role": null, "roles": [] }))),
        ("roles:read", "GET", "/api/v2/permissions".into(), None),
        ("roles:write", "DELETE", format!("/api/v2/roles/{ROLE}"), None),
        ("access:check", "GET", "/api/v2/access/check?permission=users:read".into(), None),
        (
            "platform_users:write",
            "PUT",
            format!("/api/v2/global/users/system/{USER}/global-role"),
            Some(json!({ "global_role": null })),
        ),
    ]
}

#[tokio::test]
async fn the_check_agrees_with_what_the_routes_answer() {
    let app = TestApp::start().await;
    let (admin, operator) = (app.tenant_admin().await, app.operator().await);
    let mut people = vec![
        (&admin, app.member(app.acme.id, None).await),
        (&admin, app.member_with::<markers::RolesRead>().await),
        (&admin, app.member_with::<markers::MembersWrite>().await),
        (&operator, app.support().await),
        (&operator, app.operator().await),
        (&operator, app.member(TenantId::SYSTEM, Some(Role::Admin)).await),
    ];
    for role in [Role::Admin, Role::Maintainer, Role::Reader] {
        people.push((&admin, app.member(app.acme.id, Some(role)).await));
        people.push((&admin, app.organization_member(app.acme.child, role).await));
    }
    let (mut allowed, mut refused) = (0, 0);
    for (asker, person) in &people {
        for (permission, method, path, body) in probes() {
            let answer = ask(person, method, &path, body).await;
            let open = answer.body["code"] != "permission_denied";
            let verdict = check(asker, &format!("permission={permission}&user_id={}", person.id())).await;
            assert_eq!(verdict["allowed"], open, "{permission} {verdict} {}", answer.text);
            assert_eq!(verdict["by"] == json!([]), !open, "{verdict}");
            if open { allowed += 1 } else { refused += 1 }
        }
        for organization in [app.acme.root, app.acme.child] {
            let query = format!("permission=organizations:read&user_id={}", person.id());
            if asker.tenant == app.acme.id {
                let open = person.get(&format!("/api/v2/organizations/{organization}")).await.status == 200;
                let verdict = check(asker, &format!("{query}&organization_id={organization}")).await;
                assert_eq!(verdict["allowed"], open, "{organization} {verdict}");
            }
        }
    }
    assert!(allowed > 20 && refused > 20, "{allowed} {refused}");
}

#[tokio::test]
async fn every_assignment_that_gives_the_permission_is_named() {
    let app = TestApp::start().await;
    let (admin, user) =
        (app.tenant_admin().await, app.organization_member(app.acme.root, Role::Reader).await);
    let body = json!({ "name": "viewer", "tier": "tenant", "permissions": ["organizations:read"] });
    let role = admin.post("/api/v2/roles", body).await.expect(201)["id"].clone();
    let grants = json!({ "tenant_role": "reader", "roles": [role] });
    admin.put(&format!("/api/v2/users/{}/grants", user.id()), grants).await.expect(200);
    let query =
        format!("permission=organizations:read&user_id={}&organization_id={}", user.id(), app.acme.child);
    let expected = json!({ "allowed": true, "by": [
        { "kind": "tenant_role", "name": "reader" },
        { "kind": "custom_role", "name": "viewer", "role_id": role },
        { "kind": "organization_role", "name": "reader", "organization_id": app.acme.root },
    ] });
    assert_eq!(check(&admin, &query).await, expected);
    let own = check(&user, "permission=users:write").await;
    assert_eq!(own, json!({ "allowed": false, "reason": "not_granted", "by": [] }));
}

#[tokio::test]
async fn who_is_not_active_may_nothing_and_a_licence_is_told_apart() {
    let app = TestApp::start().await;
    let (admin, idle) = (app.tenant_admin().await, app.tenant_admin().await);
    let deactivate = "update portal_users set is_active = false where id = $1";
    app.superuser.execute(deactivate, &[&idle.user.unwrap().uuid()]).await.unwrap();
    let verdict = check(&admin, &format!("permission=users:read&user_id={}", idle.id())).await;
    assert_eq!(verdict, json!({ "allowed": false, "reason": "inactive", "by": [] }));
    app.keeper.entitle(Entitlements::of_tier(SubscriptionTier::Community));
    let verdict = check(&admin, "permission=roles:write").await;
    assert_eq!((&verdict["allowed"], &verdict["reason"]), (&json!(false), &json!("license_required")));
    assert_eq!(verdict["by"][0]["kind"], "tenant_role");
}

#[tokio::test]
async fn a_visiting_operator_sees_by_which_right_they_are_there() {
    let app = TestApp::start().await;
    let support = app.support().await.with_header("Elder-Tenant", "acme");
    let expected = json!({ "allowed": true, "by": [{ "kind": "global_role", "name": "support" }] });
    assert_eq!(check(&support, "permission=users:read").await, expected);
    assert_eq!(check(&support, "permission=users:write").await["allowed"], false);
}

#[tokio::test]
async fn questions_about_what_is_not_there_are_refused() {
    let app = TestApp::start().await;
    let (admin, foreign) = (app.tenant_admin().await, app.other_tenant().await);
    for query in [
        format!("user_id={}", foreign.id()),
        format!("user_id={USER}"),
        format!("organization_id={}", app.globex.child),
        format!("organization_id={ORGANIZATION}"),
    ] {
        let path = format!("/api/v2/access/check?permission=users:read&{query}");
        admin.get(&path).await.expect_problem(404, "not_found");
    }
    for query in ["", "permission=users:fly", "permission=users:read&user_id=org_1"] {
        admin.get(&format!("/api/v2/access/check?{query}")).await.expect_problem(400, "invalid_parameter");
    }
    let nobody = app.member(app.acme.id, None).await;
    nobody.get("/api/v2/access/check?permission=users:read").await.expect_problem(403, "permission_denied");
}
