//! S-16 to S-21 as far as they are about what an answer says: one fault a row, and the good case beside them.

use chrono::TimeDelta;
use elder_saml::{Expected, RequestId};

use crate::{
    ACS, IDP, REQUEST, SP, World, expected, expected_after,
    forge::{SUFFICIENT, Signed, assertion, at, cut, response, swap},
};

/// Tries faults of the provider: it signs whatever it says.
pub(crate) fn rows(rows: &[(&str, &str, &str, &str)]) {
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
fn s_16_an_answer_has_a_status_and_that_is_success() {
    let success = "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>";
    let status = format!("<samlp:Status>{success}</samlp:Status>");
    let twice = status.repeat(2);
    let code = |name: &str, inner: &str| {
        format!(
            "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:{name}\">{inner}</samlp:StatusCode>"
        )
    };
    rows(&[
        ("a success within a failure", success, &code("Responder", success), "status_responder"),
        ("a failure with its reason", success, &code("Responder", &code("AuthnFailed", "")), "status_denied"),
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
