//! The file: a compact JWS (RFC 7515 §3.1) signed with Ed25519 (RFC 8037 §3.1). The header names the key.

use std::{fmt, str::FromStr};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use elder_crypto::{Ed25519Key, Ed25519Public, NoEd25519Key};
use elder_kernel::Secret;
use serde::{Deserialize, Serialize};

use super::{License, Refusal};

/// The key of development licences, whose private part everybody may have: `make run` and tests use it. What it has signed
/// holds on this machine alone, whatever the licence says.
pub const DEVELOPMENT_KEY: &str = "mFjI8OJpuooCJlxXCR-hBydPXwyAaj22ixIyrhLruG0";

const ALGORITHM: &str = "EdDSA";
/// Tells a licence from everything else that the key may have signed (RFC 8725 §3.11).
const TYPE: &str = "elder-license";
/// No licence is nearly as long.
const MOST_BYTES: usize = 64 * 1024;
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// A text that is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no Ed25519 key as `elder license keygen` writes it")]
pub struct NoKey;

impl From<NoEd25519Key> for NoKey {
    fn from(_: NoEd25519Key) -> Self {
        Self
    }
}

/// The public part of a key that signs licences; its text form is the `x` of RFC 8037.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(Ed25519Public);

impl FromStr for PublicKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| NoKey)?;
        Ok(Self(Ed25519Public(bytes.try_into().map_err(|_| NoKey)?)))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.0))
    }
}

/// A key that signs licences.
pub struct SigningKey(Ed25519Key);

impl SigningKey {
    /// Makes a key; gives its private part as PEM (PKCS #8, RFC 5958).
    ///
    /// # Errors
    /// [`NoKey`] when the system has no randomness.
    pub fn generate() -> Result<Secret<String>, NoKey> {
        let der = STANDARD.encode(Ed25519Key::generate()?.expose());
        Ok(Secret::new(format!("{BEGIN}\n{der}\n{END}\n")))
    }

    /// Reads what [`Self::generate`] has made.
    ///
    /// # Errors
    /// [`NoKey`].
    pub fn read(pem: &Secret<String>) -> Result<Self, NoKey> {
        let body =
            pem.expose().trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).ok_or(NoKey)?;
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| NoKey)?;
        Ok(Self(Ed25519Key::from_pkcs8(&Secret::new(der))?))
    }

    /// Its public part.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public())
    }

    /// Signs a licence.
    ///
    /// # Errors
    /// If it has no JSON form: a defect of ours.
    pub fn sign(&self, license: &License) -> Result<String, serde_json::Error> {
        let header = Header { alg: ALGORITHM.into(), typ: TYPE.into(), kid: self.public().to_string() };
        let part = |json: String| URL_SAFE_NO_PAD.encode(json);
        let signed =
            format!("{}.{}", part(serde_json::to_string(&header)?), part(serde_json::to_string(license)?));
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

impl License {
    /// Reads a file that one of `keys` must have signed. Nothing of its content is looked at before the signature is.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Forged`], [`Refusal::Altered`].
    pub fn read(document: &str, keys: &[PublicKey]) -> Result<Self, Refusal> {
        let document = document.trim();
        if document.len() > MOST_BYTES {
            return Err(Refusal::Malformed("it is too long"));
        }
        let (signed, signature) =
            document.rsplit_once('.').ok_or(Refusal::Malformed("it has no signature"))?;
        let (header, payload) = signed.split_once('.').ok_or(Refusal::Malformed("it has no header"))?;
        let header: Header = serde_json::from_slice(&bytes(header)?)
            .map_err(|_| Refusal::Malformed("its header cannot be read"))?;
        if header.alg != ALGORITHM || header.typ != TYPE {
            return Err(Refusal::Malformed("its header is that of something else"));
        }
        let key = keys.iter().find(|key| key.to_string() == header.kid).ok_or(Refusal::Forged)?;
        if !key.0.has_signed(signed.as_bytes(), &bytes(signature)?) {
            return Err(Refusal::Altered);
        }
        let mut license: Self = serde_json::from_slice(&bytes(payload)?)
            .map_err(|_| Refusal::Malformed("its content cannot be read"))?;
        license.loopback_only |= header.kid == DEVELOPMENT_KEY;
        Ok(license)
    }
}

fn bytes(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed("a part of it is not in base64url"))
}
