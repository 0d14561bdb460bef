//! A licence that ends: first a warning, then the community tier. Nobody is locked out and nothing is lost.

use chrono::TimeDelta;
use elder_access::{GlobalRole, Role};
use elder_kernel::TenantId;
use elder_testkit::{Actor, PASSWORD, mailed_token};
use serde_json::json;

use crate::world::{World, within_a_second};

const DIRECTORIES: &str = "/api/v2/directories";

/// The day after the licence has ended, and the day after its grace.
async fn ended(world: &World) -> [chrono::DateTime<chrono::Utc>; 2] {
    let license = world.enterprise();
    world.install(&license).await;
    [license.expires_at.unwrap(), license.ends_at().unwrap()]
}

async fn metrics(app: &Actor) -> String {
    app.get("/metrics").await.text
}

#[tokio::test]
async fn in_its_grace_everything_works_and_everybody_who_should_know_is_told() {
    let world = World::start().await;
    let [grace, lapse] = ended(&world).await;
    let guest = world.app.guest();
    assert_eq!(guest.get("/healthz").await.expect(200)["checks"]["license"], "ok");
    assert!(metrics(&guest).await.contains(r#"elder_license_phase{phase="valid"} 1"#));
    world.go_to(grace).await;
    let shown = world.shown().await;
    assert_eq!((&shown["tier"], &shown["phase"]), (&json!("enterprise"), &json!("grace")));
    assert!(shown["warning"].as_str().unwrap().contains(&lapse.date_naive().to_string()), "{shown}");
    let health = guest.get("/healthz").await.expect(200);
    assert_eq!((&health["status"], &health["checks"]["license"]), (&json!("degraded"), &json!("low")));
    let scraped = metrics(&guest).await;
    assert!(scraped.contains(r#"elder_license_info{tier="enterprise"} 1"#), "{scraped}");
    assert!(scraped.contains(r#"elder_license_phase{phase="grace"} 1"#), "{scraped}");
    assert!(scraped.contains(r#"elder_license_phase{phase="valid"} 0"#), "{scraped}");
    assert!(scraped.contains(&format!("elder_license_ends_at_seconds {}", lapse.timestamp())), "{scraped}");
    assert!(scraped.contains(r#"elder_license_limit{resource="tenants"} -1"#), "{scraped}");
    let admin = world.app.tenant_admin().await;
    admin.post(DIRECTORIES, json!({ "name": "New" })).await.expect(201);
}

#[tokio::test]
async fn p_40_after_it_what_was_licensed_rests_and_a_better_licence_wakes_all_of_it_within_a_second() {
    let world = World::start().await;
    let [_, lapse] = ended(&world).await;
    let (_, provider) = world.app.directory().await;
    let rows = "select (select count(*) from tenants) + (select count(*) from portal_users)
        + (select count(*) from scim_configurations) + (select count(*) from roles)";
    world.go_to(lapse - TimeDelta::seconds(1)).await;
    let (admin, operator) = (world.app.tenant_admin().await, world.app.operator().await);
    admin.get(DIRECTORIES).await.expect(200);
    let before = world.count(rows).await;
    world.go_to(lapse).await;
    let health = world.app.guest().get("/healthz").await.expect(200);
    assert_eq!((&health["status"], &health["checks"]["license"]), (&json!("degraded"), &json!("down")));
    for answer in [
        admin.get(DIRECTORIES).await,
        admin.post("/api/v2/roles", json!({ "name": "R", "tier": "tenant", "permissions": [] })).await,
        operator.post("/api/v2/global/tenants", json!({ "name": "N", "slug": "new" })).await,
    ] {
        let asked = answer.asked.clone();
        let problem = answer.expect_problem(402, "license_required");
        assert!(problem["detail"].as_str().unwrap().contains('`'), "{asked} says what is missing: {problem}");
    }
    let refused = provider.get("/scim/v2/Users").await.expect(402);
    assert_eq!(refused["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(refused["status"], "402");
    assert_eq!(world.count(rows).await, before, "nothing is lost");
    world.install(&world.license(&json!({ "tier": "enterprise", "limits": { "max_tenants": -1 } }))).await;
    within_a_second(&admin, DIRECTORIES, 200).await;
    provider.get("/scim/v2/Users").await.expect(200);
    operator.post("/api/v2/global/tenants", json!({ "name": "N", "slug": "new" })).await.expect(201);
    assert_eq!(world.app.guest().get("/healthz").await.expect(200)["status"], "healthy");
}

#[tokio::test]
async fn p_40_tenants_beyond_the_licence_are_read_and_not_changed_and_sign_in_as_before() {
    let world = World::start().await;
    let [_, lapse] = ended(&world).await;
    let ada = json!({ "email": "ada@acme.example", "full_name": "Ada", "password": PASSWORD });
    world.app.tenant_admin().await.post("/api/v2/users", ada).await.expect(201);
    world.go_to(lapse).await;
    let system = world.app.person(TenantId::SYSTEM, Some(Role::Admin), Some(GlobalRole::Admin)).await;
    system.post("/api/v2/organizations", json!({ "name": "Sales" })).await.expect(201);
    for admin in [world.app.tenant_admin().await, world.app.other_tenant().await] {
        admin.get("/api/v2/users").await.expect(200);
        admin.get("/api/v2/audit/events").await.expect(200);
        let problem = admin
            .post("/api/v2/organizations", json!({ "name": "Sales" }))
            .await
            .expect_problem(402, "license_required");
        assert!(problem["detail"].as_str().unwrap().contains("max_tenants"), "{problem}");
        admin
            .patch("/api/v2/tenant", json!({ "name": "Another" }))
            .await
            .expect_problem(402, "license_required");
        // Nobody waits for a licence to keep an intruder out, or to look after their own account.
        admin.post("/api/v2/sessions/revoke", json!({})).await.expect(200);
    }
    let login = json!({ "tenant": "acme", "email": "ada@acme.example", "password": PASSWORD });
    let signed_in = world.app.guest().post("/api/v2/auth/login", login).await.expect(200);
    let token = json!({ "refresh_token": signed_in["refresh_token"] });
    world.app.guest().post("/api/v2/auth/refresh", token).await.expect(200);
    let person = world.app.member(world.app.acme.id, Some(Role::Reader)).await;
    person.patch("/api/v2/me", json!({ "full_name": "Another" })).await.expect(200);
    person.post("/api/v2/auth/logout", json!({})).await.expect(204);
    let admin = world.app.tenant_admin().await;
    let path = format!("/api/v2/users/{}/sessions/revoke", person.id());
    admin.post(&path, json!({})).await.expect(200);
    // A licence for two of three tenants: the one that was made last waits.
    world.install(&world.license(&json!({ "tier": "enterprise", "limits": { "max_tenants": 2 } }))).await;
    let acme = world.app.tenant_admin().await;
    acme.post("/api/v2/organizations", json!({ "name": "Sales" })).await.expect(201);
    let globex = world.app.other_tenant().await;
    globex
        .post("/api/v2/organizations", json!({ "name": "S" }))
        .await
        .expect_problem(402, "license_required");
    // What an operator removes makes room.
    let remove = "delete from tenants where slug = 'acme'";
    world.app.superuser.batch_execute("set session_replication_role = replica").await.unwrap();
    world.app.superuser.execute(remove, &[]).await.unwrap();
    world.refresh().await;
    globex.post("/api/v2/organizations", json!({ "name": "S" })).await.expect(201);
}

/// A tenant whose people may sign in by its provider alone, and one of them, who has no password.
async fn by_provider_alone(world: &World) -> String {
    let email = "ada@acme.example";
    let statements = [
        "insert into idp_configurations (tenant_id, id, idp_type, provider, name, name_folded, oidc_issuer_url,
            oidc_client_id, oidc_scopes, oidc_token_endpoint_auth_method, oidc_allowed_tenants, trusts_mfa,
            jit_provisioning_enabled, conflicts, sync, attribute_mappings, role_rules, role_rule_matching, is_active,
            enforced, last_login_at, created_at, updated_at)
         values ($1, md5('idp')::uuid, 'oidc', 'generic', 'i', 'i', 'https://i.example', 'c', '{}', 'none', '{}', false,
            false, 'refuse', 'always', '[]', '[]', 'all', true, true, now(), now(), now())",
        "insert into tenant_domains (tenant_id, id, domain, verification_token, verified_at, verified_by)
         values ($1, gen_random_uuid(), 'acme.example', 'x', now(), 'dns')",
        "insert into portal_users (tenant_id, id, email, email_folded)
         values ($1, gen_random_uuid(), 'ada@acme.example', 'ada@acme.example')",
    ];
    for statement in statements {
        world.app.superuser.execute(statement, &[&world.app.acme.id.0]).await.unwrap();
    }
    email.to_owned()
}

#[tokio::test]
async fn p_40_who_signed_in_by_a_provider_sets_a_password_by_mail_and_gets_in() {
    let world = World::start().await;
    let [_, lapse] = ended(&world).await;
    let email = by_provider_alone(&world).await;
    let guest = world.app.guest();
    let discover = async || guest.post("/api/v2/auth/discover", json!({ "email": email })).await.expect(200);
    let sign_in = async || {
        let credentials = json!({ "email": email, "password": PASSWORD, "tenant": "acme" });
        guest.post("/api/v2/auth/login", credentials).await
    };
    let set = async || {
        guest
            .post("/api/v2/auth/password/forgot", json!({ "email": email, "tenant": "acme" }))
            .await
            .expect(202);
        let token = mailed_token(&world.app, &email).await;
        guest
            .post("/api/v2/auth/password/reset", json!({ "token": token, "password": PASSWORD }))
            .await
            .expect(204);
    };
    assert_eq!(discover().await["method"], "redirect");
    set().await;
    sign_in().await.expect_problem(403, "sso_required");
    let provider = discover().await["url"].as_str().unwrap().replacen("http://elder.test", "", 1);
    world.go_to(lapse).await;
    assert_eq!(discover().await["method"], "password");
    let refused = guest.get(&provider).await;
    assert!(refused.status >= 400, "{}", refused.status);
    let why =
        "select count(*) from audit_logs where action = 'sso.sign_in_failed' and reason = 'license_required'";
    assert_eq!(world.count(why).await, 1);
    sign_in().await.expect(200);
    // As they were before, once the licence is back.
    world.install(&world.enterprise()).await;
    assert_eq!(discover().await["method"], "redirect");
    sign_in().await.expect_problem(403, "sso_required");
}
