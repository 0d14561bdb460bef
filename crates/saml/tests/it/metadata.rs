//! S-01 and S-24: descriptions of providers, and of us.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use elder_saml::{Binding, Certificate, Fault, Idp, IdpSettings, KeyAlgorithm, generate_key};
use openssl::nid::Nid;

use crate::{
    ACS, IDP, SLO, SLO_URL, SP, SSO_URL, World, expected,
    forge::{Signed, Signer, swap},
    now, own_key, seam,
};

const HEAD: &str =
    "xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";

fn key(signer: &Signer, usage: &str) -> String {
    let certificate = BASE64_STANDARD.encode(&signer.certificate);
    format!(
        "<KeyDescriptor{usage}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n {certificate}\n</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo></KeyDescriptor>"
    )
}

fn role(keys: &str) -> String {
    let binding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-";
    format!(
        "<IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol \
         urn:oasis:names:tc:SAML:2.0:protocol\" WantAuthnRequestsSigned=\"true\">{keys}\
         <SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" Location=\"https://idp.example/soap\"/>\
         <SingleLogoutService Binding=\"{binding}Redirect\" Location=\"{SLO_URL}\" ResponseLocation=\"{SLO_URL}/done\"/>\
         <SingleSignOnService Binding=\"urn:mace:shibboleth:1.0:profiles:AuthnRequest\" Location=\"https://idp.example/old\"/>\
         <SingleSignOnService Binding=\"{binding}POST\" Location=\"{SSO_URL}/post\"/>\
         <SingleSignOnService Binding=\"{binding}Redirect\" Location=\"{SSO_URL}\"/></IDPSSODescriptor>"
    )
}

fn entity(id: &str, role: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<!-- written by hand --><EntityDescriptor {HEAD} entityID=\"{id}\">{role}</EntityDescriptor>"
    )
}

fn inner(id: &str, role: &str) -> String {
    format!("<EntityDescriptor entityID=\"{id}\">{role}</EntityDescriptor>")
}

fn list(attributes: &str, inner: &str) -> String {
    format!("<EntitiesDescriptor {HEAD} {attributes}>{inner}</EntitiesDescriptor>")
}

fn read(xml: &str) -> Result<Idp, Fault> {
    Idp::from_metadata(xml.as_bytes())
}

#[test]
fn a_provider_is_what_its_description_says() {
    let (signer, curve) = (Signer::rsa(), Signer::ecdsa(Nid::SECP384R1));
    let keys = [key(&signer, ""), key(&curve, " use=\"signing\""), key(&signer, " use=\"signing\"")].concat();
    let idp = read(&format!("\u{feff}{}", entity(IDP, &role(&keys)))).unwrap();
    assert_eq!((&*idp.entity_id, idp.want_authn_requests_signed, idp.valid_until), (IDP, true, None));
    let sso: Vec<_> = idp.sso.iter().map(|endpoint| (endpoint.binding, &*endpoint.location)).collect();
    assert_eq!(sso, [(Binding::Post, &*format!("{SSO_URL}/post")), (Binding::Redirect, SSO_URL)]);
    assert_eq!(idp.slo.len(), 1, "SOAP is for others");
    assert_eq!(idp.slo[0].response_location.as_deref(), Some(&*format!("{SLO_URL}/done")));
    let kinds: Vec<_> =
        idp.signing_certificates.iter().map(|known| (known.algorithm, known.key_bits)).collect();
    assert_eq!(kinds, [(KeyAlgorithm::Rsa, 2048), (KeyAlgorithm::Ecdsa, 384)], "each once");
    assert_eq!(idp.signing_certificates[1].not_after, now() + chrono::TimeDelta::days(10));
    assert_eq!(serde_json::from_value::<Idp>(serde_json::to_value(&idp).unwrap()).unwrap(), idp);
    let world = World { idp, ..World::signed_by(signer) };
    assert_eq!(world.fault(&world.signer.good(Signed::Both)), "nothing");
}

#[test]
fn s_01_a_description_without_a_certificate_for_signatures_is_refused() {
    let (signer, weak) = (Signer::rsa(), Signer::weak_rsa());
    let broken = key(&signer, "").replace("</ds:X509Certificate>", "!</ds:X509Certificate>");
    for keys in [
        String::new(),
        key(&signer, " use=\"encryption\""),
        key(&signer, " use=\"\""),
        key(&weak, ""),
        broken.clone(),
        "<KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:KeyName>a</ds:KeyName></ds:KeyInfo></KeyDescriptor>"
            .to_owned(),
    ] {
        assert_eq!(read(&entity(IDP, &role(&keys))), Err(Fault::NoSigningCertificate), "{keys}");
        let idp = read(&entity(IDP, &role(&format!("{keys}{}", key(&signer, ""))))).unwrap();
        assert_eq!(idp.signing_certificates.len(), 1, "one that is good beside it");
    }
    assert!(read(&entity(IDP, &role(&key(&signer, " use=\"signing\"")))).is_ok());
    let settings = |certificates: &[String]| {
        Idp::from_settings(&IdpSettings {
            entity_id: IDP,
            sso_url: SSO_URL,
            sso_binding: Binding::Post,
            slo_url: None,
            certificates,
            want_authn_requests_signed: false,
        })
    };
    let text = BASE64_STANDARD.encode(&signer.certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    assert_eq!(settings(&[]), Err(Fault::NoSigningCertificate));
    assert_eq!(settings(&[text.clone(), "x".to_owned()]), Err(Fault::CertificateInvalid));
    assert_eq!(settings(&[BASE64_STANDARD.encode(&weak.certificate)]), Err(Fault::NoSigningCertificate));
    assert_eq!(
        settings(&[text]).unwrap().signing_certificates,
        settings(&[pem]).unwrap().signing_certificates
    );
}

#[test]
fn s_10_a_key_for_encryption_signs_nothing() {
    let (signer, other) = (Signer::rsa(), Signer::rsa());
    let keys = [key(&signer, " use=\"encryption\""), key(&other, " use=\"signing\"")].concat();
    let world = World { idp: read(&entity(IDP, &role(&keys))).unwrap(), ..World::signed_by(signer) };
    assert_eq!(world.fault(&world.signer.good(Signed::Both)), "signature_invalid");
    assert_eq!(world.fault(&other.good(Signed::Both)), "nothing");
}

#[test]
fn s_24_one_provider_is_described_or_named() {
    let keys = key(&Signer::rsa(), "");
    let (one, two) = (inner(IDP, &role(&keys)), inner("https://two.example", &role(&keys)));
    let sp =
        inner(SP, "<SPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>");
    assert_eq!(read(&list("", &format!("{sp}{one}"))).unwrap().entity_id, IDP);
    let several = list("", &format!("{one}<EntitiesDescriptor>{two}</EntitiesDescriptor>"));
    assert_eq!(read(&several), Err(Fault::MetadataSeveral));
    let chosen = Idp::from_metadata_of(several.as_bytes(), "https://two.example").unwrap();
    assert_eq!(chosen.entity_id, "https://two.example");
    for (name, document, fault) in [
        ("nobody of that name", several.clone(), Fault::MetadataNoIdp),
        ("nobody", list("", ""), Fault::MetadataNoIdp),
        ("a service provider", list("", &sp), Fault::MetadataNoIdp),
        (
            "SAML 1.1",
            list("", &one.replace("urn:oasis:names:tc:SAML:2.0:protocol", "")),
            Fault::MetadataNoIdp,
        ),
        (
            "two of one name",
            list("", &one.replace(IDP, "https://no.example").repeat(2)),
            Fault::MetadataSeveral,
        ),
    ] {
        assert_eq!(Idp::from_metadata_of(document.as_bytes(), "https://no.example"), Err(fault), "{name}");
    }
    for (name, document, fault) in [
        ("another root", "<a/>".to_owned(), Fault::MetadataInvalid),
        ("a page", "<html><head></head></html>".to_owned(), Fault::MetadataInvalid),
        ("not XML", "{}".to_owned(), Fault::Malformed),
        ("a DTD", format!("<!DOCTYPE a>{}", list("", &one)), Fault::Declaration),
        ("no name", list("", &one.replace("entityID", "id")), Fault::MetadataInvalid),
        ("a long name", list("", &one.replace(IDP, &"a".repeat(1025))), Fault::EntityIdInvalid),
        ("5 MB", list("", &format!("{one}{}", " ".repeat(5 << 20))), Fault::TooLong),
        ("no address", list("", &one.replace("SingleSignOnService", "Other")), Fault::NoBinding),
        ("javascript", list("", &one.replace(SSO_URL, "javascript:alert(1)//")), Fault::UrlInvalid),
        (
            "a password",
            list("", &one.replace("//idp.example/sso", "//a:b@idp.example/sso")),
            Fault::UrlInvalid,
        ),
        ("an answer's address", list("", &one.replace(&format!("{SLO_URL}/done"), "x")), Fault::UrlInvalid),
    ] {
        assert_eq!(read(&document), Err(fault), "{name}");
    }
}

#[test]
fn s_24_a_description_that_has_ended_signs_nobody_in() {
    let signer = Signer::rsa();
    let one = inner(IDP, &role(&key(&signer, "")));
    let (end, later) = ("validUntil=\"2026-06-01T12:00:01Z\"", "validUntil=\"2027-01-01T00:00:00Z\"");
    let role_end = swap(&one, "<IDPSSODescriptor ", &format!("<IDPSSODescriptor {end} "));
    let entity_end = swap(&one, "<EntityDescriptor ", &format!("<EntityDescriptor {end} "));
    for (document, ends) in [
        (list(end, &one), true),
        (list(later, &entity_end), true),
        (list(later, &role_end), true),
        (list(later, &one), false),
        (list("", &one), false),
    ] {
        let world = World { idp: read(&document).unwrap(), ..World::signed_by(signer.clone()) };
        let answer = world.signer.good(Signed::Both);
        assert_eq!(world.fault(&answer), "nothing", "{:?}", world.idp.valid_until);
        let verdict = world.fault_as(&answer, &crate::expected_after(1));
        assert_eq!(verdict, if ends { "metadata_expired" } else { "nothing" });
    }
    assert_eq!(read(&list("validUntil=\"never\"", &one)), Err(Fault::MetadataInvalid));
    assert!(expected().now < now() + chrono::TimeDelta::seconds(1));
}

#[test]
fn we_describe_ourselves_with_all_keys() {
    let mut world = World::new();
    world.sp.keys.push(own_key());
    world.sp.entity_id = format!("{SP}?a=1&b=\"2\"");
    let metadata = world.sp.metadata().unwrap();
    let document = roxmltree::Document::parse(&metadata).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("entityID"), Some(&*world.sp.entity_id));
    let named =
        |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
    let usages: Vec<_> = named("KeyDescriptor").filter_map(|node| node.attribute("use")).collect();
    assert_eq!(usages, ["signing", "signing", "encryption", "encryption"]);
    let first = Certificate::read(named("X509Certificate").next().unwrap().text().unwrap()).unwrap();
    assert_eq!((first.key_bits, first.not_before), (2048, now()));
    assert_eq!(first.not_after, now() + chrono::TimeDelta::days(3652));
    assert_eq!(named("AssertionConsumerService").next().unwrap().attribute("Location"), Some(ACS));
    assert!(named("SingleLogoutService").all(|node| node.attribute("Location") == Some(SLO)));
    assert_eq!((named("SingleLogoutService").count(), named("NameIDFormat").count()), (2, 4));
    assert_eq!(named("SPSSODescriptor").next().unwrap().attribute("WantAssertionsSigned"), Some("true"));
    world.sp.slo_url = None;
    assert!(!world.sp.metadata().unwrap().contains("SingleLogoutService"));
    world.sp.keys.clear();
    assert_eq!(world.sp.metadata(), Err(Fault::OwnKeyMissing));
}

#[test]
fn keys_of_ours_are_made_kept_and_read_again() {
    for bits in [2048, 3072] {
        let long = "https://elder.example/".repeat(10);
        let key = generate_key(&seam(), &long, bits).unwrap();
        let (private, certificate) = (key.private_pem().unwrap(), key.certificate_pem().unwrap());
        let again = elder_saml::SpKey::from_pem(&private, &certificate).unwrap();
        assert_eq!(again.certificate_pem().unwrap(), certificate);
        assert_eq!(Certificate::read(&certificate).unwrap().key_bits, bits);
        assert!(!format!("{again:?} {private:?}").contains("BEGIN"));
    }
    assert_eq!(generate_key(&seam(), "a", 1024).err(), Some(Fault::KeyInvalid));
    assert_ne!(own_key().certificate_pem().unwrap(), own_key().certificate_pem().unwrap());
}
