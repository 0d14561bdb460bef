//! Writes answers of a provider, good and bad, and signs them: what is changed before the signature is the provider's fault,
//! what is changed after it is an attacker's.

use std::sync::LazyLock;

use elder_saml::generate_key;
use openssl::{
    asn1::Asn1Time,
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    rsa::Rsa,
    x509::{X509, X509Name},
};
use samael::crypto::{Crypto, CryptoProvider as _};

use crate::{ACS, IDP, REQUEST, SP, now, seam};

/// A private key with its certificate.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) key: PKey<Private>,
    pub(crate) certificate: Vec<u8>,
    pub(crate) method: &'static str,
    pub(crate) digest: &'static str,
}

pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub(crate) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

impl Signer {
    /// One that signs by RSA-SHA256.
    pub(crate) fn rsa() -> Self {
        let made = generate_key(&seam(), "idp.example", 2048).unwrap();
        let key = PKey::private_key_from_pem(made.private_pem().unwrap().expose().as_bytes()).unwrap();
        let certificate =
            X509::from_pem(made.certificate_pem().unwrap().as_bytes()).unwrap().to_der().unwrap();
        Self { key, certificate, method: RSA_SHA256, digest: SHA256 }
    }

    pub(crate) fn by(self, method: &'static str, digest: &'static str) -> Self {
        Self { method, digest, ..self }
    }

    pub(crate) fn weak_rsa() -> Self {
        Self::of(PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap(), 0, 10)
    }

    pub(crate) fn ecdsa(curve: Nid) -> Self {
        let group = EcGroup::from_curve_name(curve).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        Self::of(key, 0, 10).by("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", SHA256)
    }

    /// With a certificate that is good from and until so many days from now.
    pub(crate) fn of(key: PKey<Private>, from: i64, until: i64) -> Self {
        let day = |days: i64| Asn1Time::from_unix(now().timestamp() + days * 86_400).unwrap();
        let mut name = X509Name::builder().unwrap();
        name.append_entry_by_text("CN", "idp.example").unwrap();
        let mut builder = X509::builder().unwrap();
        builder.set_subject_name(&name.build()).unwrap();
        builder.set_not_before(&day(from)).unwrap();
        builder.set_not_after(&day(until)).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        let certificate = builder.build().to_der().unwrap();
        Self { key, certificate, method: RSA_SHA256, digest: SHA256 }
    }

    /// Fills in the first signature of a document.
    pub(crate) fn sign(&self, xml: &str) -> String {
        let signed = Crypto::sign_xml(xml, &self.key.private_key_to_der().unwrap()).unwrap();
        let (_, signed) = signed.split_once("?>\n").unwrap();
        signed.trim_end().to_owned()
    }

    /// A signature without its numbers.
    pub(crate) fn template(&self, id: &str) -> String {
        let (method, digest) = (self.method, self.digest);
        format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
             <ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"/><ds:SignatureMethod Algorithm=\"{method}\"/>\
             <ds:Reference URI=\"#{id}\"><ds:Transforms>\
             <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
             <ds:Transform Algorithm=\"{EXC_C14N}\"/></ds:Transforms><ds:DigestMethod Algorithm=\"{digest}\"/>\
             <ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"
        )
    }

    /// An answer, changed in some way before it is signed.
    pub(crate) fn answer(&self, signed: Signed, change: impl Fn(String) -> String) -> String {
        let plain = change(response(&assertion()));
        let own = cut(&plain, "<saml:Assertion ", "</saml:Assertion>").to_owned();
        let whole = match signed {
            Signed::Assertion | Signed::Both => plain.replace(&own, &self.signed(&own)),
            Signed::Response | Signed::Nothing => plain,
        };
        match signed {
            Signed::Response | Signed::Both => self.signed(&whole),
            Signed::Assertion | Signed::Nothing => whole,
        }
    }

    /// The answer as it should be.
    pub(crate) fn good(&self, signed: Signed) -> String {
        self.answer(signed, |xml| xml)
    }

    /// Signs an element that begins with its issuer.
    pub(crate) fn signed(&self, xml: &str) -> String {
        let id = cut(xml, " ID=\"", "\" ").trim_start_matches(" ID=\"").trim_end_matches("\" ");
        let template = self.template(id);
        self.sign(&xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{template}"), 1))
    }
}

/// What of an answer is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Assertion,
    Response,
    Both,
    Nothing,
}

/// The ways to sign that suffice.
pub(crate) const SUFFICIENT: [Signed; 3] = [Signed::Assertion, Signed::Response, Signed::Both];

/// A moment so many seconds from now.
pub(crate) fn at(seconds: i64) -> String {
    (now() + chrono::TimeDelta::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

static ASSERTION: LazyLock<String> = LazyLock::new(|| {
    let (made, from, until) = (at(0), at(-60), at(300));
    format!(
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_a1\" IssueInstant=\"{made}\" \
         Version=\"2.0\"><saml:Issuer>{IDP}</saml:Issuer><saml:Subject>\
         <saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" NameQualifier=\"{IDP}\" \
         SPNameQualifier=\"{SP}\">ada@corp.example</saml:NameID>\
         <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData \
         InResponseTo=\"{REQUEST}\" NotOnOrAfter=\"{until}\" Recipient=\"{ACS}\"/></saml:SubjectConfirmation>\
         </saml:Subject><saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestriction>\
         <saml:Audience>{SP}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
         <saml:AuthnStatement AuthnInstant=\"{made}\" SessionIndex=\"_s1\" SessionNotOnOrAfter=\"{end}\">\
         <saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password\
         </saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>\
         <saml:Attribute Name=\"urn:oid:0.9.2342.19200300.100.1.3\" FriendlyName=\"mail\"><saml:AttributeValue>\
         ada@corp.example</saml:AttributeValue></saml:Attribute><saml:Attribute Name=\"groups\">\
         <saml:AttributeValue>eng</saml:AttributeValue><saml:AttributeValue>ops</saml:AttributeValue></saml:Attribute>\
         </saml:AttributeStatement></saml:Assertion>",
        end = at(8 * 3600),
    )
});

/// An assertion without a signature.
pub(crate) fn assertion() -> String {
    ASSERTION.clone()
}

/// An assertion of an attacker's.
pub(crate) fn evil(id: &str) -> String {
    swap(&swap(&assertion(), "ada@corp.example", "root@corp.example"), "\"_a1\"", &format!("\"{id}\""))
}

/// An answer around what it carries.
pub(crate) fn response(inner: &str) -> String {
    let made = at(0);
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r1\" Version=\"2.0\" IssueInstant=\"{made}\" \
         Destination=\"{ACS}\" InResponseTo=\"{REQUEST}\"><saml:Issuer>{IDP}</saml:Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{inner}</samlp:Response>"
    )
}

/// From the first `from` to the next `to`, with both.
pub(crate) fn cut<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let begin = text.find(from).unwrap_or_else(|| panic!("no {from}: {text}"));
    let end = text[begin..].find(to).unwrap_or_else(|| panic!("no {to}: {text}")) + begin + to.len();
    &text[begin..end]
}

/// The signature of a document that has one.
pub(crate) fn signature(xml: &str) -> &str {
    cut(xml, "<ds:Signature ", "</ds:Signature>")
}

/// Replaces all that is `from`, which must be there.
pub(crate) fn swap(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "no {from}: {text}");
    text.replace(from, to)
}
