//! Who gets an account, who is linked to one, and what follows for their rights.

use elder_access::Role;
use elder_testkit::{Actor, PASSWORD};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, back_from},
    notice::told,
    world::{World, ana, ana_but},
};

/// Makes an account with a password, and gives its id.
async fn account(admin: &Actor, email: &str, role: Option<&str>) -> String {
    let mut body = json!({ "email": email, "password": PASSWORD, "full_name": "Ana" });
    if let Some(role) = role {
        body["tenant_role"] = role.into();
    }
    let made = admin.post("/api/v2/users", body).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// What somebody holds by `access/check`.
async fn may(world: &World, email: &str, permission: &str) -> bool {
    let filter = format!("/api/v2/users?filter=email%20eq%20%22{email}%22");
    let user = world.admin.get(&filter).await.expect(200)["data"][0]["id"].clone();
    let path = format!("/api/v2/access/check?permission={permission}&user_id={}", user.as_str().unwrap());
    world.admin.get(&path).await.expect(200)["allowed"].as_bool().unwrap()
}

#[tokio::test]
async fn o_15_an_address_counts_only_if_the_provider_says_true_and_the_tenant_owns_the_domain() {
    let world = World::with(json!({ "jit_provisioning_enabled": true, "conflicts": "link" })).await;
    account(&world.admin, "ana@acme.com", None).await;
    let before = world.counts().await;
    for (other, reason) in [
        (json!({ "email_verified": false }), "email_unverified"),
        (json!({ "email_verified": "true" }), "email_unverified"),
        (json!({ "email_verified": 1 }), "claim_missing"),
        (json!({ "email_verified": null }), "email_unverified"),
        (json!({ "email": "ana@sub.acme.com" }), "domain_unverified"),
        (json!({ "email": "ana@acme.com.evil.example" }), "domain_unverified"),
        (json!({ "email": "no address" }), "no_email"),
        (json!({ "email": null }), "no_email"),
    ] {
        let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana_but(other.clone())).await;
        got.is_refused();
        assert_eq!(world.reason().await, reason, "{other}");
        assert_eq!(browser.account().await, None);
    }
    assert_eq!(world.counts().await, before);
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    assert_eq!(world.app.audit_count("sso.linked").await, 1);
}

#[tokio::test]
async fn o_17_an_account_that_is_there_is_linked_only_where_the_tenant_wants_it_and_never_an_admins() {
    let world = World::making_accounts().await;
    account(&world.admin, "ana@acme.com", None).await;
    account(&world.admin, "root@acme.com", Some("admin")).await;
    let refused = |claims: Value| async {
        let (browser, got) = back_from(&world.app, &world.op, &world.idp, claims).await;
        got.is_refused().says("An account with your address is here already");
        assert_eq!(world.reason().await, "account_exists");
        assert_eq!(browser.account().await, None);
    };
    refused(ana()).await;
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    world.admin.patch(&path, json!({ "conflicts": "link" })).await.expect(200);
    refused(ana_but(json!({ "sub": "root", "email": "root@acme.com" }))).await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();

    // The address that somebody new was given does not make them her.
    let heir = ana_but(json!({ "sub": "ana-2" }));
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, heir).await;
    got.is_refused();
    assert_eq!(world.reason().await, "linked_to_another");
    assert_eq!(browser.account().await, None);
}

#[tokio::test]
async fn o_17_an_account_is_linked_by_its_owner_who_signs_in_to_it_and_says_so() {
    let world = World::with(json!({ "conflicts": "ask" })).await;
    account(&world.admin, "ana@acme.com", Some("admin")).await;
    account(&world.admin, "eve@acme.com", None).await;
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    assert_eq!(got.leads_to(), "/account/link");
    assert_eq!(browser.account().await, None);
    assert_eq!(browser.get("/account/link").await.leads_to(), "/sign-in?for=link");
    let sign_in = async |browser: &Browser, email: &str| {
        browser.get("/sign-in?for=link").await;
        let typed = [("email", email), ("password", PASSWORD)];
        assert_eq!(browser.submit("/sign-in?for=link", &typed).await.leads_to(), "/account/link");
    };

    // Another person at the same browser, and the same person at another one, link nothing.
    sign_in(&browser, "eve@acme.com").await;
    assert_eq!(browser.get("/account/link").await.status, 403);
    assert_eq!(browser.submit("/account/link", &[]).await.status, 403);
    let other = Browser::open(&world.app);
    sign_in(&other, "ana@acme.com").await;
    assert_eq!(other.get("/account/link").await.status, 403);
    assert_eq!(world.counts().await.1, 0);

    sign_in(&browser, "ana@acme.com").await;
    browser.get("/account/link").await.says("Acme Login says that this account is yours");
    assert_eq!(world.counts().await.1, 0);
    assert_eq!(browser.submit("/account/link", &[]).await.leads_to(), "/account/security?saved=linked");
    assert_eq!(browser.submit("/account/link", &[]).await.status, 403);
    assert_eq!(world.app.audit_count("sso.linked").await, 1);
    assert_eq!(told(&world.app, "ana@acme.com").await.len(), 1, "whoever has her password as well is seen");
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    assert_eq!(got.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
}

#[tokio::test]
async fn o_18_subjects_are_told_apart_to_the_letter() {
    let world = World::making_accounts().await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    for sub in [json!("ANA-1"), json!("ana-1 "), json!("ana\u{2010}1")] {
        let twin = ana_but(json!({ "sub": sub, "email": "twin@elsewhere.example" }));
        back_from(&world.app, &world.op, &world.idp, twin).await.1.is_refused();
        assert_eq!(world.reason().await, "domain_unverified", "{sub}");
    }
    for sub in [json!(null), json!(1), json!(""), json!("x".repeat(256))] {
        let nobody = ana_but(json!({ "sub": sub }));
        back_from(&world.app, &world.op, &world.idp, nobody).await.1.is_refused();
        assert!(["subject_invalid", "claim_missing"].contains(&world.reason().await.as_str()), "{sub}");
    }
    assert_eq!(world.counts().await, (1, 1, 1));
}

#[tokio::test]
async fn who_has_no_account_gets_none_unless_the_tenant_makes_them_or_waits_for_them() {
    let world = World::with(json!({})).await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.is_refused();
    assert_eq!(world.reason().await, "no_account");
    let invited = json!({ "email": "ana@acme.com", "tenant_role": "maintainer" });
    world.admin.post("/api/v2/invitations", invited).await.expect(201);
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    for conflicts in ["refuse", "ask"] {
        world.admin.patch(&path, json!({ "conflicts": conflicts })).await.expect(200);
        back_from(&world.app, &world.op, &world.idp, ana())
            .await
            .1
            .is_refused()
            .says("Open the link in the mail");
        assert_eq!(world.reason().await, "invitation_waits");
    }
    world.admin.patch(&path, json!({ "conflicts": "link" })).await.expect(200);
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    assert_eq!(got.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    assert!(may(&world, "ana@acme.com", "organizations:write").await);
    assert_eq!(world.app.audit_count("invitation.accepted").await, 1);
}

/// Rules by which engineers maintain the tenant and everybody reads.
fn rules() -> Value {
    json!({
        "jit_provisioning_enabled": true,
        "default_role": "reader",
        "role_rules": [{ "if": "groups eq \"engineers\"", "then": { "tenant_role": "maintainer" } }],
    })
}

#[tokio::test]
async fn rules_give_roles_and_take_them_with_the_next_sign_in() {
    let world = World::with(rules()).await;
    let sign_in =
        |groups: Value| back_from(&world.app, &world.op, &world.idp, ana_but(json!({ "groups": groups })));
    sign_in(json!(["Engineers", "all"])).await.1.leads_to();
    assert!(may(&world, "ana@acme.com", "organizations:write").await);
    sign_in(json!(["all"])).await.1.leads_to();
    assert!(!may(&world, "ana@acme.com", "organizations:write").await);
    assert!(may(&world, "ana@acme.com", "users:read").await);
    let told = "select changes->'roles_by_provider' from audit_logs where action = 'sso.vouched'";
    let told: Value = world.app.superuser.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(told, json!({ "before": ["maintainer"], "after": ["reader"] }));

    // What is said at the first sign-in alone stays.
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    world.admin.patch(&path, json!({ "sync": "first_login" })).await.expect(200);
    sign_in(json!(["engineers"])).await.1.leads_to();
    assert!(!may(&world, "ana@acme.com", "organizations:write").await);
    world.admin.patch(&path, json!({ "sync": "always" })).await.expect(200);
    sign_in(json!(["engineers"])).await.1.leads_to();
    assert!(may(&world, "ana@acme.com", "organizations:write").await);

    // What a provider gives ends with it (P-29).
    world.admin.patch(&path, json!({ "is_active": false })).await.expect(200);
    assert!(!may(&world, "ana@acme.com", "users:read").await);
    world.admin.patch(&path, json!({ "is_active": true })).await.expect(200);
    assert!(may(&world, "ana@acme.com", "organizations:write").await);
    world.admin.delete(&path).await.expect(204);
    assert!(!may(&world, "ana@acme.com", "users:read").await);
    let left = "select (select count(*) from sso_grants) + (select count(*) from sso_identities)";
    assert_eq!(world.app.superuser.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_rule_gives_roles_in_organizations_and_outlives_what_it_names() {
    let world = World::with(json!({ "jit_provisioning_enabled": true })).await;
    let role = json!({ "name": "Auditor", "tier": "tenant", "permissions": ["users:read"] });
    let role = world.admin.post("/api/v2/roles", role).await.expect(201)["id"].clone();
    let (root, child) = (world.app.acme.root, world.app.acme.child);
    let then = json!({
        "roles": [role],
        "organizations": [{ "organization_id": root, "role": "admin" }, { "organization_id": child, "role": "reader" }],
    });
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    let rule = json!({ "role_rules": [{ "if": "email ew \"@acme.com\"", "then": then }] });
    world.admin.patch(&path, rule).await.expect(200);
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    assert!(may(&world, "ana@acme.com", "users:read").await);
    let given = "select count(*) from sso_grants";
    assert_eq!(world.app.superuser.query_one(given, &[]).await.unwrap().get::<_, i64>(0), 3);

    world.admin.delete(&format!("/api/v2/organizations/{child}")).await.expect(204);
    world.admin.delete(&format!("/api/v2/roles/{}", role.as_str().unwrap())).await.expect(204);
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    assert_eq!(world.app.superuser.query_one(given, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert!(!may(&world, "ana@acme.com", "users:read").await);
    // Another change of the provider is not held up by what is gone, nor is its end.
    world.admin.patch(&path, json!({ "name": "Renamed" })).await.expect(200);
    world.admin.delete(&path).await.expect(204);
}

#[tokio::test]
async fn d_05_nobody_sets_up_a_provider_that_gives_more_than_they_hold() {
    let world = World::with(rules()).await;
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    let limited = world.app.member_with::<elder_access::markers::IdpsWrite>().await;
    for change in
        [json!({ "name": "Mine" }), json!({ "oidc_client_id": "mine" }), json!({ "is_active": false })]
    {
        limited.patch(&path, change).await.expect_problem(403, "grant_exceeds_own");
    }
    limited.delete(&path).await.expect_problem(403, "grant_exceeds_own");
    // Who could link a provider to the account of somebody else could be them.
    for settings in [json!({ "default_role": "maintainer" }), json!({ "conflicts": "link" }), rules()] {
        let body = crate::world::body(&world.op, settings);
        limited.post("/api/v2/identity-providers", body).await.expect_problem(403, "grant_exceeds_own");
    }
    for settings in [
        json!({ "default_role": "admin" }),
        json!({ "role_rules": [{ "if": "email pr", "then": { "tenant_role": "admin" } }] }),
    ] {
        let body = crate::world::body(&world.op, settings);
        world.admin.post("/api/v2/identity-providers", body).await.expect_problem(400, "validation_failed");
    }
    let body = crate::world::body(&world.op, json!({ "name": "Empty" }));
    limited.post("/api/v2/identity-providers", body).await.expect(201);
}

#[tokio::test]
async fn a_preview_says_what_would_become_of_somebody_and_changes_nothing() {
    let world = World::with(rules()).await;
    let path = format!("/api/v2/identity-providers/{}/provisioning/preview", world.idp);
    let claims = json!({ "claims": ana_but(json!({ "groups": ["ENGINEERS"] })) });
    let preview = world.admin.post(&path, claims).await.expect(200);
    assert_eq!(preview["rules"], json!([0]));
    assert_eq!(preview["tenant_roles"], json!(["maintainer"]));
    assert_eq!(preview["attributes"]["email"], json!(["ana@acme.com"]));
    assert_eq!(world.counts().await, (0, 0, 0));
}

#[tokio::test]
async fn what_a_directory_manages_is_left_to_it() {
    let world = World::with(json!({ "conflicts": "link" })).await;
    let (_, provider) = world.app.directory().await;
    let pushed = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana@acme.com", "active": true,
        "displayName": "Ana by the directory",
        "emails": [{ "value": "ana@acme.com", "primary": true }],
    });
    provider.post("/scim/v2/Users", pushed).await.expect(201);
    for _ in 0..2 {
        let claims = ana_but(json!({ "name": "Ana by the provider" }));
        let (browser, got) = back_from(&world.app, &world.op, &world.idp, claims).await;
        assert_eq!(got.leads_to(), "/account");
        browser.get("/account").await.says("Ana by the directory");
    }
    let reader = world.app.member(world.app.acme.id, Some(Role::Reader)).await;
    reader.get("/api/v2/users").await.expect(200);
}

#[tokio::test]
async fn a_rule_finds_organizations_by_their_paths_and_puts_people_into_groups() {
    let then = json!({
        "organizations": [{ "path": "{departments}", "role": "maintainer" }],
        "groups": ["staff", "{teams}"],
    });
    let world = World::with(json!({
        "jit_provisioning_enabled": true,
        "attribute_mappings": [
            { "attribute": "departments", "claim": "departments" }, { "attribute": "teams", "claim": "teams" },
        ],
        "role_rules": [{ "if": "email pr", "then": then }],
    }))
    .await;
    let make = async |name: &str, parent: &Value| {
        let new = json!({ "name": name, "parent_id": parent });
        world.admin.post("/api/v2/organizations", new).await.expect(201)["id"].clone()
    };
    let research = make("Research", &Value::Null).await;
    let lab = make("Lab", &research).await;
    make("Lab", &Value::Null).await;
    let said = json!({ "departments": ["/research/LAB", "Sales", "Research/Lab/x"], "teams": ["a", "b"] });
    let path = format!("/api/v2/identity-providers/{}/provisioning/preview", world.idp);
    let preview = world.admin.post(&path, json!({ "claims": ana_but(said.clone()) })).await.expect(200);
    assert_eq!(preview["organizations"], json!([{ "organization_id": lab, "role": "maintainer" }]));
    assert_eq!(preview["missing_organizations"], json!(["Sales", "Research/Lab/x"]));
    assert_eq!(preview["groups"], json!(["staff", "a", "b"]));

    back_from(&world.app, &world.op, &world.idp, ana_but(said)).await.1.leads_to();
    let given = "select coalesce(string_agg(o.name || ' ' || g.role, ','), '') from sso_grants g
        join organizations o on o.tenant_id = g.tenant_id and o.id = g.organization_id";
    let given = async || world.app.superuser.query_one(given, &[]).await.unwrap().get::<_, String>(0);
    let groups = "select groups from sso_identities";
    let groups = async || world.app.superuser.query_one(groups, &[]).await.unwrap().get::<_, Vec<String>>(0);
    assert_eq!(
        (given().await.as_str(), groups().await),
        ("Lab maintainer", vec!["staff".into(), "a".into(), "b".into()])
    );
    // The next sign-in says something else.
    let moved = ana_but(json!({ "departments": "Research", "teams": [] }));
    back_from(&world.app, &world.op, &world.idp, moved).await.1.leads_to();
    assert_eq!((given().await.as_str(), groups().await), ("Research maintainer", vec!["staff".to_owned()]));
    let told = "select changes->'groups_by_provider' from audit_logs where action = 'sso.vouched'";
    let told: Value = world.app.superuser.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(told, json!({ "before": ["staff", "a", "b"], "after": ["staff"] }));
}

#[tokio::test]
async fn d_05_a_path_gives_no_role_that_who_writes_it_does_not_hold_everywhere() {
    let world = World::with(json!({})).await;
    let limited = world.app.member_with::<elder_access::markers::IdpsWrite>().await;
    let rule = |there: Value| json!({ "name": "Paths", "role_rules": [{ "if": "email pr", "then": { "organizations": [there] } }] });
    let by_path = crate::world::body(&world.op, rule(json!({ "path": "{team}", "role": "admin" })));
    limited.post("/api/v2/identity-providers", by_path).await.expect_problem(403, "grant_exceeds_own");
    for (there, pointer) in [
        (json!({ "role": "reader" }), "/role_rules/0/then/organizations/0/organization_id"),
        (json!({ "path": "a" }), "/role_rules/0/then/organizations/0/role"),
        (json!({ "path": "//", "role": "reader" }), "/role_rules/0/then/organizations/0/path"),
    ] {
        let refused =
            world.admin.post("/api/v2/identity-providers", crate::world::body(&world.op, rule(there))).await;
        let problem = refused.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}
