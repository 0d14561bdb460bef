//! S-27: single logout, both ways and in both bindings.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use elder_kernel::Random;
use elder_saml::{
    Arrived, Binding, Endpoint, Fault, Field, Form, Idp, LogoutAnswer, LogoutExpected, LogoutRequest,
    LogoutResponse, LogoutWish, NameId, RelayState, RequestId,
};
use openssl::{nid::Nid, sign::Signer as Pen};

use crate::{
    IDP, SLO, SLO_URL, SP, World,
    cost::is_cheap,
    forge::{Signer, at, swap},
    now,
    requests::{is_signed_by, posted, redirected},
    seam,
};

fn expected() -> LogoutExpected {
    LogoutExpected { now: now(), skew: TimeDelta::seconds(60) }
}

fn ada() -> NameId {
    NameId {
        value: "ada@corp.example".to_owned(),
        format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
        name_qualifier: Some(IDP.to_owned()),
        sp_name_qualifier: None,
    }
}

/// A provider's request, unsigned.
fn request() -> String {
    format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_l1\" Version=\"2.0\" IssueInstant=\"{}\" \
         Destination=\"{SLO}\" NotOnOrAfter=\"{}\"><saml:Issuer>{IDP}</saml:Issuer><saml:NameID \
         Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" NameQualifier=\"{IDP}\">ada@corp.example\
         </saml:NameID><samlp:SessionIndex>_s1</samlp:SessionIndex><samlp:SessionIndex>_s2</samlp:SessionIndex>\
         </samlp:LogoutRequest>",
        at(0),
        at(120)
    )
}

/// A provider's answer, unsigned.
fn answer() -> String {
    format!(
        "<samlp:LogoutResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_l2\" Version=\"2.0\" IssueInstant=\"{}\" \
         Destination=\"{SLO}\" InResponseTo=\"_ours\"><saml:Issuer>{IDP}</saml:Issuer><samlp:Status><samlp:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status></samlp:LogoutResponse>",
        at(0)
    )
}

/// The query of a redirect, signed.
fn query(signer: &Signer, field: Field, xml: &str, relay_state: Option<&str>) -> String {
    use std::io::Write as _;
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    deflate.write_all(xml.as_bytes()).unwrap();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(field.name(), &BASE64_STANDARD.encode(deflate.finish().unwrap()));
    if let Some(state) = relay_state {
        query.append_pair("RelayState", state);
    }
    let query = query.append_pair("SigAlg", signer.method).finish();
    let mut signature = Pen::new(openssl::hash::MessageDigest::sha256(), &signer.key).unwrap();
    let mut signature = signature.sign_oneshot_to_vec(query.as_bytes()).unwrap();
    if signer.method.contains("ecdsa") {
        let pair = openssl::ecdsa::EcdsaSig::from_der(&signature).unwrap();
        signature = [pair.r().to_vec_padded(32).unwrap(), pair.s().to_vec_padded(32).unwrap()].concat();
    }
    form_urlencoded::Serializer::new(query)
        .append_pair("Signature", &BASE64_STANDARD.encode(signature))
        .finish()
}

fn post(xml: &str) -> String {
    BASE64_STANDARD.encode(xml)
}

fn read_post(world: &World, xml: &str) -> Result<LogoutWish, Fault> {
    let arrived = Arrived::Post { message: &post(xml), relay_state: Some("theirs") };
    LogoutWish::read(arrived, &world.sp, &world.idp, &expected())
}

fn read_query(world: &World, query: &str) -> Result<LogoutWish, Fault> {
    LogoutWish::read(Arrived::Redirect(query), &world.sp, &world.idp, &expected())
}

fn read_answer(world: &World, xml: &str, request: &str) -> Result<LogoutAnswer, Fault> {
    let (request, message) = (RequestId::kept(request), post(&world.signer.signed(xml)));
    let arrived = Arrived::Post { message: &message, relay_state: None };
    LogoutAnswer::read(arrived, &world.sp, &world.idp, &request, &expected())
}

#[test]
fn a_provider_ends_sessions_by_redirect_and_by_post() {
    for signer in [Signer::rsa(), Signer::ecdsa(Nid::X9_62_PRIME256V1)] {
        let world = World::signed_by(signer);
        let sent = query(&world.signer, Field::Request, &request(), Some("a b+c/ä&="));
        let by_redirect = read_query(&world, &sent).unwrap();
        let by_post = read_post(&world, &world.signer.signed(&request())).unwrap();
        assert_eq!(by_redirect.relay_state.as_deref(), Some("a b+c/ä&="));
        assert_eq!(by_post.relay_state.as_deref(), Some("theirs"));
        assert_eq!(LogoutWish { relay_state: Some("theirs".to_owned()), ..by_redirect }, by_post);
        assert_eq!(by_post.id, "_l1");
        assert_eq!(by_post.name_id, ada());
        assert_eq!(by_post.session_indexes, ["_s1", "_s2"]);
        assert_eq!(by_post.not_on_or_after, now() + TimeDelta::seconds(120 + 180));
    }
}

#[test]
fn s_27_a_logout_that_is_not_signed_by_the_provider_ends_nothing() {
    let (world, eve) = (World::new(), Signer::rsa());
    assert_eq!(read_post(&world, &request()), Err(Fault::Unsigned));
    assert_eq!(read_post(&world, &eve.signed(&request())), Err(Fault::Signature));
    let good = world.signer.signed(&request());
    assert_eq!(read_post(&world, &swap(&good, ">_s1<", ">_s9<")), Err(Fault::Signature));
    let wrapped = swap(&request(), "<saml:NameID ", &format!("{good}<saml:NameID "));
    assert_eq!(read_post(&world, &wrapped), Err(Fault::DuplicateId));
    let wrapped = swap(
        &wrapped,
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_l1\"",
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_l9\"",
    );
    assert!(read_post(&world, &wrapped).is_err());

    let good = query(&world.signer, Field::Request, &request(), Some("s"));
    assert!(read_query(&world, &good).is_ok());
    assert_eq!(
        read_query(&world, &query(&eve, Field::Request, &request(), Some("s"))),
        Err(Fault::Signature)
    );
    let (unsigned, signature) = good.split_once("&Signature=").unwrap();
    let sha1 = Signer { method: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", ..world.signer.clone() };
    for (name, query, fault) in [
        ("no signature", unsigned.to_owned(), Fault::Unsigned),
        ("no algorithm", swap(&good, "&SigAlg=", "&Other="), Fault::Unsigned),
        ("an empty signature", format!("{unsigned}&Signature="), Fault::Signature),
        ("a signature that is none", format!("{unsigned}&Signature=%25"), Fault::Encoding),
        ("SHA-1", query(&sha1, Field::Request, &request(), None), Fault::SignatureAlgorithm),
        ("another relay state", swap(&good, "RelayState=s", "RelayState=t"), Fault::Signature),
        ("no relay state", swap(&good, "&RelayState=s", ""), Fault::Signature),
        ("written in another way", swap(&good, "RelayState=s", "RelayState=%73"), Fault::Signature),
        ("twice", format!("{good}&RelayState=s"), Fault::Encoding),
        ("a name in disguise", format!("{good}&Relay%53tate=t"), Fault::Encoding),
        ("a message of each kind", format!("{good}&SAMLResponse=x"), Fault::WrongMessage),
        ("another encoding", format!("{good}&SAMLEncoding=urn:x"), Fault::Encoding),
        ("no message", format!("RelayState=s&SigAlg=x&Signature={signature}"), Fault::WrongMessage),
        ("nothing", String::new(), Fault::WrongMessage),
    ] {
        assert_eq!(read_query(&world, &query), Err(fault), "{name}");
    }
    assert!(read_query(&world, &format!("{good}&lang=en")).is_ok(), "what else is there is not read");
    let deflate = "SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE";
    assert!(read_query(&world, &format!("{deflate}&{good}")).is_ok());
}

#[test]
fn s_15_a_query_does_not_swell_up() {
    let world = World::new();
    let bomb = swap(&request(), "_s2", &" ".repeat(64 << 20));
    let sent = query(&world.signer, Field::Request, &bomb, None);
    assert!(sent.len() < 256 << 10, "{}", sent.len());
    is_cheap("a bomb", || assert_eq!(read_query(&world, &sent), Err(Fault::TooLong)));
    let long = query(&world.signer, Field::Request, &request(), Some(&"a".repeat(256 << 10)));
    assert_eq!(read_query(&world, &long), Err(Fault::TooLong));
}

#[test]
fn s_27_a_logout_is_from_the_provider_to_us_and_now() {
    let world = World::new();
    let made = format!("IssueInstant=\"{}\"", at(0));
    let ends = format!(" NotOnOrAfter=\"{}\"", at(120));
    for (name, from, to, fault) in [
        ("issuer", &*format!(">{IDP}<"), &*format!(">{SP}<"), Fault::Issuer),
        (
            "no issuer",
            &*format!("<saml:Issuer>{IDP}</saml:Issuer>"),
            "<saml:Issuer></saml:Issuer>",
            Fault::Issuer,
        ),
        ("destination", SLO, SLO_URL, Fault::Destination),
        ("no destination", &*format!(" Destination=\"{SLO}\""), "", Fault::Destination),
        ("expired", &*at(120), &*at(-60), Fault::Expired),
        ("old", &*made, &*format!("IssueInstant=\"{}\"", at(-360)), Fault::Expired),
        ("from the future", &*made, &*format!("IssueInstant=\"{}\"", at(61)), Fault::IssueInstant),
        ("version", "Version=\"2.0\"", "Version=\"1.1\"", Fault::Version),
        ("nobody", "ada@corp.example", "", Fault::NameId),
        ("an element in an index", ">_s1<", "><x/><", Fault::Incomplete),
        ("an answer", "LogoutRequest", "LogoutResponse", Fault::WrongMessage),
    ] {
        let bad = swap(&request(), from, to);
        assert_eq!(read_post(&world, &world.signer.signed(&bad)), Err(fault), "{name}");
        assert_eq!(
            read_query(&world, &query(&world.signer, Field::Request, &bad, None)),
            Err(fault),
            "{name}"
        );
    }
    let open = swap(&swap(&request(), &ends, ""), &made, &format!("IssueInstant=\"{}\"", at(-359)));
    let wish = read_post(&world, &world.signer.signed(&open)).unwrap();
    assert_eq!(
        wish.not_on_or_after,
        now() + TimeDelta::seconds(-359 + 300 + 180),
        "five minutes if it does not say"
    );
    let far = swap(&request(), &at(120), "2036-01-01T00:00:00Z");
    let wish = read_post(&world, &world.signer.signed(&far)).unwrap();
    assert_eq!(wish.not_on_or_after, now() + TimeDelta::seconds(300 + 180), "and no longer if it does");
    let mut deaf = World::new();
    deaf.sp.slo_url = None;
    let good = deaf.signer.signed(&request());
    assert_eq!(read_post(&deaf, &good), Err(Fault::Destination));
    deaf.idp.signing_certificates.clear();
    assert_eq!(read_post(&deaf, &good), Err(Fault::NoSigningCertificate));
}

#[test]
fn s_27_an_answer_is_to_the_wish_that_waits() {
    let world = World::new();
    assert!(read_answer(&world, &answer(), "_ours").unwrap().success);
    let sent = query(&world.signer, Field::Response, &answer(), None);
    let request = RequestId::kept("_ours");
    let by_redirect =
        LogoutAnswer::read(Arrived::Redirect(&sent), &world.sp, &world.idp, &request, &expected()).unwrap();
    assert_eq!(by_redirect, LogoutAnswer { in_response_to: request.clone(), success: true });
    let partial = "status:Success\"><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:PartialLogout\"/></samlp:StatusCode>";
    for (from, to) in [("status:Success", "status:Responder"), ("status:Success\"/>", partial)] {
        assert!(!read_answer(&world, &swap(&answer(), from, to), "_ours").unwrap().success, "{to}");
    }
    let made = format!("IssueInstant=\"{}\"", at(0));
    for (name, from, to, fault) in [
        ("another wish", "_ours", "_theirs", Fault::InResponseTo),
        ("no wish", " InResponseTo=\"_ours\"", "", Fault::InResponseTo),
        ("no status", "samlp:Status>", "samlp:Other>", Fault::StatusMissing),
        ("issuer", IDP, SP, Fault::Issuer),
        ("destination", SLO, SLO_URL, Fault::Destination),
        ("old", &*made, &*format!("IssueInstant=\"{}\"", at(-360)), Fault::Expired),
        ("a request", "LogoutResponse", "LogoutRequest", Fault::WrongMessage),
    ] {
        assert_eq!(read_answer(&world, &swap(&answer(), from, to), "_ours"), Err(fault), "{name}");
    }
    let message = post(&answer());
    let unsigned = Arrived::Post { message: &message, relay_state: None };
    assert_eq!(
        LogoutAnswer::read(unsigned, &world.sp, &world.idp, &request, &expected()),
        Err(Fault::Unsigned)
    );
    let as_request = query(&world.signer, Field::Request, &answer(), None);
    let read =
        LogoutAnswer::read(Arrived::Redirect(&as_request), &world.sp, &world.idp, &request, &expected());
    assert_eq!(read, Err(Fault::WrongMessage), "in the field of a request");
}

#[test]
fn our_wish_names_the_user_and_the_sessions_and_is_signed() {
    let world = World::new();
    let (name_id, sessions) = (ada(), ["_s1".to_owned(), "a<b".to_owned()]);
    let state = RelayState::random(&Random::system());
    let wish = LogoutRequest { name_id: &name_id, session_indexes: &sessions };
    let sent = wish.send(&world.sp, &world.idp, Some(&state), &seam()).unwrap();
    assert!(is_signed_by(&sent.form, &world.sp.keys[0]));
    let (xml, pairs) = redirected(&sent.form);
    assert_eq!((&*pairs[0].0, &*pairs[1].1), ("SAMLRequest", state.as_str()));
    for part in [
        format!("ID=\"{}\"", sent.id.as_str()),
        format!("Destination=\"{SLO_URL}\""),
        format!("NotOnOrAfter=\"{}\"", at(300)),
        format!(
            "<saml:Issuer>{SP}</saml:Issuer><saml:NameID Format=\"{}\" NameQualifier=\"{IDP}\">ada@corp.example<",
            ada().format.unwrap()
        ),
        "<samlp:SessionIndex>_s1</samlp:SessionIndex><samlp:SessionIndex>a&lt;b</samlp:SessionIndex>"
            .to_owned(),
    ] {
        assert!(xml.contains(&part), "{part}: {xml}");
    }
    let silent = Idp { slo: Vec::new(), ..world.idp.clone() };
    assert_eq!(wish.send(&world.sp, &silent, None, &seam()), Err(Fault::NoBinding));
}

#[test]
fn our_answer_names_the_wish_and_goes_where_answers_go() {
    let world = World::new();
    let to = |binding| Endpoint {
        binding,
        location: SLO_URL.to_owned(),
        response_location: Some(format!("{SLO_URL}/done")),
    };
    for (success, code) in [(true, "status:Success"), (false, "status:Responder")] {
        let response = LogoutResponse { in_response_to: "_l1", success };
        let idp = Idp { slo: vec![to(Binding::Redirect)], ..world.idp.clone() };
        let sent = response.send(&world.sp, &idp, Some("their state"), &seam()).unwrap();
        let (xml, pairs) = redirected(&sent.form);
        assert!(
            matches!(&sent.form, Form::Redirect(url) if url.starts_with(&format!("{SLO_URL}/done?SAMLResponse=")))
        );
        assert_eq!(pairs[1], ("RelayState".to_owned(), "their state".to_owned()));
        assert!(is_signed_by(&sent.form, &world.sp.keys[0]));
        assert!(xml.contains("InResponseTo=\"_l1\"") && xml.contains(code), "{xml}");
        let idp = Idp { slo: vec![to(Binding::Post)], ..world.idp.clone() };
        let sent = response.send(&world.sp, &idp, Some("their state"), &seam()).unwrap();
        let Form::Post { action, field, relay_state, .. } = &sent.form else { panic!("no form") };
        assert_eq!(
            (&**action, *field, relay_state.as_deref()),
            (&*format!("{SLO_URL}/done"), Field::Response, Some("their state"))
        );
        assert!(posted(&sent.form).contains("<ds:SignatureValue>"));
    }
}
