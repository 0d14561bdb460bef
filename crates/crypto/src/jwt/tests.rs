//! Every fault of a token that is known, one row each, against real keys.

use elder_kernel::Secret;

use super::*;

const ISSUER: &str = "https://id.example.com";
const AUDIENCE: &str = "elder";
const NOW: i64 = 1_800_000_000;

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn expected() -> Expected<'static> {
    let leeway = TimeDelta::seconds(5);
    Expected { typ: "at+jwt", issuer: ISSUER, audience: AUDIENCE, now: moment(NOW), leeway }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "usr_1", "iat": NOW, "exp": NOW + 600})
}

fn stored(key: NewSigningKey, ends_at: Option<DateTime<Utc>>) -> StoredKey {
    let NewSigningKey { algorithm, private_pkcs8, .. } = key;
    StoredKey { algorithm, private_pkcs8, signs_from: moment(NOW), ends_at }
}

fn ring(algorithm: Algorithm) -> KeyRing {
    KeyRing::new(vec![stored(NewSigningKey::generate(algorithm).unwrap(), None)]).unwrap()
}

/// Signs whatever stands in `header` and `claims`, as a forger who holds the key could.
fn forge(ring: &KeyRing, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = &ring.0[0];
    let signature = crypto::sign(message.as_bytes(), &key.private, key.algorithm.into()).unwrap();
    format!("{message}.{signature}")
}

fn refusal(ring: &KeyRing, token: &str) -> InvalidToken {
    ring.verify::<Value>(&expected(), token).unwrap_err()
}

#[test]
fn a_signed_token_is_verified_with_either_algorithm() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let ring = ring(algorithm);
        let token = ring.sign("at+jwt", &claims(), moment(NOW)).unwrap();
        assert_eq!(ring.verify::<Value>(&expected(), &token), Ok(claims()), "{algorithm:?}");
    }
}

#[test]
fn p_32_a_header_that_is_not_ours_is_refused() {
    use InvalidToken::{Algorithm as Alg, Header, Type, UnknownKey};
    let ring = ring(Algorithm::EdDsa);
    let kid = &ring.0[0].kid;
    let with = |name: &str, value: Value| {
        let mut header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
        header[name] = value;
        header.to_string()
    };
    let cases = [
        (with("alg", json!("none")), Alg),
        (with("alg", json!("HS256")), Alg),
        (with("alg", json!("ES256")), Alg),
        (with("alg", json!("eddsa")), Alg),
        (with("alg", json!(null)), Header),
        (with("typ", json!("JWT")), Type),
        (with("typ", json!("id_token")), Type),
        (with("typ", json!("AT+JWT")), Type),
        (with("kid", json!("another")), UnknownKey),
        (with("kid", json!("../../../dev/null")), UnknownKey),
        (with("crit", json!(["exp"])), Header),
        (with("jwk", ring.0[0].public_jwk.clone()), Header),
        (with("jku", json!("https://evil.example/jwks.json")), Header),
        (with("x5u", json!("https://evil.example/cert.pem")), Header),
        (with("zip", json!("DEF")), Header),
        (json!({"alg": "EdDSA", "typ": "at+jwt"}).to_string(), Header),
        (json!({"alg": "EdDSA", "kid": kid}).to_string(), Header),
        (format!(r#"{{"alg":"EdDSA","alg":"none","typ":"at+jwt","kid":"{kid}"}}"#), Header),
        ("[]".to_owned(), Header),
        (String::new(), Header),
    ];
    for (header, fault) in cases {
        assert_eq!(refusal(&ring, &forge(&ring, &header, &claims().to_string())), fault, "{header}");
    }
}

#[test]
fn p_32_claims_that_are_wrong_are_refused() {
    use InvalidToken::{Audience, Expired, Issuer, Malformed, NotYetValid};
    let ring = ring(Algorithm::EdDsa);
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims.to_string()
    };
    let cases = [
        (with("iss", json!("https://id.example.com/7")), Issuer),
        (with("iss", json!([ISSUER])), Malformed),
        (with("aud", json!("another")), Audience),
        (with("aud", json!([AUDIENCE, "another"])), Malformed),
        (with("exp", json!(NOW - 5)), Expired),
        (with("exp", json!(-1)), Expired),
        (with("exp", json!("1900000000")), Malformed),
        (with("exp", json!(1e300)), Malformed),
        (with("exp", json!(null)), Malformed),
        (with("nbf", json!(NOW + 6)), NotYetValid),
        (with("iat", json!(NOW + 6)), NotYetValid),
        (json!({"iss": ISSUER, "aud": AUDIENCE, "iat": NOW}).to_string(), Malformed),
        (claims().to_string().replacen('{', &format!(r#"{{"exp":{},"#, NOW + 900), 1), Malformed),
        (claims().to_string().replacen('{', r#"{"iss":"https://other","#, 1), Malformed),
        ("null".to_owned(), Malformed),
        ("{".to_owned(), Malformed),
    ];
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": ring.0[0].kid}).to_string();
    for (claims, fault) in cases {
        assert_eq!(refusal(&ring, &forge(&ring, &header, &claims)), fault, "{claims}");
    }
}

#[test]
fn p_32_a_claim_that_stands_twice_is_refused_by_a_typed_reader() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Subject {
        sub: String,
    }
    let ring = ring(Algorithm::EdDsa);
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": ring.0[0].kid}).to_string();
    let once = forge(&ring, &header, &claims().to_string());
    assert_eq!(ring.verify(&expected(), &once), Ok(Subject { sub: "usr_1".to_owned() }));
    let twice = claims().to_string().replacen('{', r#"{"sub":"usr_2","#, 1);
    let twice = forge(&ring, &header, &twice);
    assert_eq!(ring.verify::<Subject>(&expected(), &twice), Err(InvalidToken::Malformed));
}

#[test]
fn p_32_a_text_that_is_no_token_is_refused() {
    let ring = ring(Algorithm::EdDsa);
    let token = ring.sign("at+jwt", &claims(), moment(NOW)).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let other = ring
        .sign("at+jwt", &json!({"iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 1}), moment(NOW))
        .unwrap();
    let cases = [
        String::new(),
        "..".to_owned(),
        signed.to_owned(),
        format!("{signed}."),
        format!("{signed}..{signature}"),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!(" {token}"),
        format!("{}.{signature}", other.rsplit_once('.').unwrap().0),
        format!("{header}.é.{signature}"),
        "a".repeat(1 << 20),
        format!("{header}.{}.{signature}", "A".repeat(1 << 20)),
    ];
    for text in cases {
        assert!(matches!(
            refusal(&ring, &text),
            InvalidToken::Malformed | InvalidToken::Header | InvalidToken::Signature
        ));
    }
    // The last character of a signature has spare bits: another spelling of the same bytes is refused.
    for last in ('A'..='Z').chain('a'..='z').filter(|last| !token.ends_with(*last)) {
        let twin = format!("{}{last}", &token[..token.len() - 1]);
        assert_eq!(refusal(&ring, &twin), InvalidToken::Signature, "{last}");
    }
}

#[test]
fn p_32_a_token_of_another_ring_or_signed_with_the_public_key_is_refused() {
    let (ours, theirs) = (ring(Algorithm::EdDsa), ring(Algorithm::EdDsa));
    assert_eq!(
        refusal(&ours, &theirs.sign("at+jwt", &claims(), moment(NOW)).unwrap()),
        InvalidToken::UnknownKey
    );
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": ours.0[0].kid}).to_string();
    assert_eq!(refusal(&ours, &forge(&theirs, &header, &claims().to_string())), InvalidToken::Signature);
}

#[test]
fn time_is_the_given_one_and_the_leeway_holds_both_ways() {
    let ring = ring(Algorithm::EdDsa);
    let token = ring.sign("at+jwt", &claims(), moment(NOW)).unwrap();
    let at =
        |seconds| ring.verify::<Value>(&Expected { now: moment(NOW + seconds), ..expected() }, &token).err();
    assert_eq!(at(-6), Some(InvalidToken::NotYetValid));
    assert_eq!(at(-5), None);
    assert_eq!(at(604), None);
    assert_eq!(at(605), Some(InvalidToken::Expired));
}

#[test]
fn p_34_a_key_is_published_before_it_signs_and_the_one_before_it_verifies_until_its_end() {
    let (old, new) = (
        NewSigningKey::generate(Algorithm::Es256).unwrap(),
        NewSigningKey::generate(Algorithm::EdDsa).unwrap(),
    );
    let (old_kid, new_kid) = (old.kid.clone(), new.kid.clone());
    let old = stored(old, Some(moment(NOW + 60)));
    let new = StoredKey { signs_from: moment(NOW + 30), ..stored(new, None) };
    let ring = KeyRing::new(vec![old, new]).unwrap();
    let at = |seconds| Expected { now: moment(NOW + seconds), ..expected() };
    let sign = |seconds| ring.sign("at+jwt", &claims(), moment(NOW + seconds)).unwrap();
    let signer = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let published = |seconds| ring.jwks(moment(NOW + seconds))["keys"].as_array().unwrap().len();

    let (first, last, next) = (sign(0), sign(29), sign(30));
    assert_eq!([&first, &last, &next].map(|token| signer(token)), [old_kid.clone(), old_kid, new_kid]);
    for token in [&first, &last, &next] {
        assert_eq!(ring.verify::<Value>(&at(59), token), Ok(claims()));
    }
    assert_eq!(ring.verify::<Value>(&at(60), &last), Err(InvalidToken::UnknownKey));
    assert_eq!(ring.verify::<Value>(&at(60), &next), Ok(claims()));
    assert_eq!((published(0), published(59), published(60)), (2, 2, 1));
}

#[test]
fn p_34_a_key_signs_before_its_time_if_no_other_is_left() {
    let (old, new) = (
        NewSigningKey::generate(Algorithm::EdDsa).unwrap(),
        NewSigningKey::generate(Algorithm::EdDsa).unwrap(),
    );
    let revoked = stored(old, Some(moment(NOW)));
    let waiting = StoredKey { signs_from: moment(NOW + 900), ..stored(new, None) };
    let ring = KeyRing::new(vec![revoked, waiting]).unwrap();
    let token = ring.sign("at+jwt", &claims(), moment(NOW)).unwrap();
    assert_eq!(ring.verify::<Value>(&expected(), &token), Ok(claims()));
}

#[test]
fn the_published_key_has_no_private_part_and_bears_its_thumbprint() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let key = NewSigningKey::generate(algorithm).unwrap();
        assert!(key.public_jwk.get("d").is_none() && key.public_jwk.get("k").is_none());
        assert_eq!(key.public_jwk["kid"], json!(key.kid));
        assert_eq!(key.public_jwk["use"], json!("sig"));
        assert_eq!(key.public_jwk["alg"], json!(algorithm.name()));
        assert!(format!("{key:?}").contains("private_pkcs8: [secret]"));
        assert_eq!(algorithm.name().parse(), Ok(algorithm));
    }
    assert_eq!("none".parse::<Algorithm>(), Err(UnknownAlgorithm));
}

#[test]
fn a_ring_needs_a_key_that_can_sign() {
    assert!(matches!(KeyRing::new(Vec::new()), Err(KeyFault::NoneSigns)));
    let ended = stored(NewSigningKey::generate(Algorithm::EdDsa).unwrap(), Some(moment(NOW)));
    assert!(matches!(KeyRing::new(vec![ended]), Err(KeyFault::NoneSigns)));
    let good = stored(NewSigningKey::generate(Algorithm::Es256).unwrap(), None);
    let broken = StoredKey { private_pkcs8: Secret::new(vec![1, 2, 3]), ..good };
    assert!(matches!(KeyRing::new(vec![broken]), Err(KeyFault::Unreadable(_))));
}
