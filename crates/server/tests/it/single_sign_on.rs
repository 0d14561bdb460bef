//! Signing in by providers that others have written, in a real browser: there and back, and out again both ways.

use std::{net::TcpListener, path::Path, process::Command};

use elder_testkit::{OidcProvider, SimpleSamlPhp, TestDatabase};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    clients::{run, told},
    process::{OWNER, PASSWORD, Process, command, data_directory},
};

const WALK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pages/single_sign_on.py");
const SECRET: &str = "-a=secret_of the client";

/// A server whose operators own `example.com`, and the token of their admin.
struct Site {
    url: String,
    client: Client,
    token: String,
    data: TempDir,
    _server: Process,
    _database: TestDatabase,
}

impl Site {
    async fn open() -> Self {
        let (database, data) = (TestDatabase::create().await, data_directory());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://localhost:{port}");
        let mut serve = command(data.path(), Some(&database));
        serve.env("ELDER_HTTP__BIND", format!("127.0.0.1:{port}")).env("ELDER_HTTP__PUBLIC_URL", &url);
        serve.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
        // The providers of these tests are on this machine.
        serve.env("ELDER_OUTBOUND__ALLOW_HOSTS", "127.0.0.1");
        let server = Process::spawn(serve.arg("serve"));
        let own =
            "insert into tenant_domains (tenant_id, id, domain, verification_token, verified_at, verified_by)
            values (1, gen_random_uuid(), 'example.com', 'proof', now(), 'dns')";
        database.superuser().await.execute(own, &[]).await.unwrap();
        let client = Client::new();
        let login = json!({ "email": OWNER, "password": PASSWORD });
        let answer = client.post(format!("{url}/api/v2/auth/login")).json(&login).send().await.unwrap();
        let tokens: Value = answer.json().await.unwrap();
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        Self { url, client, token, data, _server: server, _database: database }
    }

    /// Calls the API as the admin.
    async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let method = method.parse().unwrap();
        let request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.json(body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Takes one of the journeys of `single_sign_on.py`.
    fn walk(&self, journey: &str, provider: &str) {
        let mut walk = Command::new(told("ELDER_TEST_PYTHON"));
        walk.env("PYTHONDONTWRITEBYTECODE", "1");
        walk.arg(Path::new(WALK)).args([journey, &self.url, OWNER, PASSWORD]);
        walk.arg(self.data.path().join("mails")).arg(told("ELDER_TEST_CHROMIUM")).arg(told("ELDER_TEST_AXE"));
        walk.env("PROVIDER", provider);
        let said = run(&mut walk);
        assert!(said.contains("the walk is done"), "{said}");
    }
}

#[tokio::test]
async fn somebody_goes_to_npms_oidc_provider_and_back_and_signs_out_both_ways() {
    let site = Site::open().await;
    let new = json!({
        "name": "Acme Login", "oidc_issuer_url": "http://127.0.0.1:9", "oidc_client_id": "elder",
        "oidc_client_secret": SECRET, "oidc_scopes": ["openid", "email", "profile", "groups"],
        "jit_provisioning_enabled": true, "single_logout": true,
        "role_rules": [{ "if": "groups eq \"staff\"", "then": { "tenant_role": "maintainer" } }],
    });
    let made = site.call("POST", "/api/v2/identity-providers", &new).await;
    let id = made["id"].as_str().unwrap();
    let url = &site.url;
    let peer = OidcProvider::start(&json!([{
        "client_id": "elder", "client_secret": SECRET, "grant_types": ["authorization_code"],
        "redirect_uris": [format!("{url}/sso/oidc/callback")],
        "post_logout_redirect_uris": [format!("{url}/sign-in")],
        "backchannel_logout_uri": format!("{url}/sso/oidc/backchannel-logout/{id}"),
        "backchannel_logout_session_required": true,
    }]));
    let known = json!({ "oidc_issuer_url": peer.issuer(), "oidc_client_secret": SECRET });
    site.call("PATCH", &format!("/api/v2/identity-providers/{id}"), &known).await;
    site.walk("by_openid_connect", peer.issuer());
}

#[tokio::test]
async fn somebody_goes_to_simplesamlphp_and_back_and_signs_out_both_ways() {
    let (site, peer) = (Site::open().await, SimpleSamlPhp::start(true));
    let new = json!({
        "name": "Acme Login", "idp_type": "saml", "metadata_url": peer.metadata_url(),
        "jit_provisioning_enabled": true, "single_logout": true, "saml": { "idp_initiated": true, "allow_cbc": true },
        "role_rules": [{ "if": "groups eq \"staff\"", "then": { "tenant_role": "maintainer" } }],
    });
    let made = site.call("POST", "/api/v2/identity-providers", &new).await;
    let entity = made["service_provider"]["entity_id"].as_str().unwrap();
    let described = site.client.get(entity).send().await.unwrap().text().await.unwrap();
    peer.trust(&described);
    let report = format!("/api/v2/identity-providers/{}/test", made["id"].as_str().unwrap());
    let report = site.call("POST", &report, &Value::Null).await;
    assert_eq!(report["is_good"], true, "{report}");
    let (start, out) = (peer.start_url(entity), peer.logout_url());
    site.walk("by_saml", &format!("{} {start} {out}", peer.url()));
}
