//! Answers that are as they should be, in all the forms that they may have.

use chrono::TimeDelta;
use elder_saml::{Answer, Expected, Fault, RequestId};
use openssl::nid::Nid;

use crate::{
    ACS, IDP, REQUEST, SP, World, expected, expected_after,
    forge::{SHA256, SUFFICIENT, Signed, Signer, assertion, at, cut, response, swap},
    now,
};

#[test]
fn whoever_signs_in_is_known_by_all_that_the_provider_says() {
    let world = World::new();
    for signed in SUFFICIENT {
        let who = world.read(&world.signer.good(signed)).unwrap();
        assert_eq!((&*who.assertion_id, &*who.response_id, &*who.issuer), ("_a1", "_r1", IDP), "{signed:?}");
        assert_eq!(who.in_response_to, Some(RequestId::kept(REQUEST)));
        assert_eq!(who.name_id.value, "ada@corp.example");
        assert_eq!(
            who.name_id.format.as_deref(),
            Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")
        );
        assert_eq!(who.name_id.name_qualifier.as_deref(), Some(IDP));
        assert_eq!(who.name_id.sp_name_qualifier.as_deref(), Some(SP));
        assert_eq!(who.session_index.as_deref(), Some("_s1"));
        assert_eq!(who.session_not_on_or_after, Some(now() + TimeDelta::hours(8)));
        assert_eq!(who.not_on_or_after, now() + TimeDelta::seconds(300 + 180), "whatever skew is set later");
        assert_eq!(who.authn_instant, now());
        assert_eq!(who.authn_context.as_deref(), Some("urn:oasis:names:tc:SAML:2.0:ac:classes:Password"));
        assert_eq!(who.values("groups").collect::<Vec<_>>(), ["eng", "ops"]);
        assert_eq!(who.values("mail").collect::<Vec<_>>(), ["ada@corp.example"], "by its name for people");
        assert_eq!(who.values("urn:oid:0.9.2342.19200300.100.1.3").count(), 1);
        assert_eq!(who.values("phone").count(), 0);
    }
}

#[test]
fn a_name_counts_more_than_a_name_for_people() {
    let world = World::new();
    let twin = "<saml:Attribute Name=\"other\" FriendlyName=\"groups\"><saml:AttributeValue>root</saml:AttributeValue>";
    let answer = world.signer.answer(Signed::Response, |xml| {
        swap(
            &xml,
            "<saml:Attribute Name=\"groups\">",
            &format!("{twin}</saml:Attribute><saml:Attribute Name=\"groups\">"),
        )
    });
    let who = world.read(&answer).unwrap();
    assert_eq!(who.values("groups").collect::<Vec<_>>(), ["eng", "ops"]);
}

#[test]
fn values_keep_their_white_space_outside_and_names_of_users_in_values_are_values() {
    let world = World::new();
    let answer = world.signer.answer(Signed::Assertion, |xml| {
        let value = "<saml:AttributeValue><saml:NameID>a&amp;b</saml:NameID></saml:AttributeValue>\
                     <saml:AttributeValue><x/></saml:AttributeValue><saml:AttributeValue/>";
        swap(&xml, "<saml:AttributeValue>eng</saml:AttributeValue>", value)
    });
    let who = world.read(&answer).unwrap();
    assert_eq!(who.values("groups").collect::<Vec<_>>(), ["a&b", "", "ops"]);
}

#[test]
fn signatures_of_every_algorithm_of_the_list_count() {
    let more = |name: &str| -> &'static str {
        Box::leak(format!("http://www.w3.org/2001/04/xmldsig-more#{name}").into_boxed_str())
    };
    let sha512 = "http://www.w3.org/2001/04/xmlenc#sha512";
    let sha384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    for signer in [
        Signer::rsa().by(more("rsa-sha256"), sha512),
        Signer::rsa().by(more("rsa-sha384"), sha384),
        Signer::rsa().by(more("rsa-sha512"), sha512),
        Signer::ecdsa(Nid::X9_62_PRIME256V1).by(more("ecdsa-sha256"), SHA256),
        Signer::ecdsa(Nid::SECP384R1).by(more("ecdsa-sha384"), sha384),
        Signer::ecdsa(Nid::SECP521R1).by(more("ecdsa-sha512"), sha512),
    ] {
        let world = World::signed_by(signer);
        for signed in SUFFICIENT {
            assert_eq!(
                world.fault(&world.signer.good(signed)),
                "nothing",
                "{} {signed:?}",
                world.signer.method
            );
        }
    }
}

#[test]
fn prefixes_and_white_space_are_the_providers_choice() {
    let world = World::new();
    let other = response(&assertion()).replace("samlp:", "p:").replace("xmlns:samlp=", "xmlns:p=");
    let other =
        other.replace("saml:", "a:").replace("xmlns:saml=", "xmlns:a=").replace(IDP, &format!("\n {IDP} "));
    let template = world.signer.template("_r1").replace("ds:", "").replace("xmlns:ds=", "xmlns=");
    let other = world.signer.sign(&other.replacen("</a:Issuer>", &format!("</a:Issuer>{template}"), 1));
    assert_eq!(world.fault(&other), "nothing", "{other}");
    let spaced = world.signer.answer(Signed::Response, |xml| xml.replace("><saml:", ">\n\t<saml:"));
    assert_eq!(world.fault(&spaced), "nothing");
    let broken: String = base64_of(&spaced)
        .as_bytes()
        .chunks(76)
        .fold(String::new(), |text, line| text + str::from_utf8(line).unwrap() + "\r\n");
    assert!(Answer::read(&broken, &world.sp, &world.idp, &expected()).is_ok(), "base64 in lines");
    let declared =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", world.signer.good(Signed::Response));
    assert_eq!(world.fault(&declared), "nothing");
}

fn base64_of(xml: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(xml)
}

/// The same answer, of itself.
pub(crate) fn unasked(xml: &str) -> String {
    swap(xml, &format!("InResponseTo=\"{REQUEST}\""), "")
}

#[test]
fn s_22_an_answer_that_nobody_asked_for_counts_only_if_that_is_allowed_and_it_is_fresh() {
    let world = World::new();
    for signed in SUFFICIENT {
        let answer = world.signer.answer(signed, |xml| unasked(&xml));
        assert_eq!(world.fault(&answer), "unsolicited_refused", "{signed:?}");
        let waits_for_none = Expected { request: None, ..expected() };
        assert_eq!(world.fault_as(&answer, &waits_for_none), "unsolicited_refused");
        let who = world.read_as(&answer, &Expected::unsolicited(now())).unwrap();
        assert_eq!(who.in_response_to, None);
        let waits_too = Expected { unsolicited: true, ..expected() };
        assert_eq!(world.read_as(&answer, &waits_too).unwrap().in_response_to, None, "another request waits");
        let solicited = world.signer.good(signed);
        assert_eq!(world.fault_as(&solicited, &Expected::unsolicited(now())), "in_response_to_mismatch");
        assert_eq!(world.fault_as(&solicited, &waits_too), "nothing");
        let stripped =
            swap(&solicited, &format!(" InResponseTo=\"{REQUEST}\"><saml:Issuer>"), "><saml:Issuer>");
        let expected_fault =
            if signed == Signed::Assertion { "in_response_to_mismatch" } else { "signature_invalid" };
        assert_eq!(world.fault_as(&stripped, &Expected::unsolicited(now())), expected_fault, "{signed:?}");
    }
    let old = world.signer.answer(Signed::Both, |xml| swap(&unasked(&xml), &at(300), &at(3600)));
    for (seconds, fault) in [(0, "nothing"), (359, "nothing"), (360, "issue_instant_invalid")] {
        let later = Expected::unsolicited(now() + TimeDelta::seconds(seconds));
        assert_eq!(world.fault_as(&old, &later), fault, "{seconds}");
    }
}

#[test]
fn the_way_of_authentication_is_one_that_was_asked_for() {
    let world = World::new();
    let answer = world.signer.good(Signed::Assertion);
    let asked = |contexts: &[&str]| Expected {
        authn_contexts: contexts.iter().map(|&context| context.to_owned()).collect(),
        ..expected()
    };
    let password = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
    assert_eq!(world.fault_as(&answer, &asked(&["urn:other", password])), "nothing");
    assert_eq!(world.fault_as(&answer, &asked(&["urn:other"])), "authn_context_mismatch");
    let silent = world.signer.answer(Signed::Assertion, |xml| {
        let said = cut(&xml, "<saml:AuthnContext>", "</saml:AuthnContext>").to_owned();
        swap(&xml, &said, "")
    });
    assert_eq!(world.fault_as(&silent, &asked(&[password])), "authn_context_mismatch");
    assert_eq!(world.fault(&silent), "nothing");
}

#[test]
fn a_forced_sign_in_is_later_than_the_request() {
    let world = World::new();
    let answer = world.signer.good(Signed::Response);
    for (since, fault) in [(0, "nothing"), (60, "nothing"), (61, "authn_instant_too_old")] {
        let since = Some(now() + TimeDelta::seconds(since));
        let forced = Expected { authenticated_since: since, ..expected_after(100) };
        assert_eq!(world.fault_as(&answer, &forced), fault, "{since:?}");
    }
    let future = world.signer.answer(Signed::Response, |xml| {
        swap(&xml, &format!("AuthnInstant=\"{}\"", at(0)), &format!("AuthnInstant=\"{}\"", at(61)))
    });
    assert_eq!(world.fault(&future), "authn_instant_too_old");
}

#[test]
fn a_provider_says_why_nobody_has_signed_in() {
    let world = World::new();
    let success = "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>";
    let status = |first: &str, second: Option<&str>| {
        let code = |name: &str, inner: &str| {
            format!(
                "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{name}\">{inner}</samlp:StatusCode>"
            )
        };
        code(first, &second.map(|second| code(second, "")).unwrap_or_default())
    };
    for (first, second, fault) in [
        ("Responder", Some("AuthnFailed"), Fault::StatusDenied),
        ("Requester", Some("RequestDenied"), Fault::StatusDenied),
        ("Responder", Some("NoPassive"), Fault::StatusNoPassive),
        ("Responder", Some("NoAuthnContext"), Fault::StatusAuthnContext),
        ("Requester", Some("InvalidNameIDPolicy"), Fault::StatusNameId),
        ("Requester", Some("Other"), Fault::StatusRequester),
        ("Requester", None, Fault::StatusRequester),
        ("Responder", None, Fault::StatusResponder),
        ("VersionMismatch", None, Fault::StatusOther),
    ] {
        let answer = swap(&world.signer.good(Signed::Nothing), success, &status(first, second));
        assert_eq!(world.read(&answer), Err(fault), "{first} {second:?}");
        let own = cut(&answer, "<saml:Assertion ", "</saml:Assertion>").to_owned();
        assert_eq!(world.read(&swap(&answer, &own, "")), Err(fault), "without an assertion, as it is sent");
    }
    assert_eq!(world.sp.acs_url, ACS);
}
