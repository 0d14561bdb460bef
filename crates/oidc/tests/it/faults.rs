//! O-01 to O-24 as far as they are the protocol's: one fault a row, and the good case beside them.

use std::time::Duration;

use elder_oidc::{Ask, Callback, Keys, Refusal};
use elder_testkit::{CLIENT, Fault, FaultyProvider, Signer};
use serde_json::{Value, json};

use crate::{Party, connection};

/// Tries sign-ins with one fault each, and a good one before and after. The names are those of the OpenID Foundation's
/// suite, where it has one.
async fn rows(rows: Vec<(&str, Fault, &str)>) {
    let provider = FaultyProvider::start();
    let mut party = Party::of(&provider).await;
    assert_eq!(party.refusal().await, "nothing", "without a fault");
    for (name, fault, expected) in rows {
        // Nobody has asked for keys yet, so that none is too fresh to be asked for again.
        party.keys = Keys::default();
        provider.fault(fault);
        assert_eq!(party.refusal().await, expected, "{name}");
    }
    provider.heal();
    assert_eq!(party.refusal().await, "nothing", "without a fault again");
}

fn now() -> i64 {
    elder_kernel::Clock::system().now().timestamp()
}

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
async fn o_02_the_nonce_of_the_id_token_is_there_and_is_ours() {
    rows(vec![
        ("nonce-invalid", Fault::Claims(json!({"nonce": "another"})), "nonce_mismatch"),
        ("nonce absent", Fault::Claims(json!({"nonce": null})), "nonce_mismatch"),
        ("nonce empty", Fault::Claims(json!({"nonce": ""})), "nonce_mismatch"),
    ])
    .await;
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
async fn o_04_an_unsigned_id_token_is_refused() {
    let mut faults = Vec::new();
    for name in ["none", "None", "nOnE", "NONE"] {
        faults.push(("idtoken-sig-none", Fault::Header(json!({"alg": name})), "jwt_algorithm_refused"));
    }
    faults.push(("no algorithm", Fault::Header(json!({"alg": null})), "jwt_algorithm_refused"));
    faults.push(("no signature", Fault::Signed(Signer::Nobody), "signature_invalid"));
    rows(faults).await;
}

#[tokio::test]
async fn o_05_a_public_key_is_never_a_shared_secret() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    party.sign_in().await.unwrap();
    for signer in [Signer::PublicKeyAsSecret, Signer::ClientSecret] {
        provider.faults([Fault::Header(json!({"alg": "HS256"})), Fault::Signed(signer)]);
        assert_eq!(party.refusal().await, "jwt_algorithm_refused", "invalid-sig-hs256 {signer:?}");
        provider.fault(Fault::Signed(signer));
        assert_eq!(party.refusal().await, "signature_invalid", "{signer:?} under the name of RS256");
    }
    provider.fault(Fault::Header(json!({"alg": "PS256"})));
    assert_eq!(party.refusal().await, "jwt_algorithm_refused", "another one than was agreed on");
}

#[tokio::test]
async fn o_06_the_signature_is_checked_though_the_token_comes_from_the_token_endpoint() {
    rows(vec![("invalid-sig-rs256", Fault::Signed(Signer::Stranger), "signature_invalid")]).await;
}

#[tokio::test]
async fn o_07_a_key_is_found_by_its_name_or_tried_if_there_is_none() {
    let stranger = FaultyProvider::start();
    let (provider, without) = (FaultyProvider::start(), Fault::Header(json!({"kid": null})));
    let mut party = Party::of(&provider).await;
    provider.fault(without.clone());
    assert_eq!(party.refusal().await, "nothing", "kid-absent-single-jwks");
    let (own, mut other) = (provider.jwk(), stranger.jwk());
    other["kid"] = json!("other");
    for keys in [json!([own, other]), json!([other, own])] {
        party.keys = Keys::default();
        provider.faults([without.clone(), Fault::Keys(json!({"keys": keys}))]);
        assert_eq!(party.refusal().await, "nothing", "kid-absent-multiple-jwks");
    }
    for (keys, expected) in [
        (json!({"keys": [other]}), "signature_invalid"),
        (json!({"keys": []}), "key_unknown"),
        (json!({"keys": vec![own.clone(); 101]}), "keys_invalid"),
        (json!({}), "keys_invalid"),
    ] {
        party.keys = Keys::default();
        provider.faults([without.clone(), Fault::Keys(keys)]);
        assert_eq!(party.refusal().await, expected);
    }
    let long = "k".repeat(1 << 20);
    for (id, expected) in [
        ("../../etc/passwd", "key_unknown"),
        ("' or 1=1 --", "key_unknown"),
        ("", "jwt_key_id_invalid"),
        (&long, "jwt_too_long"),
    ] {
        // A token of a mebibyte is longer than any answer, so it comes a little shorter.
        let id = &id[..id.len().min(200 << 10)];
        provider.fault(Fault::Header(json!({"kid": id})));
        assert_eq!(party.refusal().await, expected, "{id:.20}");
    }
}

#[tokio::test]
async fn o_07_keys_that_are_weak_secret_or_for_other_uses_verify_nothing() {
    let provider = FaultyProvider::start();
    let mut party = Party::of(&provider).await;
    let own = provider.jwk();
    for (change, expected) in [
        (json!({}), "nothing"),
        (json!({"use": "enc"}), "key_unknown"),
        (json!({"key_ops": ["encrypt"]}), "key_unknown"),
        (json!({"alg": "RS512"}), "key_unknown"),
        (json!({"alg": "RSA-OAEP"}), "key_unknown"),
        (json!({"kty": "oct", "k": "c2VjcmV0"}), "key_unknown"),
        (json!({"d": "AQAB"}), "key_unknown"),
        (json!({"n": own["n"].as_str().unwrap()[..171]}), "key_unknown"),
    ] {
        let mut key = own.clone();
        key.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        party.keys = Keys::default();
        provider.fault(Fault::Keys(json!({"keys": [key]})));
        assert_eq!(party.refusal().await, expected, "{change}");
    }
}

#[tokio::test]
async fn o_08_keys_and_addresses_of_keys_in_a_header_are_not_looked_at() {
    let (provider, stranger) = (FaultyProvider::start(), FaultyProvider::start());
    let party = Party::of(&provider).await;
    let keys = format!("{}/jwks", stranger.issuer());
    for header in
        [json!({"jwk": stranger.jwk()}), json!({"jku": keys}), json!({"x5u": keys}), json!({"x5c": ["MIIB"]})]
    {
        provider.fault(Fault::Header(header.clone()));
        assert_eq!(party.refusal().await, "nothing", "{header}");
        provider.faults([Fault::Header(header.clone()), Fault::Signed(Signer::Stranger)]);
        assert_eq!(party.refusal().await, "signature_invalid", "{header}");
    }
    assert_eq!(stranger.asked("/jwks"), 0);
}

#[tokio::test]
async fn o_09_other_forms_and_extensions_of_tokens_are_refused() {
    let token = |id_token: Value| Fault::Token(json!({"id_token": id_token}));
    let header = |name: &str, value: Value| Fault::Header(json!({name: value}));
    rows(vec![
        ("JSON serialisation", token(json!({"payload": "e30", "signatures": []})), "jwt_malformed"),
        ("JSON as a text", token(json!("{\"payload\":\"e30\"}")), "jwt_malformed"),
        ("JWE", token(json!("a.b.c.d.e")), "jwt_encrypted"),
        ("two parts", token(json!("e30.e30")), "jwt_malformed"),
        ("no ID token", token(json!(null)), "id_token_missing"),
        ("crit", header("crit", json!(["exp"])), "jwt_critical_header"),
        ("b64", header("b64", json!(false)), "jwt_critical_header"),
        ("zip", header("zip", json!("DEF")), "jwt_critical_header"),
        ("cty", header("cty", json!("JWT")), "jwt_critical_header"),
        ("an access token", header("typ", json!("at+jwt")), "jwt_type_refused"),
        ("a logout token", header("typ", json!("logout+jwt")), "jwt_type_refused"),
        ("twice", Fault::RawClaims(r#"{"sub":"ada","sub":"eve"}"#.to_owned()), "jwt_duplicate_name"),
        ("no object", Fault::RawClaims("[]".to_owned()), "jwt_malformed"),
    ])
    .await;
}

#[tokio::test]
async fn o_10_issuer_audience_times_and_subject_are_checked() {
    let claims = |change: Value| Fault::Claims(change);
    rows(vec![
        ("invalid-iss", claims(json!({"iss": "https://evil.example"})), "issuer_mismatch"),
        ("missing-iss", claims(json!({"iss": null})), "claim_missing"),
        ("invalid-aud", claims(json!({"aud": "another"})), "audience_mismatch"),
        ("missing-aud", claims(json!({"aud": null})), "claim_missing"),
        ("aud twice without azp", claims(json!({"aud": [CLIENT, "other"]})), "authorized_party_mismatch"),
        ("azp of another", claims(json!({"azp": "other"})), "authorized_party_mismatch"),
        ("aud twice, azp ours", claims(json!({"aud": [CLIENT, "other"], "azp": CLIENT})), "nothing"),
        ("azp ours, aud not", claims(json!({"aud": ["other"], "azp": CLIENT})), "audience_mismatch"),
        ("missing-exp", claims(json!({"exp": null})), "claim_missing"),
        ("expired", claims(json!({"exp": now() - 120})), "token_expired"),
        ("expired within the skew", claims(json!({"exp": now() - 20})), "nothing"),
        ("exp as a text", claims(json!({"exp": "4102444800"})), "claim_missing"),
        ("missing-iat", claims(json!({"iat": null})), "claim_missing"),
        ("iat in the future", claims(json!({"iat": now() + 600})), "issued_at_invalid"),
        ("iat within the skew", claims(json!({"iat": now() + 30})), "nothing"),
        ("missing-sub", claims(json!({"sub": null})), "claim_missing"),
    ])
    .await;
}

#[tokio::test]
async fn o_10_a_sign_in_is_as_fresh_as_was_asked_for() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    for (time, expected) in [
        (json!(now()), None),
        (json!(now() - 100), None),
        (json!(now() - 300), Some(Refusal::AuthTime)),
        (json!(null), Some(Refusal::ClaimMissing)),
    ] {
        provider.fault(Fault::Claims(json!({"auth_time": time})));
        let (callback, pending) = party.go(Ask { max_age: Some(120), ..Ask::default() }).await;
        let verdict = party.relying().finish(&callback, &pending).await.err();
        assert_eq!(verdict.and_then(|error| error.refusal()), expected, "{time}");
    }
}

#[tokio::test]
async fn o_11_hashes_that_are_there_must_be_right() {
    rows(vec![
        (
            "invalid-athash",
            Fault::Claims(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})),
            "access_token_hash_mismatch",
        ),
        ("at_hash of another form", Fault::Claims(json!({"at_hash": 1})), "claim_missing"),
        ("missing-athash", Fault::Claims(json!({"at_hash": null})), "nothing"),
        ("invalid-chash", Fault::Claims(json!({"c_hash": "AAAAAAAAAAAAAAAAAAAAAA"})), "code_hash_mismatch"),
        (
            "another access token",
            Fault::Token(json!({"access_token": "another"})),
            "access_token_hash_mismatch",
        ),
    ])
    .await;
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
async fn o_18_a_subject_is_a_text_of_1_to_255_bytes_compared_to_the_byte() {
    let subject = |sub: Value| Fault::Claims(json!({"sub": sub}));
    rows(vec![
        ("empty", subject(json!("")), "subject_invalid"),
        ("a number", subject(json!(7)), "subject_invalid"),
        ("300 characters", subject(json!("s".repeat(300))), "subject_invalid"),
        ("256 bytes", subject(json!("é".repeat(128))), "subject_invalid"),
        ("another than the user info's", subject(json!("Ada")), "subject_mismatch"),
        ("with a space", subject(json!("ada ")), "subject_mismatch"),
    ])
    .await;
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    for sub in ["s".repeat(255), "ÄDA\u{308} ' <b>".to_owned()] {
        provider.faults([subject(json!(sub)), Fault::UserInfo(json!({"sub": sub}))]);
        assert_eq!(party.sign_in().await.unwrap().subject, sub);
    }
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
    party.discovered.jwks_uri = Some("https://127.0.0.1:9/jwks".to_owned());
    assert_eq!(
        party.refusal().await,
        "address_refused",
        "changed after it was kept: it is checked with each call"
    );
}

#[tokio::test]
async fn o_22_new_keys_of_the_provider_are_learned_by_one_question() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    party.sign_in().await.unwrap();
    party.sign_in().await.unwrap();
    assert_eq!(provider.asked("/jwks"), 1, "keys are kept");
    party.pass(61);
    provider.rotate("second");
    party.sign_in().await.unwrap();
    assert_eq!(provider.asked("/jwks"), 2, "signing-key-rotation");
    party.pass(61);
    provider.rotate("second");
    party.sign_in().await.unwrap();
    assert_eq!(provider.asked("/jwks"), 3, "a new key under the old name");
    provider.rotate("third");
    assert_eq!(party.refusal().await, "key_unknown", "asked less than a minute ago");
    provider.fault(Fault::Header(json!({"kid": "forged"})));
    for _ in 0..5 {
        assert_eq!(party.refusal().await, "key_unknown");
    }
    assert_eq!(provider.asked("/jwks"), 3, "forged tokens do not make it ask all the time");
}

#[tokio::test]
async fn o_22_a_key_that_was_withdrawn_is_believed_for_an_hour_at_most() {
    let provider = FaultyProvider::start();
    let party = Party::of(&provider).await;
    party.sign_in().await.unwrap();
    provider.fault(Fault::Keys(json!({"keys": []})));
    assert_eq!(party.refusal().await, "nothing", "it is still kept");
    party.pass(3600);
    let far = now() + 7200;
    provider.faults([Fault::Keys(json!({"keys": []})), Fault::Claims(json!({"exp": far}))]);
    assert_eq!(party.refusal().await, "key_unknown");
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
async fn o_23_a_provider_that_is_slow_is_given_up_after_ten_seconds_and_others_go_on() {
    let (slow, other) = (FaultyProvider::start(), FaultyProvider::start());
    let (waiting, party) = (Party::of(&slow).await, Party::of(&other).await);
    slow.fault(Fault::Slow("/token", Duration::from_secs(40)));
    let (verdict, ()) = tokio::join!(waiting.refusal(), async { party.sign_in().await.map(drop).unwrap() });
    assert_eq!(verdict, "timed_out");
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
