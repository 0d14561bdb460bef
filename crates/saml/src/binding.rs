//! How messages travel: in a query, deflated (SAML bindings §3.4), or in a form (§3.5); both in base64.

use std::io::{Read as _, Write as _};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use openssl::{
    bn::BigNum,
    ecdsa::EcdsaSig,
    sign::{Signer, Verifier},
};
use samael::crypto::{Crypto, CryptoProvider as _};

use crate::{
    Certificate, Fault, Field, Form, KeyAlgorithm, SpKey, algorithm::SignatureAlgorithm, scan::Limits,
    signature::Signers,
};

/// Longest text of a message before it is decoded.
const LONGEST: usize = Limits::MESSAGE.bytes;

/// Decodes the field of a form. White space is what browsers and providers break lines by.
pub(crate) fn from_form(text: &str) -> Result<Vec<u8>, Fault> {
    if text.len() > LONGEST {
        return Err(Fault::TooLong);
    }
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64_STANDARD.decode(text).map_err(|_| Fault::Encoding)
}

/// A message out of a query, whose signature is good.
pub(crate) struct Query {
    pub(crate) message: Vec<u8>,
    pub(crate) relay_state: Option<String>,
}

/// The parts of a query as they were sent, so that the signature is verified over the very bytes (§3.4.4.1).
#[derive(Default)]
struct Raw<'a> {
    message: Option<&'a str>,
    relay_state: Option<&'a str>,
    algorithm: Option<&'a str>,
    signature: Option<&'a str>,
    encoding: Option<&'a str>,
}

impl<'a> Raw<'a> {
    /// Each name stands once, and is written as it is.
    fn parse(query: &'a str, field: Field) -> Result<Self, Fault> {
        let mut raw = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match &*decoded(name)? {
                plain if plain == field.name() => &mut raw.message,
                "RelayState" => &mut raw.relay_state,
                "SigAlg" => &mut raw.algorithm,
                "Signature" => &mut raw.signature,
                "SAMLEncoding" => &mut raw.encoding,
                "SAMLRequest" | "SAMLResponse" => return Err(Fault::WrongMessage),
                _ => continue,
            };
            if name.contains(['%', '+']) || place.replace(value).is_some() {
                return Err(Fault::Encoding);
            }
        }
        Ok(raw)
    }

    fn signed(&self, field: Field, message: &str, algorithm: &str) -> String {
        let relay_state = self.relay_state.map(|state| format!("&RelayState={state}")).unwrap_or_default();
        format!("{}={message}{relay_state}&SigAlg={algorithm}", field.name())
    }
}

/// Reads a query and verifies its signature, which must be there.
pub(crate) fn from_query(query: &str, field: Field, signers: &Signers<'_>) -> Result<Query, Fault> {
    if query.len() > LONGEST {
        return Err(Fault::TooLong);
    }
    let raw = Raw::parse(query, field)?;
    let message = raw.message.ok_or(Fault::WrongMessage)?;
    let (Some(algorithm), Some(signature)) = (raw.algorithm, raw.signature) else {
        return Err(Fault::Unsigned);
    };
    if raw.encoding.is_some_and(|encoding| !encoding.ends_with("DEFLATE")) {
        return Err(Fault::Encoding);
    }
    let known = SignatureAlgorithm::of(Some(&*decoded(algorithm)?))?;
    let signature = BASE64_STANDARD.decode(decoded(signature)?).map_err(|_| Fault::Encoding)?;
    verify(known, raw.signed(field, message, algorithm).as_bytes(), &signature, signers)?;
    let deflated = BASE64_STANDARD.decode(decoded(message)?).map_err(|_| Fault::Encoding)?;
    let relay_state = raw.relay_state.map(decoded).transpose()?;
    Ok(Query { message: inflate(&deflated)?, relay_state })
}

/// A name or value of a query without its escapes.
fn decoded(raw: &str) -> Result<String, Fault> {
    let pair = format!("v={raw}");
    let text = form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    // This is what stands for bytes that are no UTF-8.
    text.filter(|text| !text.contains('\u{fffd}')).ok_or(Fault::Encoding)
}

/// Never writes more than a message may have, however small it came in.
fn inflate(deflated: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut message = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    DeflateDecoder::new(deflated).take(most + 1).read_to_end(&mut message).map_err(|_| Fault::Encoding)?;
    if message.len() > LONGEST { Err(Fault::TooLong) } else { Ok(message) }
}

fn verify(
    algorithm: SignatureAlgorithm,
    signed: &[u8],
    signature: &[u8],
    signers: &Signers<'_>,
) -> Result<(), Fault> {
    let fitting = signers.certificates.iter().filter(|known| known.algorithm == algorithm.key);
    let by = |known: &&Certificate| is_by(algorithm, signed, signature, known).unwrap_or(false);
    let found: Vec<_> = fitting.filter(by).collect();
    match found.iter().any(|known| known.is_valid_at(signers.now)) {
        true => Ok(()),
        false if found.is_empty() => Err(Fault::Signature),
        false => Err(Fault::CertificateExpired),
    }
}

fn is_by(
    algorithm: SignatureAlgorithm,
    signed: &[u8],
    signature: &[u8],
    certificate: &Certificate,
) -> Result<bool, Fault> {
    let key = certificate.public_key()?;
    let of_library = |_| Fault::Signature;
    let pair = match algorithm.key {
        KeyAlgorithm::Rsa => None,
        KeyAlgorithm::Ecdsa => Some(pair(signature).map_err(of_library)?),
    };
    let mut verifier = Verifier::new(algorithm.digest(), &key).map_err(of_library)?;
    verifier.verify_oneshot(pair.as_deref().unwrap_or(signature), signed).map_err(of_library)
}

/// The two numbers of ECDSA side by side, as XML signature has them (RFC 9231 §2.3.6), in the way of OpenSSL.
fn pair(signature: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let (r, s) = signature.split_at(signature.len() / 2);
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}

/// A message to be sent.
pub(crate) struct Outgoing<'a> {
    pub(crate) field: Field,
    pub(crate) xml: String,
    pub(crate) relay_state: Option<&'a str>,
    pub(crate) location: &'a str,
}

impl Outgoing<'_> {
    /// As an address to go to, signed if there is a key.
    pub(crate) fn by_redirect(&self, key: Option<&SpKey>) -> Result<Form, Fault> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let deflated = encoder.write_all(self.xml.as_bytes()).and_then(|()| encoder.finish());
        let message = BASE64_STANDARD.encode(deflated.map_err(|_| Fault::Library)?);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(self.field.name(), &message);
        if let Some(state) = self.relay_state {
            query.append_pair("RelayState", state);
        }
        if key.is_some() {
            query.append_pair("SigAlg", SignatureAlgorithm::OURS.uri());
        }
        let mut query = query.finish();
        if let Some(key) = key {
            let signed = sign(key, query.as_bytes())?;
            query = form_urlencoded::Serializer::new(query).append_pair("Signature", &signed).finish();
        }
        let mark = if self.location.contains('?') { '&' } else { '?' };
        Ok(Form::Redirect(format!("{}{mark}{query}", self.location)))
    }

    /// As a form. What is in it has a place for a signature if there is a key.
    pub(crate) fn by_post(self, key: Option<&SpKey>) -> Result<Form, Fault> {
        let xml = match key {
            Some(key) => {
                Crypto::sign_xml(&self.xml, key.private_der()?.expose()).map_err(|_| Fault::Library)?
            }
            None => self.xml,
        };
        Ok(Form::Post {
            action: self.location.to_owned(),
            field: self.field,
            message: BASE64_STANDARD.encode(xml),
            relay_state: self.relay_state.map(str::to_owned),
        })
    }
}

fn sign(key: &SpKey, text: &[u8]) -> Result<String, Fault> {
    let mut signer =
        Signer::new(SignatureAlgorithm::OURS.digest(), key.private()).map_err(|_| Fault::Library)?;
    let signature = signer.sign_oneshot_to_vec(text).map_err(|_| Fault::Library)?;
    Ok(BASE64_STANDARD.encode(signature))
}
