//! Licences: what is taken, what is refused, and why.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use elder_access::{Feature, SubscriptionTier};
use elder_api_types::license::{FeatureEntry, Most};
use elder_kernel::Secret;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::read(&SigningKey::generate().unwrap()).unwrap());

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn license() -> License {
    License {
        id: "lic-1".to_owned(),
        licensee: "Acme Ltd".to_owned(),
        terms: serde_json::from_str(
            r#"{"valid":true,"tier":"enterprise","features":[{"name":"sso_saml","entitled":true},{"name":"scim","entitled":true},
                {"name":"multi_tenant","entitled":true}],"limits":{"max_tenants":50,"max_users":-1}}"#,
        )
        .unwrap(),
        issued_at: at("2026-01-01T00:00:00Z"),
        not_before: at("2026-01-02T00:00:00Z"),
        expires_at: Some(at("2027-01-01T00:00:00Z")),
        grace_days: 14,
        installation: None,
        loopback_only: false,
    }
}

const PLACE: Place = Place { installation: Uuid::from_u128(7), is_loopback: false };

fn keys() -> [PublicKey; 1] {
    [KEY.public()]
}

/// The document with another content under the same signature.
fn altered(document: &str, change: impl Fn(&mut serde_json::Value)) -> String {
    let parts: Vec<_> = document.split('.').collect();
    let mut content = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    change(&mut content);
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(content.to_string()), parts[2])
}

#[test]
fn a_signed_licence_is_read_as_it_was_written() {
    let document = KEY.sign(&license()).unwrap();
    assert_eq!(License::read(&format!("\n{document}\n"), &keys()), Ok(license()));
    assert_eq!(license().admit(PLACE, at("2026-06-01T00:00:00Z")), Ok(()));
}

#[test]
fn p_40_a_licence_of_another_key_is_forged_and_another_content_is_altered() {
    let stranger = SigningKey::read(&SigningKey::generate().unwrap()).unwrap();
    let forged = stranger.sign(&license()).unwrap();
    assert_eq!(License::read(&forged, &keys()), Err(Refusal::Forged));
    assert_eq!(License::read(&KEY.sign(&license()).unwrap(), &[]), Err(Refusal::Forged));
    let good = KEY.sign(&license()).unwrap();
    let richer = altered(&good, |content| content["limits"]["max_tenants"] = serde_json::json!(-1));
    assert_eq!(License::read(&richer, &keys()), Err(Refusal::Altered));
    // The stranger says that the trusted key has signed.
    let (_, rest) = forged.split_once('.').unwrap();
    let claimed = format!("{}.{rest}", good.split_once('.').unwrap().0);
    assert_eq!(License::read(&claimed, &keys()), Err(Refusal::Altered));
}

#[test]
fn a_signature_of_no_algorithm_is_none() {
    let good = KEY.sign(&license()).unwrap();
    let (_, rest) = good.split_once('.').unwrap();
    for (alg, typ) in [("none", "elder-license"), ("HS256", "elder-license"), ("EdDSA", "at+jwt")] {
        let header = serde_json::json!({ "alg": alg, "typ": typ, "kid": KEY.public().to_string() });
        let document = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()));
        assert!(matches!(License::read(&document, &keys()), Err(Refusal::Malformed(_))), "{alg} {typ}");
    }
}

#[test]
fn a_licence_holds_between_its_times_and_in_its_place() {
    let admit =
        |license: &License, now: &str| license.admit(PLACE, at(now)).map_err(|refusal| refusal.reason());
    assert_eq!(admit(&license(), "2026-01-01T23:59:59Z"), Err("not_yet_valid"));
    assert_eq!(admit(&license(), "2026-01-02T00:00:00Z"), Ok(()));
    assert_eq!(admit(&license(), "2026-12-31T23:59:59Z"), Ok(()));
    assert_eq!(admit(&license(), "2027-01-01T00:00:00Z"), Err("expired"));
    let foreign = License { installation: Some(Uuid::from_u128(8)), ..license() };
    assert_eq!(admit(&foreign, "2026-06-01T00:00:00Z"), Err("foreign"));
    let own = License { installation: Some(PLACE.installation), ..license() };
    assert_eq!(admit(&own, "2026-06-01T00:00:00Z"), Ok(()));
    assert_eq!(license().ends_at(), Some(at("2027-01-15T00:00:00Z")));
}

#[test]
fn the_development_licence_holds_on_this_machine_alone() {
    let development = include_str!("../../../../config/development.license");
    let keys = [DEVELOPMENT_KEY.parse().unwrap()];
    let license = License::read(development, &keys).unwrap();
    assert_eq!(license.admit(PLACE, at("2026-06-01T00:00:00Z")), Err(Refusal::NotLoopback));
    assert_eq!(license.admit(Place { is_loopback: true, ..PLACE }, at("2026-06-01T00:00:00Z")), Ok(()));
    assert_eq!(license.terms.entitlements().tier, SubscriptionTier::Enterprise);
}

#[test]
fn what_the_development_key_signs_is_for_this_machine_whatever_it_says() {
    let pem = include_str!("../../../testkit/keys/development-license.pem");
    let key = SigningKey::read(&Secret::new(pem.to_owned())).unwrap();
    assert_eq!(key.public().to_string(), DEVELOPMENT_KEY);
    let document = key.sign(&license()).unwrap();
    let read = License::read(&document, &[key.public()]).unwrap();
    assert!(read.loopback_only && !license().loopback_only);
}

#[test]
fn a_licence_covers_its_tier_as_it_changes_it() {
    let mut terms = license().terms;
    terms.features.push(FeatureEntry { name: "scim".to_owned(), entitled: false });
    terms.features.push(FeatureEntry { name: "of a later version".to_owned(), entitled: true });
    let covered = terms.entitlements();
    assert!(
        covered.cover(Feature::SsoSaml)
            && covered.cover(Feature::MultiTenant)
            && !covered.cover(Feature::Scim)
    );
    assert_eq!(covered.limits.max_tenants, Most(Some(50)));
    assert_eq!(covered.limits.max_users, Most::UNLIMITED);
    assert_eq!(covered.limits.api_requests_per_minute, Most(Some(10_000)), "the tier's");
    let small: Terms = serde_json::from_str(r#"{"tier":"community"}"#).unwrap();
    assert_eq!(small.entitlements().limits.max_entities, Most(Some(100)));
    let silent: Terms = serde_json::from_str(r#"{"tier":"enterprise"}"#).unwrap();
    assert_eq!(silent.entitlements().limits.max_tenants, Most(Some(1)), "a licence says how many");
}

#[test]
fn a_key_is_read_as_it_was_written_and_nothing_else_is_one() {
    let pem = SigningKey::generate().unwrap();
    let key = SigningKey::read(&pem).unwrap();
    assert_eq!(key.public().to_string().parse(), Ok(key.public()));
    for bad in ["", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "AAAA"] {
        assert!(SigningKey::read(&Secret::new(bad.to_owned())).is_err(), "{bad}");
        assert!(bad.parse::<PublicKey>().is_err(), "{bad}");
    }
}

proptest! {
    /// One character more, less or another: never another licence.
    #[test]
    fn no_change_of_a_document_makes_another_licence(place in 0usize..600, with in "[A-Za-z0-9_.=-]{0,2}") {
        let good = KEY.sign(&license()).unwrap();
        let place = place % good.len();
        let changed = format!("{}{with}{}", &good[..place], &good[place + 1..]);
        prop_assume!(changed != good);
        prop_assert!(License::read(&changed, &keys()).is_err());
    }

    /// W-36: whatever is sent, it is read or refused, and nothing else.
    #[test]
    fn w_36_any_text_is_refused_quietly(text in "\\PC{0,200}", dots in "[a-zA-Z0-9_-]{0,40}\\.[a-zA-Z0-9_-]{0,40}\\.[a-zA-Z0-9_-]{0,40}") {
        prop_assert!(License::read(&text, &keys()).is_err());
        prop_assert!(License::read(&dots, &keys()).is_err());
    }

    /// A licence that is over stays over, and one that is not yet in force is not: at no time both or neither.
    #[test]
    fn at_each_time_a_licence_is_early_good_or_over(days in -800i64..800) {
        let now = at("2026-06-01T00:00:00Z") + chrono::TimeDelta::days(days);
        let told = license().admit(PLACE, now).map_err(|refusal| refusal.reason());
        let expected = if now < license().not_before { Err("not_yet_valid") }
            else if now >= license().expires_at.unwrap() { Err("expired") } else { Ok(()) };
        prop_assert_eq!(told, expected);
    }
}
