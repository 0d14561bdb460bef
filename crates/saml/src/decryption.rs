//! Encrypted assertions (XML encryption): AES under RSA-OAEP. What else there is in the standard is refused.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use openssl::{
    error::ErrorStack,
    md::{Md, MdRef},
    pkey_ctx::PkeyCtx,
    rsa::Padding,
    symm::{Cipher, Crypter, Mode, decrypt_aead},
};
use roxmltree::Node;

use crate::{
    Fault, SpKey,
    document::Element as _,
    names::ns::{ASSERTION, DSIG, XENC, XENC11},
};

/// How many copies of the content's key are tried: one for each of our keys.
const KEY_COPIES: usize = 4;
/// Bytes of the nonce and of the tag (XML encryption §5.2.4).
const GCM: (usize, usize) = (12, 16);
/// Bytes of a block of AES.
const BLOCK: usize = 16;

type Hash = fn() -> &'static MdRef;

/// How the content is encrypted.
#[derive(Clone, Copy)]
enum Content {
    Gcm(fn() -> Cipher),
    Cbc(fn() -> Cipher),
}

/// How its key is.
#[derive(Clone, Copy)]
struct Oaep {
    digest: Hash,
    mask: Hash,
}

/// An assertion that is not read yet.
pub(crate) struct Encrypted {
    content: Content,
    bytes: Vec<u8>,
    /// The key of the content, for one of ours each.
    keys: Vec<(Oaep, Vec<u8>)>,
}

impl Encrypted {
    /// Looks at all that can be seen from outside. Nothing is decrypted by an algorithm that does not count.
    pub(crate) fn read(assertion: Node<'_, '_>) -> Result<Self, Fault> {
        let data = one(assertion, XENC, "EncryptedData")?;
        let method = one(data, XENC, "EncryptionMethod")?.has("Algorithm").ok_or(Fault::EncryptionForm)?;
        let content = content(method)?;
        let inside = data.one(DSIG, "KeyInfo").map_err(|_| Fault::EncryptionForm)?;
        // It stands in the data, or beside it (SAML core §2.3.4).
        let keys = inside.into_iter().chain([assertion]).flat_map(|place| place.children());
        let keys: Vec<_> = keys.filter(|node| node.is(XENC, "EncryptedKey")).collect();
        if keys.is_empty() || keys.len() > KEY_COPIES {
            return Err(Fault::EncryptionForm);
        }
        let keys = keys.into_iter().map(|key| Ok((oaep(one(key, XENC, "EncryptionMethod")?)?, cipher(key)?)));
        Ok(Self { content, bytes: cipher(data)?, keys: keys.collect::<Result<_, Fault>>()? })
    }

    /// Whether somebody could change the content unseen, and learn of it by what we answer.
    pub(crate) const fn is_malleable(&self) -> bool {
        matches!(self.content, Content::Cbc(_))
    }

    /// Decrypts by whichever of our keys fits. All that can go wrong in here is one fault, since a difference would be an
    /// oracle.
    pub(crate) fn open(&self, ours: &[SpKey]) -> Result<Vec<u8>, Fault> {
        let pairs = self.keys.iter().flat_map(|encrypted| ours.iter().map(move |own| (encrypted, own)));
        let mut opened = pairs.filter_map(|((oaep, bytes), own)| {
            let key = oaep.open(own, bytes).ok()?;
            self.content.open(&key, &self.bytes)
        });
        opened.next().ok_or(Fault::Decryption)
    }
}

fn one<'a>(node: Node<'a, 'a>, namespace: &'static str, name: &'static str) -> Result<Node<'a, 'a>, Fault> {
    node.one(namespace, name).ok().flatten().ok_or(Fault::EncryptionForm)
}

/// The bytes themselves, which must stand here and not elsewhere.
fn cipher(node: Node<'_, '_>) -> Result<Vec<u8>, Fault> {
    let value = one(one(node, XENC, "CipherData")?, XENC, "CipherValue")?;
    let text: String = value.plain().map_err(|_| Fault::EncryptionForm)?.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(text).map_err(|_| Fault::EncryptionForm)
}

fn content(method: &str) -> Result<Content, Fault> {
    match method {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Ok(Content::Gcm(Cipher::aes_128_gcm)),
        "http://www.w3.org/2009/xmlenc11#aes192-gcm" => Ok(Content::Gcm(Cipher::aes_192_gcm)),
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Ok(Content::Gcm(Cipher::aes_256_gcm)),
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => Ok(Content::Cbc(Cipher::aes_128_cbc)),
        "http://www.w3.org/2001/04/xmlenc#aes192-cbc" => Ok(Content::Cbc(Cipher::aes_192_cbc)),
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Ok(Content::Cbc(Cipher::aes_256_cbc)),
        _ => Err(Fault::EncryptionAlgorithm),
    }
}

/// RSA-OAEP and its hashes (XML encryption §5.5.2).
fn oaep(method: Node<'_, '_>) -> Result<Oaep, Fault> {
    let may_have_mask = match method.has("Algorithm") {
        Some("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p") => false,
        Some("http://www.w3.org/2009/xmlenc11#rsa-oaep") => true,
        _ => return Err(Fault::EncryptionAlgorithm),
    };
    let named = |namespace, name| method.one(namespace, name).map_err(|_| Fault::EncryptionForm);
    let (digest, mask) = (named(DSIG, "DigestMethod")?, named(XENC11, "MGF")?);
    if named(XENC, "OAEPparams")?.is_some() || (mask.is_some() && !may_have_mask) {
        return Err(Fault::EncryptionAlgorithm);
    }
    Ok(Oaep { digest: hash(digest)?, mask: hash(mask)? })
}

/// The hash that an element names. SHA-1 is what is meant where there is none; within OAEP it need not resist collisions.
fn hash(node: Option<Node<'_, '_>>) -> Result<Hash, Fault> {
    let Some(node) = node else { return Ok(Md::sha1) };
    match node.has("Algorithm") {
        Some("http://www.w3.org/2000/09/xmldsig#sha1" | "http://www.w3.org/2009/xmlenc11#mgf1sha1") => {
            Ok(Md::sha1)
        }
        Some("http://www.w3.org/2001/04/xmlenc#sha256" | "http://www.w3.org/2009/xmlenc11#mgf1sha256") => {
            Ok(Md::sha256)
        }
        Some(
            "http://www.w3.org/2001/04/xmldsig-more#sha384" | "http://www.w3.org/2009/xmlenc11#mgf1sha384",
        ) => Ok(Md::sha384),
        Some("http://www.w3.org/2001/04/xmlenc#sha512" | "http://www.w3.org/2009/xmlenc11#mgf1sha512") => {
            Ok(Md::sha512)
        }
        _ => Err(Fault::EncryptionAlgorithm),
    }
}

impl Oaep {
    fn open(self, own: &SpKey, bytes: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut context = PkeyCtx::new(own.private())?;
        context.decrypt_init()?;
        context.set_rsa_padding(Padding::PKCS1_OAEP)?;
        context.set_rsa_oaep_md((self.digest)())?;
        context.set_rsa_mgf1_md((self.mask)())?;
        let mut key = Vec::new();
        context.decrypt_to_vec(bytes, &mut key)?;
        Ok(key)
    }
}

impl Content {
    /// Lengths are looked at before OpenSSL is called, whose binding panics at a key of the wrong one.
    fn open(self, key: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Gcm(cipher) if key.len() == cipher().key_len() => {
                let (nonce, sealed) = bytes.split_at_checked(GCM.0)?;
                let (content, tag) = sealed.split_at_checked(sealed.len().checked_sub(GCM.1)?)?;
                decrypt_aead(cipher(), key, Some(nonce), &[], content, tag).ok()
            }
            Self::Cbc(cipher) if key.len() == cipher().key_len() => {
                let (first, content) = bytes.split_at_checked(BLOCK)?;
                let is_whole = !content.is_empty() && content.len() % BLOCK == 0;
                if is_whole { cbc(cipher(), key, first, content) } else { None }
            }
            Self::Gcm(_) | Self::Cbc(_) => None,
        }
    }
}

/// The padding of XML encryption (§5.2): the last byte says how many are to be left out, the others are anything.
fn cbc(cipher: Cipher, key: &[u8], first: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, key, Some(first)).ok()?;
    crypter.pad(false);
    let mut plain = vec![0; content.len() + BLOCK];
    let written = crypter.update(content, &mut plain).ok()?;
    let finished = crypter.finalize(plain.get_mut(written..)?).ok()?;
    plain.truncate(written + finished);
    let padding = usize::from(*plain.last()?);
    if padding == 0 || padding > BLOCK {
        return None;
    }
    plain.truncate(plain.len().checked_sub(padding)?);
    Some(plain)
}

/// Whether this is an encrypted assertion.
pub(crate) fn is_encrypted(node: Node<'_, '_>) -> bool {
    node.is(ASSERTION, "EncryptedAssertion")
}
