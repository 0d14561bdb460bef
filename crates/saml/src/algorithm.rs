//! The algorithms that count. None of them is SHA-1, MD5, DSA, or has a shared secret.

use openssl::hash::MessageDigest;
use samael::crypto::AllowedSignatureAlgorithm;

use crate::{Fault, KeyAlgorithm};

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignatureAlgorithm {
    pub(crate) key: KeyAlgorithm,
    bits: u16,
    uri: &'static str,
    samael: AllowedSignatureAlgorithm,
}

const fn algorithm(
    key: KeyAlgorithm,
    bits: u16,
    uri: &'static str,
    samael: AllowedSignatureAlgorithm,
) -> SignatureAlgorithm {
    SignatureAlgorithm { key, bits, uri, samael }
}

impl SignatureAlgorithm {
    /// What Elder signs by.
    pub(crate) const OURS: Self = algorithm(
        KeyAlgorithm::Rsa,
        256,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        AllowedSignatureAlgorithm::RsaSha256,
    );

    /// All that count (RFC 9231 §2.3).
    const ALL: [Self; 6] = {
        use AllowedSignatureAlgorithm as A;
        use KeyAlgorithm::{Ecdsa, Rsa};
        [
            Self::OURS,
            algorithm(Rsa, 384, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", A::RsaSha384),
            algorithm(Rsa, 512, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", A::RsaSha512),
            algorithm(Ecdsa, 256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", A::EcdsaSha256),
            algorithm(Ecdsa, 384, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", A::EcdsaSha384),
            algorithm(Ecdsa, 512, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", A::EcdsaSha512),
        ]
    };

    /// Finds one by its identifier.
    pub(crate) fn of(uri: Option<&str>) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|known| Some(known.uri) == uri).ok_or(Fault::SignatureAlgorithm)
    }

    /// Its identifier.
    pub(crate) const fn uri(self) -> &'static str {
        self.uri
    }

    /// The hash that is signed.
    pub(crate) fn digest(self) -> MessageDigest {
        match self.bits {
            512 => MessageDigest::sha512(),
            384 => MessageDigest::sha384(),
            _ => MessageDigest::sha256(),
        }
    }

    /// The same list, for samael to look at once more.
    pub(crate) fn for_samael() -> [AllowedSignatureAlgorithm; 6] {
        Self::ALL.map(|known| known.samael)
    }
}

/// The hash of a reference (XML encryption §5.8, RFC 9231 §2.1).
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// All that count.
pub(crate) const DIGESTS: [&str; 3] =
    [SHA256, "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"];

/// Takes a signature out of what it signs (XML signature §6.6.4).
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
