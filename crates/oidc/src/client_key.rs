//! A key by which the client proves itself, as its provider reads it.

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The public half of an RSA key, and the certificate that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientKey {
    /// The modulus, as bytes of the number (RFC 7518 §6.3.1.1).
    pub modulus: Vec<u8>,
    /// The exponent, likewise.
    pub exponent: Vec<u8>,
    /// The certificate in DER.
    pub certificate: Vec<u8>,
}

impl ClientKey {
    /// The name that follows from the key itself (RFC 7638 §3): whoever has the key needs not be told the name.
    pub fn kid(&self) -> String {
        let (e, n) = (encode(&self.exponent), encode(&self.modulus));
        encode(&Sha256::digest(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)))
    }

    /// The name of its certificate (RFC 7515 §4.1.8), by which Entra finds the key.
    pub fn thumbprint(&self) -> String {
        encode(&Sha256::digest(&self.certificate))
    }

    /// The key as it stands in a key set (RFC 7517 §4).
    pub fn jwk(&self) -> Map<String, Value> {
        let chain = vec![BASE64_STANDARD.encode(&self.certificate)];
        let (kid, n, e) = (self.kid(), encode(&self.modulus), encode(&self.exponent));
        let texts = [("kty", "RSA"), ("use", "sig"), ("alg", "RS256"), ("kid", &kid), ("n", &n), ("e", &e)];
        let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.into()));
        let of_certificate =
            [("x5c".to_owned(), chain.into()), ("x5t#S256".to_owned(), self.thumbprint().into())];
        texts.chain(of_certificate).collect()
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_name_that_rfc_7638_gives_its_example() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRX\
                       jBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaS\
                       qzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksIN\
                       HaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let modulus = BASE64_URL_SAFE_NO_PAD.decode(modulus).unwrap();
        let key = ClientKey { modulus, exponent: vec![1, 0, 1], certificate: Vec::new() };
        assert_eq!(key.kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}
