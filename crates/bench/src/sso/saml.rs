//! A provider that speaks SAML: it has signed in advance what browsers bring.

use std::{io::Read as _, ops::Range};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use elder_saml::generate_key;
use openssl::pkey::PKey;
use samael::crypto::{Crypto, CryptoProvider as _};
use serde_json::{Value, json};

use super::{
    seam,
    sign_in::{Known, Prepared, described, parameter, sent_away},
};
use crate::{fault::Fault, http::Connection, operation, server::Server};

/// What it calls itself.
pub(super) const ENTITY: &str = "https://provider.example/metadata";
pub(super) const SSO: &str = "https://provider.example/sso";
const SIGNATURE: &str = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
    <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/><ds:SignatureMethod \
    Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>\
    <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/><ds:Transform \
    Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms><ds:DigestMethod \
    Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>\
    <ds:SignatureValue/></ds:Signature>";

/// A provider with one key.
pub(super) struct Provider {
    pub(super) certificate: String,
    private: Vec<u8>,
}

/// What an answer is made for.
struct Asked<'a> {
    number: u64,
    request: &'a str,
    acs: &'a str,
    audience: &'a str,
}

impl Provider {
    pub(super) fn new() -> Result<Self, Fault> {
        let broken = |fault: elder_saml::Fault| Fault::broken(fault.code());
        let key = generate_key(&seam(), "provider.example", 2048).map_err(broken)?;
        let certificate = key.certificate_pem().map_err(broken)?;
        let private = key.private_pem().map_err(broken)?;
        let private = PKey::private_key_from_pem(private.expose().as_bytes());
        let private = private.and_then(|key| key.private_key_to_der());
        let private = private.map_err(|error| Fault::broken(error.to_string()))?;
        Ok(Self { certificate, private })
    }

    /// What sets it up.
    pub(super) fn described(&self) -> Value {
        let own = json!({
            "idp_type": "saml", "entity_id": ENTITY, "sso_url": SSO, "certificates": [self.certificate],
        });
        described("SAML", own)
    }

    /// Sends browsers of these people away, and signs what they will bring.
    pub(super) fn prepare(
        &self,
        elder: &Server,
        known: &Known,
        people: Range<u64>,
    ) -> Result<Vec<Prepared>, Fault> {
        let mut connection = Connection::open(elder.address)?;
        let told = |name: &str| {
            let text = known.shown.pointer(&format!("/service_provider/{name}")).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let (acs, audience) = (told("acs_url"), told("entity_id"));
        let login = format!("/sso/saml/{}/login", known.id);
        let path = format!("/sso/saml/{}/acs", known.id);
        let prepare = |number| {
            let (there, cookie) = sent_away(&mut connection, &login)?;
            let request = request_id(&parameter(&there, "SAMLRequest")?)?;
            let answer = self.answer(&Asked { number, request: &request, acs: &acs, audience: &audience })?;
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs([
                ("SAMLResponse", &*answer),
                ("RelayState", &parameter(&there, "RelayState")?),
            ]);
            let form = form.finish();
            let headers = format!("Accept: text/html\r\nCookie: {cookie}\r\n");
            let back = operation::get(&path, &headers);
            Ok(Prepared { requests: vec![posted(&path, &form), back], brought: answer })
        };
        people.map(prepare).collect()
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<String, Fault> {
        let Asked { number, request, acs, audience } = asked;
        let moment = |seconds| (seam().now() + TimeDelta::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ");
        let (made, until, id) = (moment(0), moment(600), format!("_a{request}"));
        let signature = SIGNATURE.replace("{id}", &id);
        let assertion = format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" IssueInstant=\"{made}\" \
             Version=\"2.0\"><saml:Issuer>{ENTITY}</saml:Issuer>{signature}<saml:Subject><saml:NameID \
             Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">person-{number}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData \
             InResponseTo=\"{request}\" NotOnOrAfter=\"{until}\" Recipient=\"{acs}\"/></saml:SubjectConfirmation>\
             </saml:Subject><saml:Conditions NotBefore=\"{made}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestriction>\
             <saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement \
             AuthnInstant=\"{made}\" SessionIndex=\"s{request}\"><saml:AuthnContext><saml:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
             </saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name=\"mail\"><saml:AttributeValue>\
             user{number}@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"
        );
        let signed = Crypto::sign_xml(&assertion, &self.private);
        let signed = signed.map_err(|_| Fault::broken("the answer cannot be signed"))?;
        let signed = signed.split_once("?>\n").map_or(&*signed, |(_, signed)| signed).trim_end();
        let answer = format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r{request}\" Version=\"2.0\" \
             IssueInstant=\"{made}\" Destination=\"{acs}\" InResponseTo=\"{request}\"><saml:Issuer \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{ENTITY}</saml:Issuer><samlp:Status><samlp:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{signed}</samlp:Response>"
        );
        Ok(BASE64_STANDARD.encode(answer))
    }
}

/// The id of a request that goes by redirect.
fn request_id(message: &str) -> Result<String, Fault> {
    let deflated = BASE64_STANDARD.decode(message).map_err(|error| Fault::broken(error.to_string()))?;
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(&*deflated).read_to_string(&mut xml)?;
    let id = xml.split_once(" ID=\"").and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned);
    id.ok_or_else(|| Fault::broken(format!("there is no id in {xml}")))
}

/// A form as a page of the provider posts it.
fn posted(path: &str, form: &str) -> Vec<u8> {
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: elder\r\nAccept: text/html\r\nSec-Fetch-Site: cross-site\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .into_bytes()
}

/// The request that an answer is for.
pub(super) fn answered(answer: &str) -> Result<String, Fault> {
    let xml = BASE64_STANDARD.decode(answer).map_err(|error| Fault::broken(error.to_string()))?;
    let xml = String::from_utf8_lossy(&xml);
    let id =
        xml.split_once(" InResponseTo=\"").and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned);
    id.ok_or_else(|| Fault::broken("the answer names no request"))
}
