//! A certificate that verifies signatures of a provider.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use openssl::{
    asn1::{Asn1Time, Asn1TimeRef},
    nid::Nid,
    pkey::{Id, PKey, Public},
    x509::X509,
};
use serde::{Deserialize, Serialize};

use crate::Fault;

/// What kind of key is in a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// A curve: P-256, P-384 or P-521.
    Ecdsa,
}

impl KeyAlgorithm {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ecdsa => "ECDSA",
        }
    }
}

/// A certificate, and what is to be known of it beforehand. Its key is one that may verify: RSA of 2048 bits or more, or on
/// one of three curves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// DER, kept as base64.
    #[serde(with = "base64_text")]
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

/// The smallest RSA key that verifies anything (NIST SP 800-131A).
pub(crate) const SMALLEST_RSA: u32 = 2048;

impl Certificate {
    /// Reads a certificate: PEM, or the base64 of its DER as it stands in metadata.
    ///
    /// # Errors
    /// [`Fault::CertificateInvalid`] if it is not readable, [`Fault::NoSigningCertificate`] if its key is too weak or of
    /// another kind.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let body = text.lines().filter(|line| !line.starts_with("-----")).flat_map(str::split_whitespace);
        let der = BASE64_STANDARD.decode(body.collect::<String>()).map_err(|_| Fault::CertificateInvalid)?;
        Self::from_der(&der)
    }

    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_der(der: &[u8]) -> Result<Self, Fault> {
        let invalid = |_| Fault::CertificateInvalid;
        let certificate = X509::from_der(der).map_err(invalid)?;
        let key = certificate.public_key().map_err(invalid)?;
        Ok(Self {
            // Written anew, so that nothing is left that stands behind it.
            der: certificate.to_der().map_err(invalid)?,
            not_before: moment(certificate.not_before())?,
            not_after: moment(certificate.not_after())?,
            algorithm: kind(&key)?,
            key_bits: key.bits(),
        })
    }

    /// Whether it is good at this moment.
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.not_before <= now && now < self.not_after
    }

    /// Modulus and exponent of its key, as bytes of the numbers; none if it is no RSA key.
    pub fn rsa_numbers(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let key = self.public_key().ok()?.rsa().ok()?;
        Some((key.n().to_vec(), key.e().to_vec()))
    }

    pub(crate) fn public_key(&self) -> Result<PKey<Public>, Fault> {
        X509::from_der(&self.der).and_then(|read| read.public_key()).map_err(|_| Fault::CertificateInvalid)
    }
}

fn kind(key: &PKey<Public>) -> Result<KeyAlgorithm, Fault> {
    let curves = [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1];
    match key.id() {
        Id::RSA if key.bits() >= SMALLEST_RSA => Ok(KeyAlgorithm::Rsa),
        Id::EC => {
            let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
            if curve.is_some_and(|curve| curves.contains(&curve)) {
                Ok(KeyAlgorithm::Ecdsa)
            } else {
                Err(Fault::NoSigningCertificate)
            }
        }
        _ => Err(Fault::NoSigningCertificate),
    }
}

fn moment(time: &Asn1TimeRef) -> Result<DateTime<Utc>, Fault> {
    let since =
        Asn1Time::from_unix(0).and_then(|epoch| epoch.diff(time)).map_err(|_| Fault::CertificateInvalid)?;
    let seconds = TimeDelta::days(since.days.into()) + TimeDelta::seconds(since.secs.into());
    DateTime::UNIX_EPOCH.checked_add_signed(seconds).ok_or(Fault::CertificateInvalid)
}

/// Bytes as base64 in JSON.
mod base64_text {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map_err(D::Error::custom)
    }
}
