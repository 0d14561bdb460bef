//! S-11 to S-21 as far as they are about what an answer says: one fault a row, and the good case beside them.

use std::time::Instant;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use elder_saml::{Answer, Expected, Fault, RequestId};

use crate::{
    ACS, IDP, REQUEST, SP, World, expected, expected_after,
    forge::{SUFFICIENT, Signed, assertion, at, cut, response, swap},
};

/// Tries faults of the provider: it signs whatever it says.
fn rows(rows: &[(&str, &str, &str, &str)]) {
    let world = World::new();
    for signed in SUFFICIENT {
        assert_eq!(world.fault(&world.signer.good(signed)), "nothing", "{signed:?}");
        for (name, from, to, fault) in rows {
            let answer = world.signer.answer(signed, |xml| swap(&xml, from, to));
            assert_eq!(world.fault(&answer), *fault, "{name} {signed:?}");
        }
    }
}

#[test]
fn s_11_no_value_is_cut_in_two() {
    let world = World::new();
    let mallory = world.signer.answer(Signed::Assertion, |xml| {
        swap(&xml, "ada@corp.example</saml:NameID>", "admin@corp.example.evil.example</saml:NameID>")
    });
    assert_eq!(world.read(&mallory).unwrap().name_id.value, "admin@corp.example.evil.example");
    for (name, cutter) in [
        ("a comment", "<!---->"),
        ("a processing instruction", "<?x y?>"),
        ("a CDATA section", "<![CDATA[]]>"),
        ("CDATA around the rest", "<![CDATA[.evil.example]]>"),
    ] {
        let cut = swap(&mallory, "corp.example.evil", &format!("corp.example{cutter}.evil"));
        assert_eq!(world.fault(&cut), "xml_declaration_refused", "{name}");
    }
    let element = swap(&mallory, "corp.example.evil", "corp.example<x/>.evil");
    assert_eq!(world.fault(&element), "signature_invalid");
    rows(&[
        ("an element in a name", "ada@corp", "ada<x/>@corp", "name_id_invalid"),
        (
            "an element in an audience",
            "metadata</saml:Audience>",
            "metadata<x/></saml:Audience>",
            "audience_mismatch",
        ),
    ]);
    let escaped = world
        .signer
        .answer(Signed::Both, |xml| swap(&xml, "ada@corp.example<", "ada&#64;corp.example&lt;!--&gt;<"));
    assert_eq!(world.read(&escaped).unwrap().name_id.value, "ada@corp.example<!-->", "escapes are text");
}

#[test]
fn s_12_a_dtd_is_refused_on_sight() {
    let world = World::new();
    let good = world.signer.good(Signed::Both);
    let bomb: String =
        (1..9).map(|i| format!("<!ENTITY a{i} \"{}\">", format!("&a{};", i - 1).repeat(10))).collect();
    for doctype in [
        "<!DOCTYPE x>".to_owned(),
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>".to_owned(),
        "<!DOCTYPE response SYSTEM 'x\"><!--'>".to_owned(),
        "<!DOCTYPE x [<!ATTLIST saml:Assertion ID CDATA \"_a1\">]>".to_owned(),
        format!("<!DOCTYPE x [<!ENTITY a0 \"aaaaaaaaaa\">{bomb}]>"),
    ] {
        for document in [format!("{doctype}{good}"), format!("<?xml version=\"1.0\"?>\n{doctype}{good}")] {
            assert_eq!(world.fault(&document), "xml_declaration_refused", "{doctype}");
        }
    }
    let entity = swap(&good, "ada@corp.example", "&e;");
    assert_eq!(world.fault(&entity), "xml_malformed");
}

#[test]
fn s_13_only_the_bytes_that_were_verified_are_read() {
    let world = World::new();
    let good = world.signer.good(Signed::Assertion);
    for (name, from, to) in [
        ("a namespace that is redefined", "<saml:Subject>", "<saml:Subject xmlns:saml=\"urn:x\">"),
        ("a twin in no namespace", "<saml:Subject>", "<Subject/><saml:Subject>"),
        ("a default namespace", "<saml:NameID ", "<NameID xmlns=\"urn:x\">root</NameID><saml:NameID "),
        ("xml:base", "<saml:Assertion ", "<saml:Assertion xml:base=\"urn:x\" "),
    ] {
        let fault = world.fault(&swap(&good, from, to));
        assert_eq!(fault, "signature_invalid", "{name}");
    }
    // CVE-2025-66568: what cannot be canonicalised must not count as the empty text, whose hash is known.
    let relative = swap(&good, "<saml:Assertion ", "<saml:Assertion xmlns:r=\"1\" r:x=\"\" ");
    let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let old = cut(&relative, "<ds:DigestValue>", "</ds:DigestValue>").to_owned();
    let void = swap(&relative, &old, &format!("<ds:DigestValue>{empty}</ds:DigestValue>"));
    assert_eq!(world.fault(&void), "signature_invalid");
    let status =
        swap(&good, "<samlp:Status>", "<samlp:Status xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">");
    assert_eq!(world.fault(&status), "nothing", "another way to write the same, around what is signed");
}

#[test]
fn s_14_what_a_lenient_parser_would_mend_is_refused() {
    let world = World::new();
    let good = world.signer.good(Signed::Both);
    for (name, document) in [
        ("no end", good.trim_end_matches("</samlp:Response>").to_owned()),
        ("two roots", format!("{good}{good}")),
        ("text behind", format!("{good}x")),
        ("an attribute twice", swap(&good, "<samlp:Response ", "<samlp:Response Version=\"2.0\" ")),
        ("an undeclared prefix", swap(&good, "<samlp:Status>", "<x:y/><samlp:Status>")),
        ("a NUL", swap(&good, "ada@", "\0ada@")),
        ("nothing", String::new()),
        ("a byte order mark", format!("\u{feff}{good}")),
    ] {
        assert_eq!(world.fault(&document), "xml_malformed", "{name}");
    }
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut latin = good.into_bytes();
    latin.push(0xfc);
    for (bytes, fault) in [(utf16, Fault::Malformed), (latin, Fault::NotUtf8)] {
        let read = Answer::read(&BASE64_STANDARD.encode(bytes), &world.sp, &world.idp, &expected());
        assert_eq!(read, Err(fault));
    }
    for form in ["%", "PA", "PA=\u{fc}", "PGEvPg==PGEvPg=="] {
        assert_eq!(Answer::read(form, &world.sp, &world.idp, &expected()), Err(Fault::Encoding), "{form}");
    }
}

#[test]
fn s_15_what_is_too_much_is_refused_at_once() {
    let world = World::new();
    let good = world.signer.good(Signed::Both);
    let many: String = (0..33).map(|i| format!(" a{i}=\"\"")).collect();
    let namespaces: String = (0..10_000).map(|i| format!(" xmlns:a{i}=\"u\"")).collect();
    for (name, document, fault) in [
        ("10 MB", swap(&good, "ada@", &"a".repeat(10 << 20)), "message_too_long"),
        ("33 attributes", swap(&good, "<samlp:Status>", &format!("<samlp:Status{many}>")), "xml_too_many"),
        (
            "10000 namespaces",
            swap(&good, "<samlp:Status>", &format!("<samlp:Status{namespaces}>")),
            "xml_too_many",
        ),
        ("depth", swap(&good, "<samlp:Status>", &"<a>".repeat(10_000)), "xml_too_deep"),
        (
            "elements",
            swap(&good, "<samlp:Status>", &format!("{}<samlp:Status>", "<a/>".repeat(9_000))),
            "xml_too_many",
        ),
    ] {
        let begun = Instant::now();
        assert_eq!(world.fault(&document), fault, "{name}");
        assert!(begun.elapsed().as_millis() < 1_000, "{name}: {:?}", begun.elapsed());
    }
}

#[test]
fn s_16_an_answer_has_a_status_and_that_is_success() {
    let success = "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>";
    let status = format!("<samlp:Status>{success}</samlp:Status>");
    let twice = status.repeat(2);
    rows(&[
        ("no status", &status, "", "status_missing"),
        ("no code", success, "", "status_missing"),
        ("no value", success, "<samlp:StatusCode/>", "status_missing"),
        ("two", &status, &twice, "message_incomplete"),
        ("failure", "status:Success", "status:Responder", "status_responder"),
        ("another namespace", "urn:oasis:names:tc:SAML:2.0:status:Success", "Success", "status_other"),
    ]);
}

#[test]
fn s_17_every_audience_is_ours() {
    let ours = format!("<saml:Audience>{SP}</saml:Audience>");
    let restriction = format!("<saml:AudienceRestriction>{ours}</saml:AudienceRestriction>");
    let other = "<saml:Audience>https://other.example</saml:Audience>";
    let both = format!("{other}{ours}");
    let second = format!("{restriction}<saml:AudienceRestriction>{other}</saml:AudienceRestriction>");
    let conditions = format!(
        "<saml:Conditions NotBefore=\"{}\" NotOnOrAfter=\"{}\">{restriction}</saml:Conditions>",
        at(-60),
        at(300)
    );
    let near = format!("<saml:Audience>{SP}/</saml:Audience>");
    rows(&[
        ("another", &ours, other, "audience_mismatch"),
        ("almost", &ours, &near, "audience_mismatch"),
        ("empty", &ours, "<saml:Audience/>", "audience_mismatch"),
        ("an empty restriction", &ours, "", "audience_mismatch"),
        ("no restriction", &restriction, "", "audience_missing"),
        ("no conditions", &conditions, "", "audience_missing"),
        ("two restrictions, one of them for another", &restriction, &second, "audience_mismatch"),
        ("one of two in one", &ours, &both, "nothing"),
        ("used once", &restriction, &format!("{restriction}<saml:OneTimeUse/>"), "nothing"),
        (
            "a condition that is not known",
            &restriction,
            &format!("{restriction}<saml:Condition/>"),
            "condition_unknown",
        ),
        ("conditions twice", &conditions, &conditions.repeat(2), "message_incomplete"),
    ]);
}

#[test]
fn s_18_destination_and_recipient_are_our_address_to_the_letter() {
    let (destination, recipient) = (format!("Destination=\"{ACS}\""), format!("Recipient=\"{ACS}\""));
    for near in [
        "https://elder.example/sso/saml/idp_2/acs".to_owned(),
        String::new(),
        format!("{ACS}/"),
        ACS.to_uppercase(),
        ACS.replace("elder.example", "elder.example:443"),
        format!("{ACS}?"),
    ] {
        rows(&[
            ("destination", &destination, &format!("Destination=\"{near}\""), "destination_mismatch"),
            ("recipient", &recipient, &format!("Recipient=\"{near}\""), "recipient_mismatch"),
        ]);
    }
    rows(&[("no recipient", &recipient, "", "recipient_mismatch")]);
    let world = World::new();
    for (signed, fault) in [
        (Signed::Response, "destination_mismatch"),
        (Signed::Both, "destination_mismatch"),
        (Signed::Assertion, "nothing"),
    ] {
        let answer = world.signer.answer(signed, |xml| swap(&xml, &destination, ""));
        assert_eq!(world.fault(&answer), fault, "no destination, {signed:?}");
    }
}

#[test]
fn s_19_each_moment_counts_to_the_second() {
    let world = World::new();
    let (from, until) = (at(-60), at(300));
    let set = |attribute: &str, old: &str, seconds: i64| {
        let change = |xml: String| {
            swap(&xml, &format!("{attribute}=\"{old}\""), &format!("{attribute}=\"{}\"", at(seconds)))
        };
        world.signer.answer(Signed::Both, change)
    };
    for skew in [0, 60, 180] {
        let expected = Expected { skew: TimeDelta::seconds(skew), ..expected() };
        for offset in [-301, -181, -skew - 1, -skew, 1 - skew, 0, skew, skew + 1, 181, 301] {
            let begins = if offset > skew { "not_yet_valid" } else { "nothing" };
            let ends = if offset <= -skew { "expired" } else { "nothing" };
            assert_eq!(
                world.fault_as(&set("NotBefore", &from, offset), &expected),
                begins,
                "{skew} {offset}"
            );
            assert_eq!(
                world.fault_as(&set("NotOnOrAfter", &until, offset), &expected),
                ends,
                "{skew} {offset}"
            );
        }
    }
    let far = Expected { skew: TimeDelta::seconds(3_600), ..expected_after(300 + 180) };
    assert_eq!(world.fault_as(&world.signer.good(Signed::Both), &far), "expired", "three minutes at most");
}

#[test]
fn s_19_an_assertion_says_when_it_ends_and_a_session_is_not_over() {
    let (until, end) = (
        format!(" NotOnOrAfter=\"{}\" Recipient", at(300)),
        format!("SessionNotOnOrAfter=\"{}\"", at(8 * 3600)),
    );
    let made = format!("IssueInstant=\"{}\"", at(0));
    let began = format!("AuthnInstant=\"{}\" ", at(0));
    let soon = |seconds| format!("SessionNotOnOrAfter=\"{}\"", at(seconds));
    let second = format!("</saml:AuthnStatement><saml:AuthnStatement {began}{}/>", soon(-60));
    rows(&[
        ("no end", &until, " Recipient", "expiry_missing"),
        ("an end that is none", &until, " NotOnOrAfter=\"soon\" Recipient", "message_incomplete"),
        (
            "an end without a zone",
            &until,
            " NotOnOrAfter=\"2030-01-01T00:00:00\" Recipient",
            "message_incomplete",
        ),
        ("a session that is over", &end, &soon(-60), "session_expired"),
        ("a session that ends now", &end, &soon(-59), "nothing"),
        ("a session without an end", &end, "", "nothing"),
        ("a second session that is over", "</saml:AuthnStatement>", &second, "session_expired"),
        ("from the future", &made, &format!("IssueInstant=\"{}\"", at(61)), "issue_instant_invalid"),
        ("nearly from the future", &made, &format!("IssueInstant=\"{}\"", at(60)), "nothing"),
        ("made at no time", &made, "", "message_incomplete"),
        ("signed in at no time", &began, "", "message_incomplete"),
    ]);
}

#[test]
fn s_21_an_answer_is_to_the_request_that_this_browser_has_waiting() {
    let world = World::new();
    let other = Expected { request: Some(RequestId::kept("_other")), ..expected() };
    for signed in SUFFICIENT {
        let good = world.signer.good(signed);
        assert_eq!(world.fault_as(&good, &other), "in_response_to_mismatch", "{signed:?}");
        assert_eq!(
            world.fault_as(&good, &Expected { request: None, ..expected() }),
            "in_response_to_mismatch"
        );
    }
    // The answer names the right one, what is signed another one, or none.
    let data = format!("<saml:SubjectConfirmationData InResponseTo=\"{REQUEST}\"");
    let named = format!("InResponseTo=\"{REQUEST}\"><saml:Issuer>");
    rows(&[
        (
            "another in the assertion",
            &data,
            "<saml:SubjectConfirmationData InResponseTo=\"_x\"",
            "in_response_to_mismatch",
        ),
        ("none in the assertion", &data, "<saml:SubjectConfirmationData", "in_response_to_mismatch"),
        (
            "empty in the assertion",
            &data,
            "<saml:SubjectConfirmationData InResponseTo=\"\"",
            "in_response_to_mismatch",
        ),
        ("another in the answer", &named, "InResponseTo=\"_x\"><saml:Issuer>", "in_response_to_mismatch"),
        ("none in the answer", &named, "><saml:Issuer>", "unsolicited_refused"),
    ]);
}

#[test]
fn s_28_the_issuer_is_the_provider_to_the_letter() {
    let world = World::new();
    let (in_answer, in_assertion) = (
        format!("<saml:Issuer>{IDP}</saml:Issuer><samlp"),
        format!("<saml:Issuer>{IDP}</saml:Issuer><saml:Sub"),
    );
    let other = |text: &str| text.replace(IDP, &format!("{IDP}/"));
    rows(&[
        ("of the answer", &in_answer, &other(&in_answer), "issuer_mismatch"),
        ("of the assertion", &in_assertion, &other(&in_assertion), "issuer_mismatch"),
        (
            "of a kind",
            &in_assertion,
            &in_assertion
                .replace("Issuer>", "Issuer Format=\"urn:x\">")
                .replace("</saml:Issuer Format=\"urn:x\">", "</saml:Issuer>"),
            "issuer_mismatch",
        ),
    ]);
    for (signed, fault) in [(Signed::Assertion, "nothing"), (Signed::Response, "issuer_mismatch")] {
        let template = world.signer.template("_r1");
        let inner = if signed == Signed::Assertion { world.signer.signed(&assertion()) } else { assertion() };
        let silent = swap(&response(&inner), &in_answer, "<samlp");
        let silent = if signed == Signed::Assertion {
            silent
        } else {
            world.signer.sign(&silent.replacen("<samlp:Status>", &format!("{template}<samlp:Status>"), 1))
        };
        assert_eq!(world.fault(&silent), fault, "no issuer of the answer, {signed:?}");
    }
}

#[test]
fn an_answer_is_of_the_right_kind_version_and_subject() {
    let name = cut(&assertion(), "<saml:NameID ", "</saml:NameID>").to_owned();
    let subject = cut(&assertion(), "<saml:Subject>", "</saml:Subject>").to_owned();
    let statement = cut(&assertion(), "<saml:AuthnStatement ", "</saml:AuthnStatement>").to_owned();
    let confirmation =
        cut(&assertion(), "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>").to_owned();
    let data = cut(&assertion(), "<saml:SubjectConfirmationData ", "/>").to_owned();
    let keeper = confirmation.replace("cm:bearer", "cm:holder-of-key");
    let wrong_first = format!("{}{confirmation}", confirmation.replace(ACS, "https://other.example"));
    let encrypted = "<saml:EncryptedID/>".to_owned();
    rows(&[
        ("another version of all", "Version=\"2.0\"", "Version=\"1.1\"", "version_unsupported"),
        ("no name", &name, "", "name_id_invalid"),
        ("two names", &name, &name.repeat(2), "name_id_invalid"),
        ("an empty name", "ada@corp.example</saml:NameID>", " </saml:NameID>", "name_id_invalid"),
        (
            "a long name",
            "ada@corp.example</saml:NameID>",
            &format!("{}</saml:NameID>", "a".repeat(257)),
            "name_id_invalid",
        ),
        (
            "the longest name",
            "ada@corp.example</saml:NameID>",
            &format!("{}</saml:NameID>", "a".repeat(256)),
            "nothing",
        ),
        ("an encrypted name", &name, &encrypted, "name_id_invalid"),
        ("a plain and an encrypted name", &name, &format!("{name}{encrypted}"), "name_id_invalid"),
        ("no subject", &subject, "", "subject_missing"),
        ("no confirmation", &confirmation, "", "subject_missing"),
        ("no data of it", &data, "", "subject_missing"),
        ("another way to confirm", &confirmation, &keeper, "subject_missing"),
        ("one good way of two", &confirmation, &wrong_first, "nothing"),
        ("no sign-in", &statement, "", "authn_statement_missing"),
        (
            "an attribute without a name",
            "<saml:Attribute Name=\"groups\">",
            "<saml:Attribute>",
            "attribute_invalid",
        ),
    ]);
    let world = World::new();
    let request = world.signer.good(Signed::Assertion).replace("samlp:Response", "samlp:LogoutResponse");
    assert_eq!(world.fault(&request), "message_unexpected");
    assert_eq!(
        world.fault(&world.signer.signed(&assertion())),
        "message_unexpected",
        "an assertion by itself"
    );
    let no_id = swap(&world.signer.good(Signed::Assertion), "ID=\"_r1\"", "");
    assert_eq!(world.fault(&no_id), "id_missing");
}
