//! What providers that speak SAML say of themselves: when it is read, and what it may change.

use std::sync::{Arc, Mutex};

use chrono::Duration;
use elder_access::work::Shell;
use elder_sso::{ending_certificates, read_metadata_again, tell_of_certificates};
use elder_testkit::{Actor, Said, TestApp, Wire, providers};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    saml_idp::{ANA, SLO, SSO, SamlIdp, set_up},
    world::own,
};

const PATH: &str = "/api/v2/identity-providers";

/// A server that says what the test wants said.
struct Place {
    wire: Wire,
    says: Arc<Mutex<(u16, String)>>,
}

impl Place {
    fn saying(xml: String) -> Self {
        let says = Arc::new(Mutex::new((200, xml)));
        let said = says.clone();
        let wire = Wire::serve(move |_| {
            let (status, text) = said.lock().unwrap().clone();
            Said::new(status, &[("content-type", "application/samlmetadata+xml")], text)
        });
        Self { wire, says }
    }

    fn says(&self, status: u16, text: String) {
        *self.says.lock().unwrap() = (status, text);
    }

    fn url(&self) -> String {
        format!("{}/metadata", self.wire.url())
    }
}

fn by_url(place: &Place) -> Value {
    json!({ "name": "Acme SAML", "idp_type": "saml", "metadata_url": place.url(), "jit_provisioning_enabled": true })
}

async fn start() -> (TestApp, Actor) {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    own(&app, app.acme.id, "acme.com").await;
    (app, admin)
}

async fn shown(admin: &Actor, made: &Value) -> Value {
    admin.get(&format!("{PATH}/{}", made["id"].as_str().unwrap())).await.expect(200)
}

/// Whether Ana gets in by this provider now.
async fn gets_in(app: &TestApp, idp: &SamlIdp, made: &Value) -> bool {
    let (browser, id) = (Browser::open(app), made["id"].as_str().unwrap());
    let asked = SamlIdp::asked(&browser.get(&format!("/sso/saml/{id}/login")).await.leads_to());
    let answer = idp.answer(made, Some(&asked.id), &ANA, app.seam.now());
    let fields = [("SAMLResponse", answer.as_str()), ("RelayState", asked.relay_state.as_str())];
    if browser.brought(&format!("/sso/saml/{id}/acs"), &fields).await.status != 303 {
        return false;
    }
    browser.get(&format!("/sso/saml/{id}/acs")).await.leads_to() == "/account"
}

#[tokio::test]
async fn a_provider_is_set_up_by_the_address_of_its_metadata_or_by_the_metadata_itself() {
    let (app, admin) = start().await;
    let idp = SamlIdp::new();
    let place = Place::saying(idp.metadata());
    let made = set_up(&admin, by_url(&place)).await;
    assert_eq!(
        (&made["entity_id"], &made["sso_url"], &made["slo_url"]),
        (&json!(idp.entity), &json!(SSO), &json!(SLO))
    );
    assert_eq!(made["certificates"].as_array().unwrap().len(), 1);
    assert!(made["oidc_issuer_url"].is_null() && made["saml"]["clock_skew_seconds"] == 60, "{made}");
    assert_eq!(made, shown(&admin, &made).await);
    assert!(gets_in(&app, &idp, &made).await);

    let sent = json!({ "name": "Sent", "idp_type": "saml", "metadata_xml": idp.metadata() });
    let sent = set_up(&admin, sent).await;
    assert_eq!((&sent["entity_id"], &sent["metadata_url"]), (&json!(idp.entity), &Value::Null));
    // By hand from now on.
    let path = format!("{PATH}/{}", sent["id"].as_str().unwrap());
    let by_hand = json!({ "certificates": [SamlIdp::new().certificate] });
    let changed = admin.patch(&path, by_hand).await.expect(200);
    assert_ne!(changed["certificates"], sent["certificates"]);
    assert_eq!(changed["sso_url"], json!(SSO));
    let stored = "select metadata_xml is null from idp_configurations where name = 'Sent'";
    assert!(app.superuser.query_one(stored, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn s_01_a_provider_without_a_good_certificate_is_refused_where_it_is_set_up() {
    let (_app, admin) = start().await;
    let idp = SamlIdp::new();
    let keyless = idp.metadata().replace("use=\"signing\"", "use=\"encryption\"");
    let (before, rest) = keyless.split_once("<KeyDescriptor").unwrap();
    let (_, after) = rest.split_once("</KeyDescriptor>").unwrap();
    for metadata in [keyless.clone(), format!("{before}{after}"), "<x/>".to_owned(), "no XML".to_owned()] {
        let body = json!({ "name": "x", "idp_type": "saml", "metadata_xml": metadata });
        let problem = admin.post(PATH, body).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/metadata_xml", "{problem}");
    }
    for (settings, pointer) in [
        (json!({ "certificates": [] }), "/certificates"),
        (json!({ "certificates": ["no certificate"] }), "/certificates"),
        (json!({ "entity_id": null }), "/entity_id"),
        (json!({ "oidc_client_id": "elder" }), "/oidc_client_id"),
    ] {
        let problem = admin.post(PATH, idp.by_hand(&settings)).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let mixed = json!({ "name": "x", "sso_url": SSO });
    let problem = admin.post(PATH, mixed).await.expect_problem(400, "validation_failed");
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["/sso_url", "/oidc_issuer_url", "/oidc_client_id"]);
}

#[tokio::test]
async fn s_24_metadata_that_cannot_be_had_or_is_of_another_provider_changes_nothing() {
    let (app, admin) = start().await;
    let idp = SamlIdp::new();
    let place = Place::saying(idp.metadata());
    let made = set_up(&admin, by_url(&place)).await;
    let mut other = SamlIdp::new();
    other.entity = "https://evil.example/metadata".to_owned();
    for (status, text) in
        [(200, other.metadata()), (500, String::new()), (200, "<x/>".to_owned()), (200, "x".repeat(300_000))]
    {
        place.says(status, text);
        app.clock.advance(Duration::days(1));
        read_metadata_again(&app.worker, &providers(&app.seam)).await.unwrap();
        assert_eq!(shown(&app.tenant_admin().await, &made).await, made);
    }
    let admin = app.tenant_admin().await;
    place.says(500, String::new());
    let patch = json!({ "metadata_url": place.url() });
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, patch).await.expect_problem(502, "provider_failed");
    // What lies behind Elder is not asked, W-20.
    for inside in ["http://169.254.169.254/latest", "http://10.0.0.1/metadata", "file:///etc/passwd"] {
        let answer = admin.patch(&path, json!({ "metadata_url": inside })).await;
        assert!([400, 502].contains(&answer.status), "{inside}: {}", answer.text);
    }
    let report = admin.post(&format!("{path}/test"), json!(null)).await.expect(200);
    assert_eq!(
        (&report["is_good"], &report["steps"][0]["name"]),
        (&json!(false), &json!("metadata_url")),
        "{report}"
    );
}

#[tokio::test]
async fn s_26_a_key_that_is_not_known_is_looked_for_in_the_metadata_once_a_minute() {
    let (app, admin) = start().await;
    let idp = SamlIdp::new();
    let place = Place::saying(idp.metadata());
    let made = set_up(&admin, by_url(&place)).await;
    let next = idp.with_another_key();
    app.clock.advance(Duration::minutes(2));
    assert!(!gets_in(&app, &next, &made).await, "a stranger's key");
    place.says(200, next.metadata());
    assert!(!gets_in(&app, &next, &made).await, "asked a moment ago");
    app.clock.advance(Duration::minutes(2));
    assert!(gets_in(&app, &next, &made).await);
    assert!(!gets_in(&app, &idp, &made).await, "the key of before is gone");
    assert_ne!(shown(&admin, &made).await["certificates"], made["certificates"]);
    // And so it is every day.
    place.says(200, idp.metadata());
    app.clock.advance(Duration::days(1));
    read_metadata_again(&app.worker, &providers(&app.seam)).await.unwrap();
    assert!(gets_in(&app, &idp, &made).await);
    assert!(app.audit_count("idp.metadata_read").await >= 3);
}

#[tokio::test]
async fn s_26_the_end_of_the_last_certificate_is_told_beforehand() {
    let (app, admin) = start().await;
    let made = set_up(&admin, SamlIdp::new().by_hand(&json!({}))).await;
    let end = "select certificates_end_at from idp_configurations";
    let end: chrono::DateTime<chrono::Utc> = app.superuser.query_one(end, &[]).await.unwrap().get(0);
    let told = || app.audit_count("idp.certificate_expiring");
    let left = |days: i64| end - app.seam.now() - Duration::days(days);
    for (days, expected) in [(31, 0), (30, 1), (29, 1), (7, 2), (1, 3), (0, 3)] {
        app.clock.advance(left(days));
        tell_of_certificates(&app.worker).await.unwrap();
        assert_eq!(told().await, expected, "{days} days before");
        // What the doctor asks.
        let ending = ending_certificates(&app.worker.job::<Shell>(), 7).await.unwrap();
        let found: Vec<_> = ending.iter().map(|one| (one.tenant, one.ends_at)).collect();
        assert_eq!(found, if days > 7 { vec![] } else { vec![(app.acme.id, end)] }, "{days} days before");
    }
    let path = format!("{PATH}/{}/test", made["id"].as_str().unwrap());
    let report = app.tenant_admin().await.post(&path, json!(null)).await.expect(200);
    assert_eq!(report["is_good"], false, "{report}");
}
