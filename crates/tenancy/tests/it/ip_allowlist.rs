//! From which networks a tenant may be used.

use elder_access::work::Shell;
use elder_tenancy::platform::tenant::{TenantRef, service};
use elder_testkit::{Actor, Options, PASSWORD, TestApp};
use serde_json::{Value, json};

const TENANT: &str = "/api/v2/tenant";
const SCIM_USERS: &str = "/scim/v2/Users";
const OFFICE: &str = "192.0.2.7";

async fn behind_proxy() -> TestApp {
    TestApp::start_with(Options { behind_proxy: true, ..Options::default() }).await
}

fn from(actor: &Actor, address: &str) -> Actor {
    actor.with_header("x-forwarded-for", address)
}

fn list(networks: &[&str]) -> Value {
    json!({ "settings": { "ip_allowlist": networks } })
}

#[tokio::test]
async fn people_and_directories_are_let_in_from_listed_networks_alone() {
    let app = behind_proxy().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let (_, provider) = app.directory().await;
    from(&admin, OFFICE).patch(TENANT, list(&["192.0.2.0/24", "2001:db8::/32"])).await.expect(200);
    for address in [OFFICE, "2001:db8::1", "203.0.113.9, 192.0.2.200"] {
        from(&admin, address).get(TENANT).await.expect(200);
        from(&provider, address).get(SCIM_USERS).await.expect(200);
    }
    for address in ["203.0.113.9", "192.0.2.7, 203.0.113.9", "2001:db9::1"] {
        from(&admin, address).get(TENANT).await.expect_problem(403, "network_forbidden");
        from(&admin, address).get("/api/v2/me").await.expect_problem(403, "network_forbidden");
        from(&provider, address).get(SCIM_USERS).await.expect(403);
    }
    from(&stranger, "203.0.113.9").get(TENANT).await.expect(200);
    from(&admin, "203.0.113.9").patch(TENANT, list(&[])).await.expect_problem(403, "network_forbidden");
    from(&admin, OFFICE).patch(TENANT, list(&[])).await.expect(200);
    from(&admin, "203.0.113.9").get(TENANT).await.expect(200);
}

#[tokio::test]
async fn a_sign_in_from_elsewhere_fails_like_any_other_and_counts_for_nothing() {
    let app = behind_proxy().await;
    let admin = from(&app.tenant_admin().await, OFFICE);
    let new = json!({ "email": "ana@acme.com", "password": PASSWORD });
    admin.post("/api/v2/users", new).await.expect(201);
    admin.patch(TENANT, list(&["192.0.2.0/24"])).await.expect(200);
    let login = async |address: &str, password: &str| {
        let body = json!({ "email": "ana@acme.com", "password": password });
        from(&app.guest(), address).post("/api/v2/auth/login", body).await
    };
    login("203.0.113.9", PASSWORD).await.expect_problem(401, "invalid_credentials");
    for _ in 0..5 {
        login("203.0.113.9", "wrong").await.expect_problem(401, "invalid_credentials");
    }
    let why = "select distinct reason from audit_logs where action = 'session.refused'";
    let reasons = app.superuser.query(why, &[]).await.unwrap();
    assert_eq!(reasons.iter().map(|row| row.get(0)).collect::<Vec<String>>(), ["network_forbidden"]);
    let tokens = login(OFFICE, PASSWORD).await.expect(200);
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    let elsewhere = from(&app.guest(), "203.0.113.9").post("/api/v2/auth/refresh", refresh.clone()).await;
    elsewhere.expect_problem(403, "network_forbidden");
    from(&app.guest(), OFFICE).post("/api/v2/auth/refresh", refresh).await.expect(200);
}

#[tokio::test]
async fn nobody_shuts_themselves_out() {
    let app = behind_proxy().await;
    let admin = from(&app.tenant_admin().await, OFFICE);
    let problem =
        admin.patch(TENANT, list(&["203.0.113.0/24"])).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/settings/ip_allowlist");
    assert_eq!(problem["errors"][0]["code"], "shuts_out_caller");
    assert_eq!(admin.get(TENANT).await.expect(200)["settings"]["ip_allowlist"], json!([]));
}

#[tokio::test]
async fn operators_are_bound_by_the_list_of_system_alone_and_open_it_from_the_shell() {
    let app = behind_proxy().await;
    let (operator, admin) = (app.operator().await, app.tenant_admin().await);
    let inside = from(&operator, "203.0.113.9").with_header("elder-tenant", "acme");
    inside.patch(TENANT, list(&["192.0.2.0/24"])).await.expect(200);
    inside.get(TENANT).await.expect(200);
    from(&admin, "203.0.113.9").get(TENANT).await.expect_problem(403, "network_forbidden");

    from(&operator, OFFICE).patch(TENANT, list(&["192.0.2.0/24"])).await.expect(200);
    let tenants = "/api/v2/global/tenants";
    from(&operator, "203.0.113.9").get(tenants).await.expect_problem(403, "network_forbidden");
    inside.get(TENANT).await.expect_problem(403, "network_forbidden");
    for changes in [true, false] {
        let tx = app.worker.job::<Shell>().platform().await.unwrap();
        let system = TenantRef::Slug("system".to_owned());
        let (tenant, event) = service::clear_ip_allowlist(&tx, &system).await.unwrap();
        assert_eq!(event.is_some(), changes);
        if let Some(event) = event {
            tx.commit(tenant.id, event).await.unwrap();
        }
    }
    from(&operator, "203.0.113.9").get(tenants).await.expect(200);
}

#[tokio::test]
async fn a_forged_address_opens_nothing_without_a_trusted_proxy() {
    let app = TestApp::start().await;
    let (operator, admin) = (app.operator().await, app.tenant_admin().await);
    let inside = operator.with_header("elder-tenant", "acme");
    inside.patch(TENANT, list(&["192.0.2.0/24"])).await.expect(200);
    from(&admin, OFFICE).get(TENANT).await.expect_problem(403, "network_forbidden");
    assert_eq!(inside.get(TENANT).await.expect(200)["settings"]["ip_allowlist"], json!(["192.0.2.0/24"]));
}
