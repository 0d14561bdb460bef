//! Providers with ways of their own.

use elder_oidc::{Connection, Preset, Refusal};
use elder_testkit::{Fault, FaultyProvider};
use serde_json::{Value, json};

use crate::{Party, connection};

const OURS: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";
const THEIRS: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// An Entra of these directories: the description has a gap for the directory, each token fills it.
async fn entra(provider: &FaultyProvider, path: &str, described: &str, directories: &[&str]) -> Party {
    provider.fault(Fault::Discovery(json!({"issuer": format!("{}/{described}/v2.0", provider.issuer())})));
    let connection = Connection {
        preset: Preset::Entra,
        directories: directories.iter().map(|directory| (*directory).to_owned()).collect(),
        ..connection(&format!("{}/{path}/v2.0", provider.issuer()))
    };
    Party::at(provider.port(), connection).await.unwrap()
}

fn token(provider: &FaultyProvider, directory: &str, change: &Value) -> Fault {
    let mut claims = json!({
        "iss": format!("{}/{directory}/v2.0", provider.issuer()), "tid": directory, "oid": "an-object",
        "email": "ada@example.com",
    });
    claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    Fault::Claims(claims)
}

#[tokio::test]
async fn o_16_users_of_listed_directories_alone_come_from_an_entra_of_several() {
    let provider = FaultyProvider::start();
    for path in ["common", "organizations"] {
        let party = entra(&provider, path, "{tenantid}", &[OURS]).await;
        provider.fault(token(&provider, OURS, &json!({})));
        let identity = party.sign_in().await.unwrap();
        assert_eq!(
            identity.subject,
            format!("{OURS}/an-object"),
            "neither the subject nor the address counts"
        );
        assert_eq!(Preset::Entra.verified_email(&identity.claims), None);
        for (change, expected) in [
            (json!({"tid": THEIRS}), "directory_not_allowed"),
            (json!({"tid": null}), "claim_missing"),
            (json!({"oid": null}), "claim_missing"),
            (json!({"oid": ""}), "claim_missing"),
            (json!({"iss": format!("{}/{THEIRS}/v2.0", provider.issuer())}), "issuer_mismatch"),
            (json!({"iss": format!("{}/{{tenantid}}/v2.0", provider.issuer())}), "issuer_mismatch"),
        ] {
            provider.fault(token(&provider, OURS, &change));
            assert_eq!(party.refusal().await, expected, "{change}");
        }
        provider.fault(token(&provider, THEIRS, &json!({})));
        assert_eq!(party.refusal().await, "directory_not_allowed");
    }
}

#[tokio::test]
async fn o_16_a_key_of_one_directory_signs_nothing_for_another() {
    let provider = FaultyProvider::start();
    for (issuer, expected) in [
        ("{tenantid}", "nothing"),
        (OURS, "nothing"),
        (THEIRS, "key_issuer_mismatch"),
        ("", "key_issuer_mismatch"),
    ] {
        let party = entra(&provider, "common", "{tenantid}", &[OURS]).await;
        let mut key = provider.jwk();
        key["issuer"] = json!(format!("{}/{issuer}/v2.0", provider.issuer()));
        provider.faults([token(&provider, OURS, &json!({})), Fault::Keys(json!({"keys": [key]}))]);
        assert_eq!(party.refusal().await, expected, "{issuer}");
    }
}

#[tokio::test]
async fn o_16_an_entra_of_one_directory_needs_no_list() {
    let provider = FaultyProvider::start();
    let party = entra(&provider, OURS, OURS, &[]).await;
    provider.fault(token(&provider, OURS, &json!({})));
    party.sign_in().await.unwrap();
    provider.fault(token(&provider, OURS, &json!({"tid": THEIRS})));
    assert_eq!(party.refusal().await, "issuer_mismatch");
    let several =
        Connection { preset: Preset::Entra, ..connection(&format!("{}/common/v2.0", provider.issuer())) };
    let refused = Party::at(provider.port(), several).await.err().unwrap();
    assert_eq!(refused.refusal(), Some(Refusal::TenantsMissing));
    let generic = connection(&format!("{}/common/v2.0", provider.issuer()));
    provider.fault(Fault::Discovery(json!({"issuer": format!("{}/{{tenantid}}/v2.0", provider.issuer())})));
    let refused = Party::at(provider.port(), generic).await.err().unwrap();
    assert_eq!(refused.refusal(), Some(Refusal::DiscoveryIssuer), "only Entra may describe itself so");
}

#[tokio::test]
async fn github_signs_in_by_its_number_and_its_verified_primary_address() {
    let provider = FaultyProvider::start();
    let github = Connection {
        preset: Preset::Github,
        scopes: Preset::Github.scopes().iter().map(|scope| (*scope).to_owned()).collect(),
        ..connection(&provider.issuer())
    };
    let party = Party::at(provider.port(), github).await.unwrap();
    let begun = party.relying().begin(elder_oidc::Ask::default()).unwrap();
    assert!(
        begun.url.contains("scope=read%3Auser+user%3Aemail") && !begun.url.contains("nonce"),
        "{}",
        begun.url
    );
    let plain = || Fault::Callback(json!({"iss": null}));
    let user = |user: Value| Fault::Says("/api/v3/user", 200, user.to_string());
    let ada = || user(json!({"id": 583_231, "login": "ada", "name": "Ada", "email": "public@example.com"}));
    let addresses = |verified: bool| {
        let addresses = json!([
            {"email": "other@example.com", "primary": false, "verified": true},
            {"email": "ada@example.com", "primary": true, "verified": verified},
        ]);
        Fault::Says("/api/v3/user/emails", 200, addresses.to_string())
    };
    provider.faults([plain(), ada(), addresses(true)]);
    let identity = party.sign_in().await.unwrap();
    assert_eq!(identity.subject, "583231");
    assert_eq!(Preset::Github.verified_email(&identity.claims), Some("ada@example.com"));
    assert_eq!(identity.claims["preferred_username"], "ada");
    let more = party.relying().user_info("an-access-token", "583231").await.unwrap();
    assert_eq!(more["name"], "Ada");
    provider.faults([plain(), ada(), addresses(false)]);
    assert_eq!(Preset::Github.verified_email(&party.sign_in().await.unwrap().claims), None);
    for (other, expected) in [
        (user(json!({"login": "ada"})), "subject_invalid"),
        (user(json!({"id": "583231"})), "subject_invalid"),
        (Fault::Says("/api/v3/user", 401, String::new()), "answer_status"),
        (Fault::Says("/api/v3/user/emails", 200, "{}".to_owned()), "userinfo_invalid"),
        (
            Fault::Says("/login/oauth/access_token", 200, r#"{"error":"bad_verification_code"}"#.to_owned()),
            "grant_refused",
        ),
    ] {
        provider.faults([plain(), other.clone(), ada(), addresses(true)]);
        assert_eq!(party.refusal().await, expected, "{other:?}");
    }
}
