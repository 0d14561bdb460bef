//! S-01, S-06, S-07, S-10 and S-26: what a signature may look like, and whose it is.

use elder_kernel::Secret;
use elder_saml::{Fault, Idp, SignedIn, SpKey};
use openssl::{nid::Nid, pkey::PKey, rsa::Rsa, sign::Signer as Hmac};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    World, expected, expected_after,
    forge::{
        EXC_C14N, RSA_SHA256, SHA256, SUFFICIENT, Signed, Signer, assertion, cut, response, signature, swap,
    },
    idp, now,
};

#[test]
fn s_01_a_provider_without_a_certificate_signs_nobody_in() {
    let world = World::new();
    for signed in [Signed::Nothing, Signed::Response] {
        let answer = world.signer.good(signed);
        let bare =
            World { idp: Idp { signing_certificates: Vec::new(), ..world.idp.clone() }, ..World::new() };
        assert_eq!(bare.fault(&answer), "signature_certificate_missing".replace("signature_", "signing_"));
    }
    let json = serde_json::to_string(&world.idp).unwrap();
    assert_eq!(serde_json::from_str::<Idp>(&json).unwrap(), world.idp, "what is kept is what was read");
}

#[test]
fn s_06_a_signature_refers_to_the_element_in_which_it_stands_and_to_nothing_else() {
    let world = World::new();
    let xslt = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>";
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">\
                 <ds:XPath>not(ancestor-or-self::saml:Subject)</ds:XPath></ds:Transform>";
    let enveloped = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
    let exclusive = format!("<ds:Transform Algorithm=\"{EXC_C14N}\"/>");
    let canonical = format!("<ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"/>");
    let with_comments = canonical.replace(EXC_C14N, &format!("{EXC_C14N}WithComments"));
    let inclusive = canonical.replace(EXC_C14N, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315");
    let prefixes = format!(
        "<ds:Transform Algorithm=\"{EXC_C14N}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXC_C14N}\" PrefixList=\"xs\"/></ds:Transform>"
    );
    let two = "<ds:Transforms>".to_owned();
    for (signed, id) in [(Signed::Assertion, "_a1"), (Signed::Response, "_r1")] {
        let uri = format!(" URI=\"#{id}\"");
        // What the provider itself signs in such a way is refused as well.
        let made = |from: &str, to: &str| {
            let template = swap(&world.signer.template(id), from, to);
            let element = if signed == Signed::Response { response(&assertion()) } else { assertion() };
            let with = element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{template}"), 1);
            if signed == Signed::Response { with } else { response(&with) }
        };
        let kept = world.signer.sign(&made(&exclusive, &prefixes));
        assert_eq!(world.fault(&kept), "nothing", "prefixes that are kept");
        for (name, from, to) in [
            ("the whole document", &*uri, " URI=\"\""),
            ("no URI", &*uri, ""),
            ("another id", &*uri, " URI=\"#_x\""),
            ("xpointer", &*uri, &*format!(" URI=\"#xpointer(id('{id}'))\"")),
            ("xpointer to the root", &*uri, " URI=\"#xpointer(/)\""),
            ("elsewhere", &*uri, " URI=\"https://evil.example/\""),
            ("XSLT", &*exclusive, &*format!("{xslt}{exclusive}")),
            ("XPath", &*exclusive, &*format!("{xpath}{exclusive}")),
            ("XPath instead", enveloped, xpath),
            ("no transform", enveloped, ""),
            ("one transform twice", &*exclusive, enveloped),
            ("inclusive", &*canonical, &*inclusive),
            ("with comments", &*canonical, &*with_comments),
            ("an object", "</ds:Signature>", "<ds:Object/></ds:Signature>"),
            (
                "another order",
                "<ds:SignatureValue/></ds:Signature>",
                "<ds:KeyInfo/><ds:SignatureValue/></ds:Signature>",
            ),
            (
                "something in the method",
                "#rsa-sha256\"/>",
                "#rsa-sha256\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>",
            ),
            ("something between transforms", &*two, "<ds:Transforms><x/>"),
        ] {
            assert_eq!(world.fault(&made(from, to)), "signature_malformed", "{name} {signed:?}");
        }
    }
}

#[test]
fn s_06_a_signature_stands_once_and_in_its_place() {
    let world = World::new();
    for signed in [Signed::Assertion, Signed::Response] {
        let good = world.signer.good(signed);
        let reference = cut(&good, "<ds:Reference ", "</ds:Reference>").to_owned();
        assert_eq!(
            world.fault(&swap(&good, &reference, &reference.repeat(2))),
            "signature_malformed",
            "two references"
        );
        let second = swap(&good, signature(&good), &signature(&good).repeat(2));
        assert_eq!(world.fault(&second), "signature_misplaced", "two signatures");
        let own = signature(&good).to_owned();
        for (name, place) in [
            ("at the end of the answer", "</samlp:Response>"),
            ("in the status", "</samlp:Status>"),
            ("in the subject", "</saml:Subject>"),
            ("at the end of the assertion", "</saml:Assertion>"),
        ] {
            let moved = swap(&swap(&good, &own, ""), place, &format!("{own}{place}"));
            let fault = world.fault(&moved);
            assert!(
                ["signature_misplaced", "signature_malformed"].contains(&fault),
                "{name} {signed:?}: {fault}"
            );
        }
    }
}

#[test]
fn s_06_whatever_is_changed_behind_a_signature_breaks_it() {
    let world = World::new();
    for signed in SUFFICIENT {
        let good = world.signer.good(signed);
        for (from, to) in [
            ("ada@corp.example</saml:NameID>", "root@corp.example</saml:NameID>"),
            (">eng<", ">admins<"),
            ("<saml:AttributeValue>eng", "<saml:AttributeValue> eng"),
            ("SessionIndex=\"_s1\"", "SessionIndex=\"_s2\""),
            ("<saml:Conditions ", "<saml:Conditions xmlns:x=\"urn:x\" x:y=\"1\" "),
        ] {
            assert_eq!(world.fault(&swap(&good, from, to)), "signature_invalid", "{to} {signed:?}");
        }
    }
    let partly = world.signer.good(Signed::Assertion);
    let outside = swap(&partly, "<samlp:Status>", "<samlp:Extensions><x/></samlp:Extensions><samlp:Status>");
    assert_eq!(world.fault(&outside), "nothing", "what is not signed is not read");
}

#[test]
fn s_07_weak_algorithms_do_not_count_however_well_they_are_used() {
    let world = World::new();
    for (method, digest) in [
        ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1"),
        (RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"),
        ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", SHA256),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-md5", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224",
            "http://www.w3.org/2001/04/xmldsig-more#sha224",
        ),
    ] {
        for signed in SUFFICIENT {
            let signer = world.signer.clone().by(method, digest);
            // Some of them cannot even be made by the library here.
            let template = signer.template("_r1");
            let weak =
                response(&assertion()).replacen("</saml:Issuer>", &format!("</saml:Issuer>{template}"), 1);
            assert_eq!(world.fault(&weak), "signature_algorithm_refused", "{method} {digest}");
            if method.ends_with("rsa-sha1") {
                assert_eq!(
                    world.fault(&signer.good(signed)),
                    "signature_algorithm_refused",
                    "{digest} {signed:?}"
                );
            }
        }
    }
    for method in [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2009/xmldsig11#dsa-sha256",
        "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ",
        "http://www.w3.org/2001/04/XMLDSIG-MORE#rsa-sha256",
    ] {
        let good = world.signer.good(Signed::Response);
        assert_eq!(world.fault(&swap(&good, RSA_SHA256, method)), "signature_algorithm_refused", "{method}");
    }
}

#[test]
fn s_07_a_certificate_is_never_a_shared_secret() {
    let world = World::new();
    let hmac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    let key = PKey::hmac(&world.signer.certificate).unwrap();
    let mut signer = Hmac::new(openssl::hash::MessageDigest::sha256(), &key).unwrap();
    let value = openssl::base64::encode_block(&signer.sign_oneshot_to_vec(b"anything").unwrap());
    let good = world.signer.good(Signed::Response);
    let old = cut(&good, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
    let forged = swap(
        &swap(&good, RSA_SHA256, hmac),
        &old,
        &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"),
    );
    assert_eq!(world.fault(&forged), "signature_algorithm_refused");
}

#[test]
fn s_10_keys_come_from_the_configuration_and_not_from_the_message() {
    let world = World::new();
    let eve = Signer::rsa();
    for signed in SUFFICIENT {
        let forged = eve.good(signed);
        assert_eq!(world.fault(&forged), "signature_invalid", "{signed:?}");
        let certificate = openssl::base64::encode_block(&eve.certificate).replace('\n', "");
        let info = format!(
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        );
        let with_own = swap(&forged, "</ds:Signature>", &format!("{info}</ds:Signature>"));
        assert_eq!(world.fault(&with_own), "signature_invalid", "{signed:?}: its own certificate in it");
        // What a good answer says of its key is not looked at, whoever may have put it there.
        let good = swap(&world.signer.good(signed), "</ds:Signature>", &format!("{info}</ds:Signature>"));
        let verdict = if signed == Signed::Both { "signature_invalid" } else { "nothing" };
        assert_eq!(world.fault(&good), verdict, "{signed:?}: the outer signature covers the inner one");
    }
    assert_eq!(world.fault(&Signer::ecdsa(Nid::X9_62_PRIME256V1).good(Signed::Both)), "signature_invalid");
}

#[test]
fn s_28_the_key_of_another_provider_signs_nothing_here() {
    let (world, other) = (World::new(), World::new());
    assert_eq!(world.fault(&other.signer.good(Signed::Both)), "signature_invalid");
    assert_eq!(other.fault(&other.signer.good(Signed::Both)), "nothing");
    let as_other =
        world.signer.answer(Signed::Both, |xml| xml.replace("idp.example/metadata", "idp2.example/metadata"));
    assert_eq!(world.fault(&as_other), "issuer_mismatch", "nor does this one sign for another");
}

#[test]
fn s_26_old_and_new_certificates_count_together_and_a_removed_one_no_more() {
    let (old, new) = (Signer::rsa(), Signer::ecdsa(Nid::X9_62_PRIME256V1));
    let mut world = World::signed_by(old.clone());
    for (signers, of_old, of_new) in [
        (vec![&old], "nothing", "signature_invalid"),
        (vec![&new, &old], "nothing", "nothing"),
        (vec![&old, &new], "nothing", "nothing"),
        (vec![&new], "signature_invalid", "nothing"),
    ] {
        world.idp = idp(&signers);
        for signed in SUFFICIENT {
            assert_eq!(world.fault(&old.good(signed)), of_old);
            assert_eq!(world.fault(&new.good(signed)), of_new);
        }
    }
}

#[test]
fn s_26_a_certificate_that_has_ended_says_so() {
    let key = || PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let ended = Signer::of(key(), -10, -1);
    let later = Signer::of(key(), 1, 10);
    let good = Signer::of(key(), -1, 1);
    let mut world = World::signed_by(ended.clone());
    world.idp = idp(&[&ended, &later, &good]);
    for signed in SUFFICIENT {
        assert_eq!(world.fault(&ended.good(signed)), "certificate_expired");
        assert_eq!(world.fault(&later.good(signed)), "certificate_expired");
        assert_eq!(world.fault(&good.good(signed)), "nothing");
    }
    let certificate = &world.idp.signing_certificates[2];
    assert!(certificate.is_valid_at(now()) && !certificate.is_valid_at(certificate.not_after));
    assert_eq!(
        world.read_as(&good.good(Signed::Both), &expected_after(86_400)),
        Err(Fault::CertificateExpired)
    );
    assert!(world.read_as(&good.good(Signed::Both), &expected()).is_ok());
}

#[test]
fn weak_keys_are_not_taken_from_anybody() {
    let weak = Signer::weak_rsa();
    let text = openssl::base64::encode_block(&weak.certificate);
    assert_eq!(elder_saml::Certificate::read(&text), Err(Fault::NoSigningCertificate));
    let (k, strong) = (PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap(), crate::own_key());
    let pem = |key: &PKey<openssl::pkey::Private>| {
        Secret::new(String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap())
    };
    let certificate = strong.certificate_pem().unwrap();
    assert!(SpKey::from_pem(&strong.private_pem().unwrap(), &certificate).is_ok());
    for private in [
        pem(&k),
        pem(&Signer::rsa().key),
        pem(&Signer::ecdsa(Nid::X9_62_PRIME256V1).key),
        Secret::new(String::new()),
    ] {
        assert_eq!(SpKey::from_pem(&private, &certificate).err(), Some(Fault::KeyInvalid));
    }
    let curve = Signer::ecdsa(Nid::SECP256K1);
    let text = openssl::base64::encode_block(&curve.certificate);
    assert_eq!(elder_saml::Certificate::read(&text), Err(Fault::NoSigningCertificate));
}

#[test]
fn s_13_whatever_is_changed_in_a_good_answer_nobody_else_signs_in() {
    let world = World::new();
    let good = SUFFICIENT.map(|signed| world.signer.good(signed));
    let known = good.clone().map(|answer| world.read(&answer).unwrap());
    let pieces = [
        "<",
        ">",
        "/",
        "\"",
        "ada",
        "root@corp.example",
        "<x>",
        "</saml:NameID>",
        " xmlns=\"\"",
        "&#65;",
        "",
    ];
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let changes =
        (0..3_usize, any::<prop::sample::Index>(), 0..40_usize, prop::sample::select(pieces.to_vec()));
    let verdict = runner.run(&changes, |(which, at, length, piece)| {
        let text = &good[which];
        let from = at.index(text.len());
        let changed = format!("{}{piece}{}", &text[..from], &text[(from + length).min(text.len())..]);
        if let Ok(who) = world.read(&changed) {
            // The id of an answer that is not signed is the only thing that anybody may choose.
            prop_assert_eq!(SignedIn { response_id: "_r1".to_owned(), ..who }, known[which].clone());
        }
        Ok(())
    });
    verdict.unwrap();
}

#[test]
fn many_threads_verify_at_once() {
    let world = World::new();
    let (good, forged) = (world.signer.good(Signed::Both), Signer::rsa().good(Signed::Both));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!((world.fault(&good), world.fault(&forged)), ("nothing", "signature_invalid"));
                }
            });
        }
    });
}
