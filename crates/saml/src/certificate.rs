//! A certificate that verifies signatures of a provider.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What kind of key is in a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// A curve: P-256, P-384 or P-521.
    Ecdsa,
}

/// A certificate, and what is to be known of it beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// DER, kept as base64.
    #[serde(with = "crate::certificate::base64_text")]
    pub der: Vec<u8>,
    /// From when it is good.
    pub not_before: DateTime<Utc>,
    /// Until when it is good.
    pub not_after: DateTime<Utc>,
    /// The kind of its key.
    pub algorithm: KeyAlgorithm,
    /// The size of its key.
    pub key_bits: u32,
}

/// Bytes as base64 in JSON.
pub(crate) mod base64_text {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map_err(D::Error::custom)
    }
}
