//! The service provider that Elder is to an identity provider, and its keys.

use chrono::TimeDelta;
use elder_kernel::{Seam, Secret};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    error::ErrorStack,
    hash::MessageDigest,
    pkey::{PKey, Private},
    rsa::Rsa,
    x509::{
        X509, X509Name,
        extension::{BasicConstraints, KeyUsage},
    },
};

use crate::{Fault, certificate::SMALLEST_RSA};

/// How long a certificate of ours is good. Providers take it for a box that a key comes in, and few look at its end.
const YEARS: i64 = 10;
/// Longest common name (RFC 5280, appendix A.1).
const LONGEST_NAME: usize = 64;

/// An RSA key pair with a certificate of its own.
pub struct SpKey {
    private: PKey<Private>,
    certificate: X509,
}

impl std::fmt::Debug for SpKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SpKey")
    }
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

impl ServiceProvider {
    /// The key that signs.
    pub(crate) fn signing_key(&self) -> Result<&SpKey, Fault> {
        self.keys.first().ok_or(Fault::OwnKeyMissing)
    }
}

/// Makes an RSA key with a certificate for ten years, signed by itself. It takes a moment: not for an asynchronous task.
///
/// # Errors
/// [`Fault::KeyInvalid`] for other sizes than 2048 and 3072 bits, [`Fault::Library`] if no key can be made.
pub fn generate_key(seam: &Seam, name: &str, bits: u32) -> Result<SpKey, Fault> {
    if !matches!(bits, 2048 | 3072) {
        return Err(Fault::KeyInvalid);
    }
    let made = Rsa::generate(bits).and_then(PKey::from_rsa).and_then(|private| {
        let certificate = certificate(seam, name, &private)?;
        Ok(SpKey { private, certificate })
    });
    made.map_err(|_| Fault::Library)
}

fn certificate(seam: &Seam, name: &str, key: &PKey<Private>) -> Result<X509, ErrorStack> {
    let now = seam.now();
    let until = now + TimeDelta::days(YEARS * 365 + 2);
    let mut subject = X509Name::builder()?;
    subject.append_entry_by_text("CN", &name.chars().take(LONGEST_NAME).collect::<String>())?;
    let subject = subject.build();
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    let serial = BigNum::from_slice(&seam.random.bytes::<16>())?.to_asn1_integer()?;
    builder.set_serial_number(&serial)?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(&subject)?;
    builder.set_not_before(Asn1Time::from_unix(now.timestamp())?.as_ref())?;
    builder.set_not_after(Asn1Time::from_unix(until.timestamp())?.as_ref())?;
    builder.set_pubkey(key)?;
    builder.append_extension(BasicConstraints::new().critical().build()?)?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().key_encipherment().build()?)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

impl SpKey {
    /// Reads a private key and its certificate, both in PEM.
    ///
    /// # Errors
    /// [`Fault::KeyInvalid`] if they are not readable, do not belong together, or the key is no RSA key of 2048 bits or more.
    pub fn from_pem(private: &Secret<String>, certificate: &str) -> Result<Self, Fault> {
        let read = |_| Fault::KeyInvalid;
        // A callback, so that a key with a password is refused and nobody is asked for it on a terminal.
        let private =
            PKey::private_key_from_pem_callback(private.expose().as_bytes(), |_| Ok(0)).map_err(read)?;
        let certificate = X509::from_pem(certificate.as_bytes()).map_err(read)?;
        let is_pair = certificate.public_key().map_err(read)?.public_eq(&private);
        if private.rsa().is_err() || private.bits() < SMALLEST_RSA || !is_pair {
            return Err(Fault::KeyInvalid);
        }
        Ok(Self { private, certificate })
    }

    /// The private key, PKCS#8 in PEM, to be sealed.
    ///
    /// # Errors
    /// [`Fault::Library`] if it cannot be written.
    pub fn private_pem(&self) -> Result<Secret<String>, Fault> {
        let pem = self.private.private_key_to_pem_pkcs8().map_err(|_| Fault::Library)?;
        String::from_utf8(pem).map(Secret::new).map_err(|_| Fault::Library)
    }

    /// The certificate in PEM.
    ///
    /// # Errors
    /// [`Fault::Library`] if it cannot be written.
    pub fn certificate_pem(&self) -> Result<String, Fault> {
        let pem = self.certificate.to_pem().map_err(|_| Fault::Library)?;
        String::from_utf8(pem).map_err(|_| Fault::Library)
    }

    pub(crate) fn certificate_der(&self) -> Result<Vec<u8>, Fault> {
        self.certificate.to_der().map_err(|_| Fault::Library)
    }

    pub(crate) fn private(&self) -> &PKey<Private> {
        &self.private
    }

    /// The private key as xmlsec reads it: PKCS#1 in DER.
    pub(crate) fn private_der(&self) -> Result<Secret<Vec<u8>>, Fault> {
        let der = self.private.rsa().and_then(|key| key.private_key_to_der());
        der.map(Secret::new).map_err(|_| Fault::Library)
    }
}
