//! Signing keys: making one, and reading a stored one back.

use std::str::FromStr;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use chrono::{DateTime, Utc};
use elder_kernel::Secret;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::Deserialize as _;
use serde_json::Value;

/// The algorithms with which Elder signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037): fast, deterministic, small.
    #[default]
    EdDsa,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4), for clients that know no other.
    Es256,
}

/// A name of an algorithm with which Elder doesn't sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the algorithm must be EdDSA or ES256")]
pub struct UnknownAlgorithm;

/// A key just made, to be stored: the private part sealed.
#[derive(Debug)]
pub struct NewSigningKey {
    /// Its name: the thumbprint of the public part (RFC 7638).
    pub kid: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// The private key (PKCS #8 v1, DER).
    pub private_pkcs8: Secret<Vec<u8>>,
    /// The public key, as `/.well-known/jwks.json` shows it.
    pub public_jwk: Value,
}

/// A key as it was stored. Its name follows from it.
#[derive(Debug)]
pub struct StoredKey {
    /// How it signs.
    pub algorithm: Algorithm,
    /// The private key (PKCS #8, DER).
    pub private_pkcs8: Secret<Vec<u8>>,
    /// When it begins to sign: published before, it is known wherever its tokens come.
    pub signs_from: DateTime<Utc>,
    /// When it stops verifying. A key with an end signs until the next one does.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Keys with which nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// aws-lc-rs made none.
    #[error("a signing key could not be made")]
    Making(#[from] aws_lc_rs::error::Unspecified),
    /// The stored bytes are no key of that algorithm.
    #[error("the stored signing key cannot be read")]
    Unreadable(#[from] jsonwebtoken::errors::Error),
    /// The public part has no JSON form.
    #[error("the public key has no JSON form")]
    Json(#[from] serde_json::Error),
    /// Every key has an end.
    #[error("no key is there to sign with")]
    NoneSigns,
}

/// A key ready for use.
pub(super) struct Key {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) private: EncodingKey,
    pub(super) public: DecodingKey,
    pub(super) public_jwk: Value,
    pub(super) signs_from: DateTime<Utc>,
    pub(super) ends_at: Option<DateTime<Utc>>,
}

impl Algorithm {
    /// The name in a token's header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    fn private(self, pkcs8: &[u8]) -> EncodingKey {
        match self {
            Self::EdDsa => EncodingKey::from_ed_der(pkcs8),
            Self::Es256 => EncodingKey::from_ec_der(pkcs8),
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        [Self::EdDsa, Self::Es256].into_iter().find(|known| known.name() == name).ok_or(UnknownAlgorithm)
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::EdDsa => Self::EdDSA,
            Algorithm::Es256 => Self::ES256,
        }
    }
}

impl NewSigningKey {
    /// Makes a key.
    ///
    /// # Errors
    /// [`KeyFault::Making`] when the system has no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyFault> {
        let document = match algorithm {
            Algorithm::EdDsa => Ed25519KeyPair::generate()?.to_pkcs8v1()?,
            Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?.to_pkcs8v1()?,
        };
        let private_pkcs8 = Secret::new(document.as_ref().to_vec());
        let (kid, jwk) = public_jwk(&algorithm.private(private_pkcs8.expose()), algorithm)?;
        Ok(Self { kid, algorithm, private_pkcs8, public_jwk: jwk })
    }
}

impl Key {
    pub(super) fn load(stored: StoredKey) -> Result<Self, KeyFault> {
        let StoredKey { algorithm, private_pkcs8, signs_from, ends_at } = stored;
        let private = algorithm.private(private_pkcs8.expose());
        let (kid, public_jwk) = public_jwk(&private, algorithm)?;
        let public = DecodingKey::from_jwk(&Jwk::deserialize(&public_jwk)?)?;
        Ok(Self { kid, algorithm, private, public, public_jwk, signs_from, ends_at })
    }

    /// Whether what this key signed may still be taken.
    pub(super) fn verifies(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }
}

/// The public part under its name, which follows from it: a key cannot be stored under a wrong one.
fn public_jwk(private: &EncodingKey, algorithm: Algorithm) -> Result<(String, Value), KeyFault> {
    let mut jwk = Jwk::from_encoding_key(private, algorithm.into())?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256)?;
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk.common.key_id = Some(kid.clone());
    Ok((kid, serde_json::to_value(jwk)?))
}
