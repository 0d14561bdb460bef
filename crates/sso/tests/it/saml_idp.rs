//! A provider that speaks SAML and writes of anybody whatever a test wants.

use std::io::Read as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::{Clock, ManualClock, Random, Seam};
use elder_saml::generate_key;
use elder_testkit::Actor;
use openssl::{
    hash::MessageDigest,
    pkey::{PKey, Private},
    sign::{Signer, Verifier},
    x509::X509,
};
use samael::crypto::{Crypto, CryptoProvider as _};
use serde_json::{Value, json};

pub(crate) const ENTITY: &str = "https://idp.acme.example/metadata";
pub(crate) const SSO: &str = "https://idp.acme.example/sso";
pub(crate) const SLO: &str = "https://idp.acme.example/slo";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// The provider.
pub(crate) struct SamlIdp {
    pub(crate) entity: String,
    key: PKey<Private>,
    pub(crate) certificate: String,
}

/// What it was asked by a redirect.
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) relay_state: String,
    pub(crate) xml: String,
}

/// Somebody of whom it writes.
pub(crate) struct Somebody<'a> {
    pub(crate) name_id: &'a str,
    pub(crate) email: &'a str,
    pub(crate) groups: &'a [&'a str],
}

/// Ana.
pub(crate) const ANA: Somebody<'_> =
    Somebody { name_id: "ana-1", email: "ana@acme.com", groups: &["engineers"] };

impl SamlIdp {
    pub(crate) fn new() -> Self {
        // Tests hold their clock a moment before this one.
        let made_at = Seam::system().now() - TimeDelta::hours(1);
        let seam = Seam { clock: Clock::new(ManualClock::new(made_at)), random: Random::system() };
        let made = generate_key(&seam, "idp.acme.example", 2048).unwrap();
        let key = PKey::private_key_from_pem(made.private_pem().unwrap().expose().as_bytes()).unwrap();
        Self { entity: ENTITY.to_owned(), key, certificate: made.certificate_pem().unwrap() }
    }

    /// The same provider with another key.
    pub(crate) fn with_another_key(&self) -> Self {
        Self { entity: self.entity.clone(), ..Self::new() }
    }

    /// What sets it up by hand.
    pub(crate) fn by_hand(&self, settings: &Value) -> Value {
        let mut body = json!({
            "name": "Acme SAML", "idp_type": "saml", "entity_id": self.entity, "sso_url": SSO, "slo_url": SLO,
            "certificates": [self.certificate], "jit_provisioning_enabled": true,
        });
        for (name, value) in settings.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    /// Its metadata.
    pub(crate) fn metadata(&self) -> String {
        let der: String = self.certificate.lines().filter(|line| !line.starts_with("-----")).collect();
        format!(
            "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\"><IDPSSODescriptor \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><KeyDescriptor use=\"signing\">\
             <KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{der}</X509Certificate>\
             </X509Data></KeyInfo></KeyDescriptor><SingleLogoutService \
             Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{SLO}\"/><SingleSignOnService \
             Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{SSO}\"/></IDPSSODescriptor>\
             </EntityDescriptor>",
            self.entity
        )
    }

    /// Reads what a browser brings by a redirect.
    pub(crate) fn asked(url: &str) -> Asked {
        let url = reqwest::Url::parse(url).unwrap();
        let field = |name: &str| {
            let found = url.query_pairs().find(|(found, _)| found == name);
            found.map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let deflated = BASE64_STANDARD.decode(field("SAMLRequest")).unwrap();
        let mut xml = String::new();
        flate2::read::DeflateDecoder::new(&deflated[..]).read_to_string(&mut xml).unwrap();
        let (_, rest) = xml.split_once(" ID=\"").unwrap();
        let id = rest.split('"').next().unwrap().to_owned();
        Asked { id, relay_state: field("RelayState"), xml }
    }

    /// The answer to a request, or to nobody's, in base64. `sp` is what the provider was told of Elder.
    pub(crate) fn answer(
        &self,
        sp: &Value,
        in_response_to: Option<&str>,
        who: &Somebody<'_>,
        now: DateTime<Utc>,
    ) -> String {
        let assertion = self.signed(&self.assertion(sp, in_response_to, who, now));
        let (id, made, acs) = (unique(), at(now, 0), text(sp, "acs_url"));
        let answers = in_response_to.map(|id| format!(" InResponseTo=\"{id}\"")).unwrap_or_default();
        let xml = format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{made}\" Destination=\"{acs}\"{answers}><saml:Issuer \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:Issuer><samlp:Status><samlp:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{assertion}</samlp:Response>",
            self.entity
        );
        BASE64_STANDARD.encode(xml)
    }

    fn assertion(
        &self,
        sp: &Value,
        in_response_to: Option<&str>,
        who: &Somebody<'_>,
        now: DateTime<Utc>,
    ) -> String {
        let (id, made, until) = (unique(), at(now, 0), at(now, 300));
        let (acs, audience) = (text(sp, "acs_url"), text(sp, "entity_id"));
        let answers = in_response_to.map(|id| format!(" InResponseTo=\"{id}\"")).unwrap_or_default();
        let groups = who.groups.join("</saml:AttributeValue><saml:AttributeValue>");
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" IssueInstant=\"{made}\" \
             Version=\"2.0\"><saml:Issuer>{}</saml:Issuer><saml:Subject><saml:NameID \
             Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{}</saml:NameID><saml:SubjectConfirmation \
             Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData{answers} \
             NotOnOrAfter=\"{until}\" Recipient=\"{acs}\"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions \
             NotBefore=\"{made}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestriction><saml:Audience>{audience}\
             </saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant=\"{made}\" \
             SessionIndex=\"s-{}\"><saml:AuthnContext><saml:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
             </saml:AuthnStatement><saml:AttributeStatement><saml:Attribute \
             Name=\"urn:oid:0.9.2342.19200300.100.1.3\"><saml:AttributeValue>{}</saml:AttributeValue></saml:Attribute>\
             <saml:Attribute Name=\"displayName\"><saml:AttributeValue>Ana Gruber</saml:AttributeValue>\
             </saml:Attribute><saml:Attribute Name=\"groups\"><saml:AttributeValue>{groups}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>\
             </saml:Assertion>",
            self.entity, who.name_id, who.name_id, who.email
        )
    }

    fn signed(&self, xml: &str) -> String {
        let (_, rest) = xml.split_once(" ID=\"").unwrap();
        let id = rest.split('"').next().unwrap();
        let template = format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod \
             Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/><ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/>\
             <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform \
             Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/><ds:Transform \
             Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms><ds:DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>\
             <ds:SignatureValue/></ds:Signature>"
        );
        let xml = xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{template}"), 1);
        let signed = Crypto::sign_xml(&xml, &self.key.private_key_to_der().unwrap()).unwrap();
        let (_, signed) = signed.split_once("?>\n").unwrap();
        signed.trim_end().to_owned()
    }

    /// The query by which it answers to the wish that somebody's session ends.
    pub(crate) fn logout_answer(
        &self,
        sp: &Value,
        asked: &Asked,
        status: &str,
        now: DateTime<Utc>,
    ) -> String {
        let (id, made, answers) = (unique(), at(now, 0), &asked.id);
        let xml = format!(
            "<samlp:LogoutResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{made}\" InResponseTo=\"{answers}\" Destination=\"{}\"><saml:Issuer \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:Issuer><samlp:Status><samlp:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:{status}\"/></samlp:Status></samlp:LogoutResponse>",
            text(sp, "slo_url"),
            self.entity
        );
        self.query("SAMLResponse", &xml, &asked.relay_state)
    }

    /// The query by which it wishes that somebody's session ends.
    pub(crate) fn logout(&self, sp: &Value, who: &Somebody<'_>, now: DateTime<Utc>) -> String {
        let (id, made, until) = (unique(), at(now, 0), at(now, 300));
        let xml = format!(
            "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{made}\" NotOnOrAfter=\"{until}\" Destination=\"{}\"><saml:Issuer \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:Issuer><saml:NameID \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
             Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{}</saml:NameID>\
             <samlp:SessionIndex>s-{}</samlp:SessionIndex></samlp:LogoutRequest>",
            text(sp, "slo_url"),
            self.entity,
            who.name_id,
            who.name_id
        );
        self.query("SAMLRequest", &xml, "theirs")
    }

    /// A signed query with a message in it.
    fn query(&self, field: &str, xml: &str, relay: &str) -> String {
        let mut deflated = Vec::new();
        flate2::read::DeflateEncoder::new(xml.as_bytes(), flate2::Compression::default())
            .read_to_end(&mut deflated)
            .unwrap();
        let escaped = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let query = format!(
            "{field}={}&RelayState={}&SigAlg={}",
            escaped(&BASE64_STANDARD.encode(deflated)),
            escaped(relay),
            escaped(RSA_SHA256)
        );
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        let signature = signer.sign_oneshot_to_vec(query.as_bytes()).unwrap();
        format!("{query}&Signature={}", escaped(&BASE64_STANDARD.encode(signature)))
    }
}

/// Sets a provider up; gives it as it is shown.
pub(crate) async fn set_up(admin: &Actor, body: Value) -> Value {
    admin.post("/api/v2/identity-providers", body).await.expect(201)
}

/// Whether a redirect is signed by the key of a certificate.
pub(crate) fn is_signed_by(url: &str, certificate: &str) -> bool {
    let (_, query) = url.split_once('?').unwrap();
    let (signed, signature) = query.split_once("&Signature=").unwrap();
    let signature = form_urlencoded::parse(signature.as_bytes()).next().unwrap().0.into_owned();
    let signature = BASE64_STANDARD.decode(signature).unwrap();
    let certificate = X509::from_der(&BASE64_STANDARD.decode(certificate).unwrap()).unwrap();
    let key = certificate.public_key().unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    verifier.verify_oneshot(&signature, signed.as_bytes()).unwrap()
}

fn unique() -> String {
    format!("_{}", Seam::system().uuid().simple())
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of["service_provider"][name].as_str().unwrap()
}

fn at(now: DateTime<Utc>, seconds: i64) -> String {
    (now + TimeDelta::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
