//! A sign-in by a provider that others have written.

use elder_testkit::{OidcProvider, TestApp};
use serde_json::json;

use crate::{browser::Browser, world::own};

#[tokio::test]
async fn somebody_signs_in_by_the_oidc_provider_of_npm_and_gets_what_their_group_gives() {
    let app = TestApp::start().await;
    let secret = "-a=secret_of +client&co";
    let peer = OidcProvider::start(&json!([{
        "client_id": "elder", "client_secret": secret, "redirect_uris": ["http://elder.test/sso/oidc/callback"],
        "grant_types": ["authorization_code"],
    }]));
    let admin = app.tenant_admin().await;
    own(&app, app.acme.id, "example.com").await;
    let made = admin
        .post(
            "/api/v2/identity-providers",
            json!({
                "name": "Npm", "oidc_issuer_url": peer.issuer(), "oidc_client_id": "elder",
                "oidc_client_secret": secret, "oidc_scopes": ["openid", "email", "profile", "groups"],
                "jit_provisioning_enabled": true,
                "role_rules": [{ "if": "groups eq \"staff\"", "then": { "tenant_role": "maintainer" } }],
            }),
        )
        .await
        .expect(201);
    let idp = made["id"].as_str().unwrap();
    let report = admin.post(&format!("/api/v2/identity-providers/{idp}/test"), json!(null)).await.expect(200);
    assert_eq!(report["is_good"], true, "{report}");

    let browser = Browser::open(&app);
    let start = browser.get(&format!("/sso/oidc/authorize/{idp}?login_hint=grace")).await.leads_to();
    let there = elder_testkit::Browser::default();
    let (back, page) = there.go(&start, "http://elder.test/").await;
    let back = back.strip_prefix("http://elder.test").unwrap_or_else(|| panic!("{page}"));
    assert_eq!(browser.get(back).await.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("grace@example.com"));
    let user = admin.get("/api/v2/users?filter=email%20eq%20%22grace@example.com%22").await.expect(200);
    let user = user["data"][0]["id"].as_str().unwrap().to_owned();
    let check = format!("/api/v2/access/check?permission=organizations:write&user_id={user}");
    assert_eq!(admin.get(&check).await.expect(200)["allowed"], true);
}
