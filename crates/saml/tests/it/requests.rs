//! S-23 and S-25: what is sent to a provider, as it would read it.

use std::{collections::HashSet, io::Read as _};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use elder_kernel::Random;
use elder_saml::{
    AuthnRequest, Binding, Comparison, Endpoint, Fault, Field, Form, Idp, NameIdFormat, RelayState, Sent,
    SpKey,
};
use openssl::{hash::MessageDigest, sign::Verifier, x509::X509};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _};
use url::Url;

use crate::{ACS, SP, SSO_URL, World, own_key, seam};

/// What a redirect carries, and the query up to its signature.
pub(crate) fn redirected(form: &Form) -> (String, Vec<(String, String)>) {
    let Form::Redirect(url) = form else { panic!("no redirect") };
    let pairs: Vec<(String, String)> = Url::parse(url).unwrap().query_pairs().into_owned().collect();
    let message = &pairs.iter().find(|(name, _)| name.starts_with("SAML")).unwrap().1;
    let mut xml = String::new();
    let deflated = BASE64_STANDARD.decode(message).unwrap();
    flate2::read::DeflateDecoder::new(&*deflated).read_to_string(&mut xml).unwrap();
    (xml, pairs)
}

/// Whether the query of a redirect is signed by this key.
pub(crate) fn is_signed_by(form: &Form, key: &SpKey) -> bool {
    let Form::Redirect(url) = form else { panic!("no redirect") };
    let (_, query) = url.split_once('?').unwrap();
    let Some((signed, _)) = query.split_once("&Signature=") else { return false };
    let (_, pairs) = redirected(form);
    let signature = BASE64_STANDARD.decode(&pairs.last().unwrap().1).unwrap();
    let certificate = X509::from_pem(key.certificate_pem().unwrap().as_bytes()).unwrap();
    let public = certificate.public_key().unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
    let start = signed.find("SAMLRe").unwrap();
    verifier.verify_oneshot(&signature, &signed.as_bytes()[start..]).unwrap()
}

/// What a form carries.
pub(crate) fn posted(form: &Form) -> String {
    let Form::Post { message, .. } = form else { panic!("no form") };
    String::from_utf8(BASE64_STANDARD.decode(message).unwrap()).unwrap()
}

fn by(binding: Binding) -> World {
    let world = World::new();
    let endpoint =
        |location: &str| Endpoint { binding, location: location.to_owned(), response_location: None };
    World { idp: Idp { sso: vec![endpoint(SSO_URL)], ..world.idp.clone() }, ..world }
}

fn send(world: &World, request: &AuthnRequest) -> Sent {
    request.send(&world.sp, &world.idp, None, &seam()).unwrap()
}

#[test]
fn a_request_says_what_is_asked_for() {
    let world = World::new();
    let plain = send(&world, &AuthnRequest::default());
    let (xml, pairs) = redirected(&plain.form);
    assert_eq!(pairs.len(), 1, "neither signed nor with a relay state");
    let document = roxmltree::Document::parse(&xml).unwrap();
    let root = document.root_element();
    assert!(root.has_tag_name(("urn:oasis:names:tc:SAML:2.0:protocol", "AuthnRequest")));
    for (name, value) in [
        ("ID", Some(plain.id.as_str())),
        ("Version", Some("2.0")),
        ("IssueInstant", Some("2026-06-01T12:00:00Z")),
        ("Destination", Some(SSO_URL)),
        ("AssertionConsumerServiceURL", Some(ACS)),
        ("ProtocolBinding", Some("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST")),
        ("ForceAuthn", None),
        ("IsPassive", None),
    ] {
        assert_eq!(root.attribute(name), value, "{name}");
    }
    let text = |name: &str| {
        let mut all = document.descendants().filter(|node| node.tag_name().name() == name);
        all.next().and_then(|node| node.text()).map(str::to_owned)
    };
    assert_eq!(text("Issuer").as_deref(), Some(SP));
    assert!(!xml.contains("Format=") && !xml.contains("RequestedAuthnContext"));

    let much = AuthnRequest {
        name_id_format: Some(NameIdFormat::EmailAddress),
        force_authn: true,
        is_passive: true,
        authn_contexts: vec!["urn:a&b".to_owned(), "urn:c".to_owned()],
        comparison: Comparison::Minimum,
        sign: false,
    };
    let (xml, _) = redirected(&send(&world, &much).form);
    for part in [
        "ForceAuthn=\"true\"",
        "IsPassive=\"true\"",
        "Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\"",
        "<samlp:RequestedAuthnContext Comparison=\"minimum\"><saml:AuthnContextClassRef>urn:a&amp;b</saml:AuthnContextClassRef>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
}

#[test]
fn a_request_is_signed_if_it_shall_be_or_the_provider_wants_it() {
    let mut world = by(Binding::Redirect);
    let state = RelayState::random(&Random::system());
    let sign = AuthnRequest { sign: true, ..AuthnRequest::default() };
    let sent = sign.send(&world.sp, &world.idp, Some(&state), &seam()).unwrap();
    let (_, pairs) = redirected(&sent.form);
    let names: Vec<_> = pairs.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg", "Signature"], "in the order that is signed");
    assert_eq!(pairs[1].1, state.as_str());
    assert!(is_signed_by(&sent.form, &world.sp.keys[0]));
    assert!(!is_signed_by(&sent.form, &own_key()), "not by another key");
    assert!(!is_signed_by(&send(&world, &AuthnRequest::default()).form, &world.sp.keys[0]));
    world.idp.want_authn_requests_signed = true;
    assert!(is_signed_by(&send(&world, &AuthnRequest::default()).form, &world.sp.keys[0]));
    world.idp.sso[0].location = format!("{SSO_URL}?tenant=1");
    let sent = send(&world, &AuthnRequest::default());
    assert!(
        matches!(&sent.form, Form::Redirect(url) if url.starts_with(&format!("{SSO_URL}?tenant=1&SAMLRequest=")))
    );
    assert!(is_signed_by(&sent.form, &world.sp.keys[0]));
    world.sp.keys.clear();
    let refused = AuthnRequest::default().send(&world.sp, &world.idp, None, &seam());
    assert_eq!(refused, Err(Fault::OwnKeyMissing));
    world.idp.sso.clear();
    assert_eq!(AuthnRequest::default().send(&world.sp, &world.idp, None, &seam()), Err(Fault::NoBinding));
}

#[test]
fn a_form_carries_its_signature() {
    let world = by(Binding::Post);
    let sent = send(&world, &AuthnRequest { sign: true, ..AuthnRequest::default() });
    let Form::Post { action, field, relay_state, .. } = &sent.form else { panic!("no form") };
    assert_eq!((&**action, *field, relay_state), (SSO_URL, Field::Request, &None));
    let xml = posted(&sent.form);
    let certificate = |key: &SpKey| {
        let read = X509::from_pem(key.certificate_pem().unwrap().as_bytes()).unwrap();
        CertificateDer::from(read.to_der().unwrap())
    };
    let verify = |xml: &str, key: &SpKey| Crypto::verify_signed_xml(xml, &certificate(key), Some("ID"));
    assert!(verify(&xml, &world.sp.keys[0]).is_ok(), "{xml}");
    assert!(verify(&xml, &own_key()).is_err());
    assert!(verify(&xml.replace(ACS, "https://evil.example"), &world.sp.keys[0]).is_err());
    assert!(!posted(&send(&world, &AuthnRequest::default()).form).contains("Signature"));
}

#[test]
fn s_25_ids_are_random_and_there_is_enough_of_that() {
    let world = World::new();
    let id = || send(&world, &AuthnRequest::default()).id.as_str().to_owned();
    let ids: HashSet<String> = (0..1_000).map(|_| id()).collect();
    assert_eq!(ids.len(), 1_000);
    for id in &ids {
        let hex = id.strip_prefix('_').unwrap();
        assert!(
            hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "128 bits or more: {id}"
        );
    }
    // Each of the digits is each of sixteen equally often: a stuck bit would show.
    for at in 1..41 {
        let seen: HashSet<u8> = ids.iter().map(|id| id.as_bytes()[at]).collect();
        assert_eq!(seen.len(), 16, "digit {at}");
    }
}

#[test]
fn s_23_a_relay_state_is_a_word_of_ours_and_no_address() {
    let random = RelayState::random(&Random::system());
    assert_eq!(RelayState::parse(random.as_str()), Ok(random.clone()));
    assert!(random.as_str().len() >= 22 && random != RelayState::random(&Random::system()));
    assert!(RelayState::parse(&"a".repeat(80)).is_ok());
    for text in [
        "https://evil.example",
        "//evil.example",
        "/path",
        "javascript:alert(1)",
        "a b",
        "a%2e",
        "a\n",
        "ä",
        "",
        &"a".repeat(81),
        &"a".repeat(80 << 10),
    ] {
        assert_eq!(RelayState::parse(text), Err(Fault::RelayStateInvalid), "{text}");
    }
}
