//! The keys of the provider, and tokens signed as they should be or not.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// With what a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The provider's key.
    Own,
    /// A key that it does not publish.
    Stranger,
    /// The text of its public key, as the secret of HS256.
    PublicKeyAsSecret,
    /// The client's secret, for HS256.
    ClientSecret,
    /// Nothing.
    Nobody,
}

/// An RSA key with a name.
pub(super) struct Key {
    pair: RsaKeyPair,
    pub(super) id: String,
}

impl Key {
    pub(super) fn new(id: &str, size: KeySize) -> Self {
        Self { pair: RsaKeyPair::generate(size).unwrap(), id: id.to_owned() }
    }

    /// As it stands in a key set.
    pub(super) fn jwk(&self) -> Value {
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "n": encode(self.modulus()), "e": "AQAB"})
    }

    /// The number in the DER form (RFC 8017 A.1.1): behind nine bytes of tags and lengths, before five of the exponent.
    fn modulus(&self) -> &[u8] {
        let der = self.pair.public_key().as_ref();
        &der[9..der.len() - 5]
    }

    fn pem(&self) -> String {
        let text = BASE64_STANDARD.encode(self.pair.public_key().as_ref());
        format!("-----BEGIN RSA PUBLIC KEY-----\n{text}\n-----END RSA PUBLIC KEY-----\n")
    }

    fn sign(&self, message: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        signature
    }
}

/// A signed token of these parts.
pub(super) fn sign(header: &Value, claims: &str, key: &Key, signer: Signer) -> String {
    let message = format!("{}.{}", encode(header.to_string()), encode(claims));
    let mac = |secret: &str| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message.as_bytes())
            .as_ref()
            .to_vec()
    };
    let signature = match signer {
        Signer::Own => key.sign(&message),
        Signer::Stranger => Key::new("stranger", KeySize::Rsa2048).sign(&message),
        Signer::PublicKeyAsSecret => mac(&key.pem()),
        Signer::ClientSecret => mac(super::SECRET),
        Signer::Nobody => Vec::new(),
    };
    format!("{message}.{}", encode(signature))
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
