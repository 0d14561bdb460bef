//! Signed access tokens: JWS in compact form (RFC 7515), read as strictly as RFC 8725 advises.

mod key;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::crypto;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use key::{Algorithm, KeyFault, NewSigningKey, StoredKey, UnknownAlgorithm};

use key::Key;

/// Longer texts are refused before they are read.
const LONGEST: usize = 8 * 1024;

/// The keys of the platform: one signs, those before it verify until their tokens have ended, and those after it are
/// published before they sign.
pub struct KeyRing(Vec<Key>);

/// What a token must say to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The `typ` of the header, for example `at+jwt` (RFC 9068 §2.1).
    pub typ: &'a str,
    /// Who must have issued it.
    pub issuer: &'a str,
    /// For whom it must be.
    pub audience: &'a str,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// How far the clocks of two nodes may differ.
    pub leeway: TimeDelta,
}

/// Why a token was refused: for the log, never for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Not three parts of base64url, too long, or JSON that is wrong or says a thing twice.
    #[error("not a well-formed token")]
    Malformed,
    /// A header with more than `alg`, `typ` and `kid`, or less.
    #[error("a header that is not allowed")]
    Header,
    /// No key has this `kid`, or it has ended.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The algorithm is not that of the key.
    #[error("another algorithm than the key's")]
    Algorithm,
    /// A token for another purpose.
    #[error("a token of another type")]
    Type,
    /// Altered or forged.
    #[error("the signature is wrong")]
    Signature,
    /// From another issuer.
    #[error("another issuer")]
    Issuer,
    /// For somebody else.
    #[error("another audience")]
    Audience,
    /// Past its end.
    #[error("expired")]
    Expired,
    /// Before its beginning, or made in the future.
    #[error("not valid yet")]
    NotYetValid,
}

/// A token that could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Every key has ended.
    #[error("no key is there to sign with")]
    NoKey,
    /// The claims have no JSON form.
    #[error("the token could not be signed")]
    Encoding(#[from] jsonwebtoken::errors::Error),
}

/// All that a header may have: `crit`, `jwk`, `jku` and `x5u` are refused with every other name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The claims that every token has. A second `exp` is an error of serde's.
#[derive(Deserialize)]
struct Registered {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
}

impl KeyRing {
    /// A ring of stored keys, oldest first. One of them has no end.
    ///
    /// # Errors
    /// [`KeyFault`] when a key cannot be read or none can sign.
    pub fn new(stored: Vec<StoredKey>) -> Result<Self, KeyFault> {
        let keys = stored.into_iter().map(Key::load).collect::<Result<Vec<_>, _>>()?;
        if keys.iter().all(|key| key.ends_at.is_some()) {
            return Err(KeyFault::NoneSigns);
        }
        Ok(Self(keys))
    }

    /// Signs `claims` with the newest key whose time has come; with the one whose time comes next, if all before it have
    /// been revoked.
    ///
    /// # Errors
    /// [`SignError`] when `claims` has no JSON form.
    pub fn sign<T: Serialize>(&self, typ: &str, claims: &T, now: DateTime<Utc>) -> Result<String, SignError> {
        let good = || self.0.iter().filter(|key| key.verifies(now));
        let begun = good().filter(|key| key.signs_from <= now).max_by_key(|key| key.signs_from);
        let key = begun.or_else(|| good().min_by_key(|key| key.signs_from)).ok_or(SignError::NoKey)?;
        let mut header = jsonwebtoken::Header::new(key.algorithm.into());
        header.typ = Some(typ.to_owned());
        header.kid = Some(key.kid.clone());
        Ok(jsonwebtoken::encode(&header, claims, &key.private)?)
    }

    /// Reads the claims of a token that keeps every rule.
    ///
    /// # Errors
    /// [`InvalidToken`], the same answer for a client whatever the reason.
    pub fn verify<T: DeserializeOwned>(
        &self,
        expected: &Expected<'_>,
        token: &str,
    ) -> Result<T, InvalidToken> {
        if token.len() > LONGEST {
            return Err(InvalidToken::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(InvalidToken::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(InvalidToken::Malformed)?;
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| InvalidToken::Header)?;
        let key = self.key(&header, expected)?;
        match crypto::verify(signature, signed.as_bytes(), &key.public, key.algorithm.into()) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(InvalidToken::Signature),
        }
        let claims = decode(claims)?;
        let registered: Registered = serde_json::from_slice(&claims).map_err(|_| InvalidToken::Malformed)?;
        registered.check(expected)?;
        serde_json::from_slice(&claims).map_err(|_| InvalidToken::Malformed)
    }

    /// The public keys with which a token may be verified now, as a JWK set (RFC 7517 §5).
    pub fn jwks(&self, now: DateTime<Utc>) -> Value {
        let keys: Vec<_> = self.0.iter().filter(|key| key.verifies(now)).map(|key| &key.public_jwk).collect();
        json!({ "keys": keys })
    }

    /// Whether another ring has the same keys with the same times.
    pub fn is_like(&self, other: &Self) -> bool {
        let times = |key: &Key| (key.signs_from, key.ends_at);
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, two)| one.kid == two.kid && times(one) == times(two))
    }

    /// The key that a header names, if the rest of the header fits it.
    fn key(&self, header: &Header, expected: &Expected<'_>) -> Result<&Key, InvalidToken> {
        let known = self.0.iter().find(|key| key.kid == header.kid && key.verifies(expected.now));
        let key = known.ok_or(InvalidToken::UnknownKey)?;
        if header.alg != key.algorithm.name() {
            Err(InvalidToken::Algorithm)
        } else if header.typ != expected.typ {
            Err(InvalidToken::Type)
        } else {
            Ok(key)
        }
    }
}

impl Registered {
    fn check(&self, expected: &Expected<'_>) -> Result<(), InvalidToken> {
        let earliest = (expected.now - expected.leeway).timestamp();
        let latest = (expected.now + expected.leeway).timestamp();
        if self.iss != expected.issuer {
            Err(InvalidToken::Issuer)
        } else if self.aud != expected.audience {
            Err(InvalidToken::Audience)
        } else if self.exp <= earliest {
            Err(InvalidToken::Expired)
        } else if self.iat > latest || self.nbf.is_some_and(|nbf| nbf > latest) {
            Err(InvalidToken::NotYetValid)
        } else {
            Ok(())
        }
    }
}

fn decode(part: &str) -> Result<Vec<u8>, InvalidToken> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| InvalidToken::Malformed)
}

#[cfg(test)]
mod tests;
