//! O-02 to O-22 as far as they are about ID tokens and the keys that sign them: one fault a row, and the good case beside
//! them.

use elder_oidc::{Ask, Keys, Refusal};
use elder_testkit::{CLIENT, Fault, FaultyProvider, Signer};
use serde_json::{Value, json};

use crate::{Party, now, rows};

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
