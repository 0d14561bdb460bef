//! The service provider that Elder is to an identity provider.

use elder_kernel::{Seam, Secret};

use crate::Fault;

/// A key pair with a certificate of its own.
#[derive(Debug)]
pub struct SpKey {
    /// The private key, PKCS#8 in DER.
    pub(crate) private: Secret<Vec<u8>>,
    /// The certificate in DER.
    pub(crate) certificate: Vec<u8>,
}

/// What a connection is to its provider. Each connection has an entity id, addresses and keys of its own.
#[derive(Debug)]
pub struct ServiceProvider {
    /// Its name.
    pub entity_id: String,
    /// Where answers to sign-ins are sent (POST).
    pub acs_url: String,
    /// Where logouts are sent (redirect and POST), if it takes part in them.
    pub slo_url: Option<String>,
    /// The first signs, all decrypt: so that a new one can be published before it is used.
    pub keys: Vec<SpKey>,
}

/// Makes an RSA key with a certificate for ten years, signed by itself.
///
/// # Errors
/// [`Fault::KeyInvalid`] for other sizes than 2048 and 3072 bits, [`Fault::Library`] if no key can be made.
pub fn generate_key(seam: &Seam, name: &str, bits: u32) -> Result<SpKey, Fault> {
    let _ = (seam, name, bits);
    Err(Fault::KeyInvalid)
}

impl SpKey {
    /// Reads a private key and its certificate, both in PEM.
    ///
    /// # Errors
    /// [`Fault::KeyInvalid`] if they are not readable, do not belong together, or the key is no RSA key of 2048 bits or more.
    pub fn from_pem(private: &str, certificate: &str) -> Result<Self, Fault> {
        let _ = (private, certificate);
        Err(Fault::KeyInvalid)
    }

    /// The private key, PKCS#8 in PEM, to be sealed.
    ///
    /// # Errors
    /// [`Fault::Library`] if it cannot be written.
    pub fn private_pem(&self) -> Result<Secret<String>, Fault> {
        Err(Fault::Library)
    }

    /// The certificate in PEM.
    ///
    /// # Errors
    /// [`Fault::Library`] if it cannot be written.
    pub fn certificate_pem(&self) -> Result<String, Fault> {
        Err(Fault::Library)
    }
}

impl ServiceProvider {
    /// What it says of itself: the document that the administrator of a provider reads in (SAML metadata §2.4.4).
    ///
    /// # Errors
    /// [`Fault::OwnKeyMissing`] without a key.
    pub fn metadata(&self) -> Result<String, Fault> {
        Err(Fault::OwnKeyMissing)
    }
}
