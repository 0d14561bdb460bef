//! Elder's own keys at a provider.

use elder_kernel::{Seam, Secret};
use elder_oidc::ClientKey;
use elder_saml::{Certificate, Fault, SpKey, generate_key};

/// Bits of Elder's own RSA keys.
const KEY_BITS: u32 = 3072;

/// A key, as PEM.
#[derive(Debug)]
pub(crate) struct OwnKey {
    pub(crate) private: Secret<String>,
    pub(crate) certificate: String,
}

/// The keys that a provider may know. While one takes the place of another there are several.
#[derive(Debug, Default)]
pub(crate) struct OwnKeys {
    /// The one that signs.
    pub(crate) current: Option<OwnKey>,
    /// Published and not used yet.
    pub(crate) next: Option<OwnKey>,
    /// Not used any more, but what was encrypted for it can be read.
    pub(crate) former: Option<OwnKey>,
}

impl OwnKey {
    /// A new one. It takes a while: let no other request wait for it.
    pub(crate) fn generate(seam: &Seam, name: &str) -> Result<Self, Fault> {
        let key = generate_key(seam, name, KEY_BITS)?;
        Ok(Self { private: key.private_pem()?, certificate: key.certificate_pem()? })
    }

    /// The same, where it does not hold up others.
    pub(crate) async fn made(seam: &Seam, name: String) -> Result<Self, Fault> {
        let seam = seam.clone();
        let made = tokio::task::spawn_blocking(move || Self::generate(&seam, &name)).await;
        made.map_err(|_| Fault::Library)?
    }

    /// Its public half.
    pub(crate) fn public(&self) -> Result<ClientKey, Fault> {
        public(&self.certificate)
    }
}

impl OwnKeys {
    /// The keys as SAML uses them: the first one signs, all decrypt.
    pub(super) fn of_saml(&self) -> Result<Vec<SpKey>, Fault> {
        let current = self.current.as_ref().ok_or(Fault::OwnKeyMissing)?;
        let others = [&self.next, &self.former].into_iter().flatten();
        [current]
            .into_iter()
            .chain(others)
            .map(|key| SpKey::from_pem(&key.private, &key.certificate))
            .collect()
    }
}

/// The public half of a key of Elder's own.
pub(crate) fn public(certificate: &str) -> Result<ClientKey, Fault> {
    let certificate = Certificate::read(certificate)?;
    let (modulus, exponent) = certificate.rsa_numbers().ok_or(Fault::KeyInvalid)?;
    Ok(ClientKey { modulus, exponent, certificate: certificate.der })
}
