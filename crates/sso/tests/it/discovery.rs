//! Which way somebody signs in, told to programs and on the page.

use serde_json::json;

use crate::{browser::Browser, world::World};

#[tokio::test]
async fn an_address_leads_to_the_provider_of_the_tenant_that_owns_its_domain() {
    let world = World::with(json!({ "provider": "keycloak" })).await;
    let guest = world.app.guest();
    let ask =
        async |email: &str| guest.post("/api/v2/auth/discover", json!({ "email": email })).await.expect(200);
    let local = json!({ "method": "password", "passkey": true });
    let there = json!({
        "method": "redirect", "idp": { "id": world.idp, "name": "Acme Login", "provider": "keycloak", "idp_type": "oidc" },
        "url": format!("http://elder.test/sso/oidc/authorize/{}", world.idp),
    });
    for known in ["ana@acme.com", "nobody@ACME.com"] {
        assert_eq!(ask(known).await, there, "{known}");
    }
    for unknown in ["ana@globex.com", "ana@sub.acme.com", "ana", "", "ana@acme.com@globex.com"] {
        assert_eq!(ask(unknown).await, local, "{unknown}");
    }
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    world.admin.patch(&path, json!({ "is_active": false })).await.expect(200);
    assert_eq!(ask("ana@acme.com").await, local);
}

#[tokio::test]
async fn a_domain_that_is_not_proven_leads_nowhere() {
    let world = World::with(json!({})).await;
    let release = "update tenant_domains set verified_at = null, verified_by = null";
    world.app.superuser.execute(release, &[]).await.unwrap();
    let answer = world.app.guest().post("/api/v2/auth/discover", json!({ "email": "ana@acme.com" })).await;
    assert_eq!(answer.expect(200)["method"], "password");
}

#[tokio::test]
async fn the_page_offers_the_providers_of_the_tenant_that_somebody_comes_to() {
    let world = World::with(json!({})).await;
    let browser = Browser::open(&world.app);
    let plain = browser.get("/sign-in").await;
    assert!(!plain.text.contains("/sso/oidc/authorize/"), "{}", plain.text);
    let way = format!("href=\"/sso/oidc/authorize/{}?tenant=acme\"", world.idp);
    browser.get("/sign-in?tenant=acme").await.says(&way).says("Sign in with Acme Login");
    let other = browser.get("/sign-in?tenant=globex").await;
    assert!(!other.text.contains("/sso/oidc/authorize/"), "{}", other.text);
}
