//! S-03 and S-04: signatures that are wrapped, so that one reader verifies one element and another one reads another.
//!
//! XSW1 to XSW8 are made as SAML Raider makes them, after Somorovsky and others, "On Breaking SAML" (2012), of answers that the
//! tests sign themselves. `shapes.rs` does so with those of another's provider, by a script.

use crate::{
    World,
    forge::{SUFFICIENT, Signed, Signer, assertion, cut, evil, response, signature, swap},
};

/// What a document is made of.
struct Parts {
    /// The document itself.
    whole: String,
    /// Its signature.
    signature: String,
    /// The document without it.
    bare: String,
    /// The assertion, with its signature if it has one.
    assertion: String,
    /// The assertion without.
    bare_assertion: String,
}

impl Parts {
    fn of(whole: String) -> Self {
        let signature = signature(&whole).to_owned();
        let assertion = cut(&whole, "<saml:Assertion ", "</saml:Assertion>").to_owned();
        let (bare, bare_assertion) = (whole.replace(&signature, ""), assertion.replace(&signature, ""));
        Self { whole, signature, bare, assertion, bare_assertion }
    }

    /// The signature with something in it.
    fn signature_around(&self, inner: &str) -> String {
        swap(&self.signature, "</ds:Signature>", &format!("{inner}</ds:Signature>"))
    }

    fn object(inner: &str) -> String {
        format!("<ds:Object>{inner}</ds:Object>")
    }
}

/// An evil answer with another id, and this behind its issuer.
fn evil_response(behind_issuer: &str) -> String {
    let evil = swap(&response(&evil("_evil")), "\"_r1\"", "\"_evil_r\"");
    evil.replacen("</saml:Issuer>", &format!("</saml:Issuer>{behind_issuer}"), 1)
}

/// An evil assertion, with this behind its issuer.
fn evil_with(behind_issuer: &str) -> String {
    evil("_evil").replacen("</saml:Issuer>", &format!("</saml:Issuer>{behind_issuer}"), 1)
}

/// The variants of a signed answer.
fn of_response(parts: &Parts) -> Vec<(&'static str, String)> {
    vec![
        ("XSW1", evil_response(&parts.signature_around(&parts.bare))),
        ("XSW1 in an object", evil_response(&parts.signature_around(&Parts::object(&parts.bare)))),
        ("XSW2", evil_response(&format!("{}{}", parts.bare, parts.signature))),
    ]
}

/// The variants of a signed assertion.
fn of_assertion(parts: &Parts) -> Vec<(&'static str, String)> {
    let Parts { assertion, bare_assertion, signature, .. } = parts;
    let around = swap(&evil("_evil"), "</saml:Assertion>", &format!("{assertion}</saml:Assertion>"));
    let in_extensions = |id: &str| format!("<samlp:Extensions>{}</samlp:Extensions>{assertion}", evil(id));
    vec![
        ("XSW3", response(&format!("{}{assertion}", evil("_evil")))),
        ("XSW3 behind", response(&format!("{assertion}{}", evil("_evil")))),
        ("XSW4", response(&around)),
        ("XSW5", response(&format!("{}{bare_assertion}", evil_with(signature)))),
        ("XSW6", response(&evil_with(&parts.signature_around(bare_assertion)))),
        ("XSW7", response(&in_extensions("_evil"))),
        ("XSW7 of the same id", response(&in_extensions("_a1"))),
        ("XSW8", response(&evil_with(&parts.signature_around(&Parts::object(bare_assertion))))),
    ]
}

#[test]
fn s_03_no_wrapped_signature_is_believed() {
    let world = World::new();
    for (signed, variants) in [
        (Signed::Response, of_response as fn(&Parts) -> Vec<(&'static str, String)>),
        (Signed::Assertion, of_assertion),
        (Signed::Both, of_response),
    ] {
        let parts = Parts::of(world.signer.good(signed));
        assert_eq!(world.fault(&parts.whole), "nothing", "{signed:?}");
        for (name, document) in variants(&parts) {
            let fault = world.fault(&document);
            assert!(
                ["assertion_count", "xml_id_duplicate", "signature_misplaced"].contains(&fault),
                "{name} {signed:?}: {fault}"
            );
        }
    }
}

#[test]
fn s_03_a_signed_answer_around_which_another_one_stands_is_not_read() {
    let world = World::new();
    for signed in [Signed::Response, Signed::Both] {
        let good = world.signer.good(signed);
        let around = swap(&response(&evil("_evil")), "\"_r1\"", "\"_outer\"");
        let hidden = around.replacen(
            "<samlp:Status>",
            &format!("<samlp:Extensions>{good}</samlp:Extensions><samlp:Status>"),
            1,
        );
        assert_eq!(world.fault(&hidden), "assertion_count", "{signed:?}");
    }
}

#[test]
fn s_04_there_is_one_assertion_and_no_other() {
    let world = World::new();
    let (good, plain) = (Parts::of(world.signer.good(Signed::Assertion)), evil("_evil"));
    let twice = format!("{}{}", good.assertion, swap(&good.assertion, "_a1", "_a2"));
    for inner in [
        format!("{plain}{}", good.assertion),
        format!("{}{plain}", good.assertion),
        twice,
        format!("{}<saml:EncryptedAssertion/>", good.assertion),
        String::new(),
        format!("<saml:Advice>{}</saml:Advice>", good.assertion),
    ] {
        assert_eq!(world.fault(&response(&inner)), "assertion_count", "{inner}");
    }
    let advised = world.signer.answer(Signed::Both, |xml| {
        swap(
            &xml,
            "</saml:Conditions>",
            &format!("</saml:Conditions><saml:Advice>{}</saml:Advice>", evil("_evil")),
        )
    });
    assert_eq!(world.fault(&advised), "assertion_count", "however well it is signed");
}

#[test]
fn s_02_without_a_signature_nothing_is_believed() {
    let world = World::new();
    assert_eq!(world.fault(&world.signer.good(Signed::Nothing)), "signature_missing");
    for signed in SUFFICIENT {
        let good = world.signer.good(signed);
        let own = signature(&good).to_owned();
        let second = good.replace(&own, "");
        let rest = if signed == Signed::Both { "nothing" } else { "signature_missing" };
        assert_eq!(world.fault(&second), rest, "{signed:?}: another signature is enough");
        let value = cut(&own, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
        let info = cut(&own, "<ds:SignedInfo>", "</ds:SignedInfo>").to_owned();
        for (name, from, to) in [
            ("no value", &value, "<ds:SignatureValue/>"),
            ("no element of the value", &value, ""),
            ("no content", &info, ""),
            ("empty", &own, "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>"),
        ] {
            assert_eq!(world.fault(&swap(&good, from, to)), "signature_malformed", "{name} {signed:?}");
        }
    }
}

#[test]
fn a_signature_of_the_other_element_does_not_cover_this_one() {
    let world = World::new();
    let good = world.signer.good(Signed::Response);
    // The signature of the answer is put into the assertion.
    let own = signature(&good).to_owned();
    let moved = good.replace(&own, "").replacen(
        "</saml:Issuer><saml:Subject>",
        &format!("</saml:Issuer>{own}<saml:Subject>"),
        1,
    );
    assert_eq!(world.fault(&moved), "signature_malformed");
    let other = Signer::rsa();
    let foreign = world.signer.signed(&response(&other.signed(&assertion())));
    assert_eq!(world.fault(&foreign), "signature_invalid", "each signature must be good");
}
