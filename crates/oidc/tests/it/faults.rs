//! O-01 to O-24 as far as they are about the provider and its answer: one fault a row, and the good case beside them.

use std::time::Duration;

use elder_oidc::{Ask, Callback, Refusal};
use elder_testkit::{Fault, FaultyProvider};
use serde_json::json;

use crate::{Party, connection, rows};

#[tokio::test]
async fn o_01_an_answer_belongs_to_the_sign_in_that_was_begun() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    let (callback, pending) = party.go(Ask::default()).await;
    let (_, other) = party.go(Ask::default()).await;
    let refused = party.relying().finish(&callback, &other).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::StateMismatch), "another browser's");
    assert_eq!(provider.asked("/token"), 0, "nothing is done with its code");
    party.relying().finish(&callback, &pending).await.unwrap();
    let again = party.relying().finish(&callback, &pending).await.unwrap_err();
    assert_eq!(again.refusal(), Some(Refusal::GrantRefused), "the provider gives nothing twice");
    for query in ["", "code=a", "code=a&state=", "state=&code=a"] {
        let callback = Callback::parse(query).unwrap();
        let refused = party.relying().finish(&callback, &pending).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::StateMismatch), "{query}");
    }
    for query in ["state=a&state=b", "code=a&code=a", "iss=a&iss=a", "error=a&error=b", "state=a&st%61te=b"] {
        assert_eq!(Callback::parse(query), Err(Refusal::CallbackMalformed), "{query}");
    }
}

#[tokio::test]
async fn o_03_pkce_goes_by_s256_whatever_the_provider_offers() {
    let provider = FaultyProvider::start();
    for methods in [json!(["S256"]), json!(["plain"]), json!(null)] {
        provider.fault(Fault::Discovery(json!({"code_challenge_methods_supported": methods})));
        let party = Party::of(&provider).await;
        let begun = party.relying().begin(Ask::default()).unwrap();
        assert!(
            begun.url.contains("code_challenge_method=S256") && !begun.url.contains(&begun.pending.verifier)
        );
        let other = party.relying().begin(Ask::default()).unwrap();
        assert_ne!(begun.pending.verifier, other.pending.verifier);
        let (callback, mut pending) = party.go(Ask::default()).await;
        pending.verifier = other.pending.verifier;
        let refused = party.relying().finish(&callback, &pending).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Refusal::GrantRefused), "the proof of another sign-in");
    }
}

#[tokio::test]
async fn o_12_the_user_info_is_about_the_same_user() {
    rows(vec![
        ("userinfo-invalid-sub", Fault::UserInfo(json!({"sub": "eve"})), "subject_mismatch"),
        ("a twin by case", Fault::UserInfo(json!({"sub": "Ada"})), "subject_mismatch"),
        ("no sub", Fault::UserInfo(json!({"sub": null})), "claim_missing"),
        ("userinfo-signed", Fault::Says("/userinfo", 200, "e30.e30.e30".to_owned()), "userinfo_invalid"),
        ("an error", Fault::Says("/userinfo", 403, String::new()), "answer_status"),
    ])
    .await;
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    provider
        .fault(Fault::UserInfo(json!({"iss": "https://evil.example", "sid": "of-another", "nonce": "x"})));
    let identity = party.sign_in().await.unwrap();
    assert_eq!(identity.claims["iss"], provider.issuer(), "what speaks of the token stays as it was signed");
    assert_eq!(identity.session.as_deref(), Some("a-session"));
}

#[tokio::test]
async fn o_13_a_description_is_of_the_very_issuer_and_whole() {
    let provider = FaultyProvider::start();
    let issuer = provider.issuer();
    let discover = async |named: &str| Party::at(provider.port(), connection(named)).await.map(drop);
    let reason = async |named: &str| discover(named).await.err().map(|error| error.reason());
    assert_eq!(reason(&issuer).await, None);
    for named in [format!("{issuer}/"), issuer.to_uppercase(), format!("{issuer}/.")] {
        assert!(reason(&named).await.is_some(), "discovery-issuer-mismatch {named}");
    }
    for (named, expected) in [
        (format!("{issuer}?x"), "issuer_invalid"),
        (format!("{issuer}#x"), "issuer_invalid"),
        ("not a url".to_owned(), "issuer_invalid"),
        ("http://idp.example".to_owned(), "https_required"),
    ] {
        assert_eq!(reason(&named).await, Some(expected), "{named}");
    }
    let says = |text: &str| Fault::Says("/.well-known/openid-configuration", 200, text.to_owned());
    for (fault, expected) in [
        (Fault::Discovery(json!({"issuer": "https://evil.example"})), "discovery_issuer_mismatch"),
        (Fault::Discovery(json!({"issuer": format!("{issuer}/")})), "discovery_issuer_mismatch"),
        (Fault::Discovery(json!({"issuer": null})), "discovery_issuer_mismatch"),
        (Fault::Discovery(json!({"token_endpoint": null})), "discovery_incomplete"),
        (Fault::Discovery(json!({"authorization_endpoint": 1})), "discovery_incomplete"),
        (Fault::Discovery(json!({"jwks_uri": null})), "discovery_incomplete"),
        (says("<html>"), "answer_not_json"),
        (says(r#"{"issuer": "a", "issuer": "b"}"#), "answer_not_json"),
        (Fault::Says("/.well-known/openid-configuration", 404, String::new()), "answer_status"),
    ] {
        provider.fault(fault.clone());
        assert_eq!(reason(&issuer).await, Some(expected), "{fault:?}");
    }
}

#[tokio::test]
async fn o_14_an_answer_comes_from_the_provider_that_was_asked() {
    rows(vec![
        (
            "iss of another",
            Fault::Callback(json!({"iss": "https://evil.example"})),
            "callback_issuer_mismatch",
        ),
        ("iss missing though promised", Fault::Callback(json!({"iss": null})), "callback_issuer_missing"),
    ])
    .await;
    let provider = FaultyProvider::start();
    let silent = Fault::Discovery(json!({"authorization_response_iss_parameter_supported": null}));
    provider.fault(silent);
    let party = Party::of(&provider).await;
    provider.fault(Fault::Callback(json!({"iss": null})));
    assert_eq!(party.refusal().await, "nothing", "nobody has promised it");
    provider.fault(Fault::Callback(json!({"iss": "https://evil.example"})));
    assert_eq!(party.refusal().await, "callback_issuer_mismatch", "what is there is checked");
}

#[tokio::test]
async fn o_19_no_address_of_a_description_leads_into_a_private_network() {
    let provider = FaultyProvider::start();
    let fields =
        ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"];
    for field in fields {
        for (url, expected) in [
            ("https://169.254.169.254/", "address_refused"),
            ("https://[::ffff:7f00:1]/", "address_refused"),
            ("https://2130706433/", "address_refused"),
            ("http://idp.example/", "https_required"),
            ("https://user:password@idp.example/", "url_has_credentials"),
            ("javascript:alert(1)", "url_invalid"),
        ] {
            provider.fault(Fault::Discovery(json!({field: url})));
            let refused = Party::at(provider.port(), connection(&provider.issuer())).await.err().unwrap();
            assert_eq!(refused.reason(), expected, "{field} {url}");
        }
    }
    provider.heal();
    let mut party = Party::of(&provider).await;
    party.discovered.jwks_uri = Some("https://10.0.0.1/jwks".to_owned());
    assert_eq!(
        party.refusal().await,
        "address_refused",
        "changed after it was kept: it is checked with each call"
    );
}

#[tokio::test]
async fn o_23_a_provider_that_is_out_of_order_is_an_error_and_never_a_sign_in() {
    let says = |path, status, text: &str| Fault::Says(path, status, text.to_owned());
    rows(vec![
        ("HTML for keys", says("/jwks", 200, "<html>"), "answer_not_json"),
        ("keys of 10 MB", says("/jwks", 200, &"a".repeat(10 << 20)), "answer_too_long"),
        ("keys of 500", says("/jwks", 500, ""), "answer_status"),
        ("HTML for tokens", says("/token", 200, "<html>"), "answer_not_json"),
        ("tokens of 500", says("/token", 500, "<html>"), "answer_status"),
        ("an empty answer", says("/token", 200, ""), "token_answer_invalid"),
        ("an answer without a token", says("/token", 200, "{}"), "token_answer_invalid"),
        ("no access token", Fault::Token(json!({"access_token": null})), "token_answer_invalid"),
        ("a token of another kind", Fault::Token(json!({"token_type": "DPoP"})), "token_type_unknown"),
        ("invalid_client", says("/token", 401, r#"{"error":"invalid_client"}"#), "client_refused"),
        ("invalid_grant", says("/token", 400, r#"{"error":"invalid_grant"}"#), "grant_refused"),
        (
            "an error of status 200",
            says("/token", 200, r#"{"error":"bad_verification_code"}"#),
            "grant_refused",
        ),
        ("a redirect of the secret", says("/token", 307, ""), "redirect_refused"),
    ])
    .await;
}

#[tokio::test]
async fn o_23_a_provider_that_is_slow_is_given_up_and_others_go_on() {
    let (slow, other) = (FaultyProvider::start(), FaultyProvider::start());
    let (waiting, party) = (Party::of(&slow).await, Party::of(&other).await);
    slow.fault(Fault::Slow("/token", Duration::from_secs(30)));
    let (verdict, ()) = tokio::join!(waiting.refusal(), async { party.sign_in().await.map(drop).unwrap() });
    assert_eq!(verdict, "timed_out");
    for _ in 0..4 {
        assert_eq!(waiting.refusal().await, "timed_out");
    }
    assert_eq!(waiting.refusal().await, "host_paused", "nobody waits for it any more");
}

#[tokio::test]
async fn o_24_an_error_of_the_provider_is_told_in_words_of_our_own() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    for (error, expected) in [
        ("access_denied", Refusal::Denied),
        ("login_required", Refusal::InteractionRequired),
        ("consent_required", Refusal::InteractionRequired),
        ("server_error", Refusal::ProviderUnavailable),
        ("temporarily_unavailable", Refusal::ProviderUnavailable),
        ("<script>alert(1)</script>", Refusal::ProviderRefused),
        ("", Refusal::ProviderRefused),
    ] {
        let description = "<script>alert(1)</script>";
        provider.fault(Fault::Callback(json!({"error": error, "error_description": description})));
        let refused = party.sign_in().await.err().unwrap();
        assert_eq!(refused.refusal(), Some(expected), "{error}: an error counts more than a code");
        assert!(!format!("{refused} {refused:?}").contains('<'));
    }
    provider.fault(Fault::Callback(json!({"code": null})));
    assert_eq!(party.refusal().await, "callback_malformed");
    provider.fault(Fault::Callback(json!({"code": ""})));
    assert_eq!(party.refusal().await, "callback_malformed");
}
