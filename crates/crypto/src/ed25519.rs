//! Bare Ed25519 (RFC 8032), for what is signed and is no token.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use elder_kernel::Secret;

/// Bytes of a public key.
const PUBLIC: usize = 32;

/// Bytes that are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no Ed25519 key")]
pub struct NoEd25519Key;

/// A key that signs.
pub struct Ed25519Key {
    pair: Ed25519KeyPair,
    public: Ed25519Public,
}

/// The public part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ed25519Public(pub [u8; PUBLIC]);

impl Ed25519Key {
    /// Makes a key; gives the private part (PKCS #8 v1, DER), to be sealed and stored.
    ///
    /// # Errors
    /// [`NoEd25519Key`] when the system has no randomness.
    pub fn generate() -> Result<Secret<Vec<u8>>, NoEd25519Key> {
        let document = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1());
        Ok(Secret::new(document.map_err(|_| NoEd25519Key)?.as_ref().to_vec()))
    }

    /// Reads the private part.
    ///
    /// # Errors
    /// [`NoEd25519Key`] if it is none.
    pub fn from_pkcs8(private: &Secret<Vec<u8>>) -> Result<Self, NoEd25519Key> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(private.expose()).map_err(|_| NoEd25519Key)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NoEd25519Key)?;
        Ok(Self { pair, public: Ed25519Public(public) })
    }

    /// The public part.
    pub fn public(&self) -> Ed25519Public {
        self.public
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl Ed25519Public {
    /// Whether the owner of the private part has signed the message.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_has_signed_verifies_and_nothing_else_does() {
        let stored = Ed25519Key::generate().unwrap();
        let key = Ed25519Key::from_pkcs8(&stored).unwrap();
        let signature = key.sign(b"message");
        assert!(key.public().has_signed(b"message", &signature));
        assert!(!key.public().has_signed(b"massage", &signature));
        assert!(!key.public().has_signed(b"message", &signature[1..]));
        let other = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
        assert!(!other.public().has_signed(b"message", &signature));
        assert!(Ed25519Key::from_pkcs8(&Secret::new(vec![1, 2, 3])).is_err());
    }

    /// RFC 8032 §7.1, test 2.
    #[test]
    fn the_vector_of_the_rfc_verifies() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        let public = Ed25519Public(public.try_into().unwrap());
        assert!(public.has_signed(&[0x72], &signature));
        assert!(!public.has_signed(&[0x73], &signature));
    }
}
