//! S-11 to S-15: what an answer is written in, and how much of it.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use elder_saml::{Answer, Fault};

use crate::{
    World,
    content::rows,
    cost::is_cheap,
    expected,
    forge::{Signed, cut, swap},
};

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
    let bomb = (1..9)
        .map(|i| format!("<!ENTITY a{i} \"{}\">", format!("&a{};", i - 1).repeat(10)))
        .collect::<Vec<_>>()
        .concat();
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
    let with = |attributes: String| swap(&good, "<samlp:Status>", &format!("<samlp:Status{attributes}>"));
    let many = |count| (0..count).map(|i| format!(" a{i}=\"\"")).collect::<Vec<_>>().concat();
    let namespaces = |count| (0..count).map(|i| format!(" xmlns:a{i}=\"u\"")).collect::<Vec<_>>().concat();
    for (name, document, fault) in [
        ("10 MB", swap(&good, "ada@", &"a".repeat(10 << 20)), "message_too_long"),
        ("33 attributes", with(many(33)), "xml_too_many"),
        ("15,000 attributes, as many as there is room for", with(many(15_000)), "xml_too_many"),
        ("80,000 attributes", with(many(80_000)), "message_too_long"),
        ("10,000 namespaces", with(namespaces(10_000)), "xml_too_many"),
        ("100,000 namespaces", with(namespaces(100_000)), "message_too_long"),
        ("depth", swap(&good, "<samlp:Status>", &"<a>".repeat(10_000)), "xml_too_deep"),
        (
            "elements",
            swap(&good, "<samlp:Status>", &format!("{}<samlp:Status>", "<a/>".repeat(9_000))),
            "xml_too_many",
        ),
    ] {
        let form = BASE64_STANDARD.encode(document);
        is_cheap(name, || {
            let verdict = Answer::read(&form, &world.sp, &world.idp, &expected());
            assert_eq!(verdict.map_err(Fault::code), Err(fault), "{name}");
        });
    }
}
