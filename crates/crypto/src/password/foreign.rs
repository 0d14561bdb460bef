//! Password hashes that other systems made: compared until the next sign-in makes a better one, never made here.

use aws_lc_rs::pbkdf2;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use elder_kernel::Secret;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::arena;

/// Costs past these are taken for no hash: nobody shall stop the machine with a row. Each is about a second's work.
const BCRYPT_COST: std::ops::RangeInclusive<u32> = 4..=14;
const BCRYPT_BYTES: usize = 72;
/// What one hash may hold, and what it may go through in all.
const MOST_SCRYPT_BYTES: u64 = 128 << 20;
const MOST_SCRYPT_WORK: u64 = 256 << 20;
/// Rounds, for all blocks of the tag together: each block costs them again (RFC 8018 §5.2).
const MOST_PBKDF2_ROUNDS: u32 = 2_000_000;

/// Characters that the text of a hash may have.
const MOST_TEXT: usize = 512;

/// Bytes that a tag must have to prove anything, and may have at most.
const TAG_BYTES: std::ops::RangeInclusive<usize> = 16..=64;

/// A hash that came from another system, known to be one that sign-in can compare.
#[derive(Debug, Clone)]
pub struct ImportedHash(Secret<String>);

/// A text that is no hash of a known form, or one whose cost is out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a hash by Argon2id (to 128 MiB, and 1 GiB over all passes), bcrypt (cost 4 to 14), scrypt (to 128 MiB, \
     and 256 MiB over all lanes) or PBKDF2 (to 2,000,000 rounds, over all blocks of the tag), as its PHC string or as \
     Django or Werkzeug write it, of at most 512 characters"
)]
pub struct UnknownHash;

/// A hash, read.
pub(super) enum Foreign<'a> {
    /// The text of bcrypt, and whether it was made of the SHA-256 of the password (Django).
    Bcrypt {
        text: &'a str,
        of_digest: bool,
    },
    Scrypt {
        params: scrypt::Params,
        salt: Vec<u8>,
        tag: Vec<u8>,
    },
    Pbkdf2 {
        algorithm: pbkdf2::Algorithm,
        rounds: std::num::NonZeroU32,
        salt: Vec<u8>,
        tag: Vec<u8>,
    },
}

impl ImportedHash {
    /// Takes what a sign-in could compare a password with.
    ///
    /// # Errors
    /// [`UnknownHash`] for anything else.
    pub fn read(text: Secret<String>) -> Result<Self, UnknownHash> {
        let is_known = |text: &str| arena::is_importable(text) || Foreign::read(text).is_some();
        if text.expose().len() <= MOST_TEXT && is_known(text.expose()) {
            Ok(Self(text))
        } else {
            Err(UnknownHash)
        }
    }

    /// The text to be stored.
    pub fn into_secret(self) -> Secret<String> {
        self.0
    }
}

/// Argon2 as Django writes it is the PHC string behind a word.
pub(super) fn without_django_prefix(text: &str) -> Option<&str> {
    text.strip_prefix("argon2").filter(|rest| rest.starts_with('$'))
}

impl<'a> Foreign<'a> {
    /// Reads a hash of a known form and of sane cost; `None` for anything else.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (name, rest) = text.strip_prefix('$').unwrap_or(text).split_once('$')?;
        match (name, name.split(':').next()?) {
            ("2a" | "2b" | "2y", _) => Self::bcrypt(text, false),
            ("bcrypt", _) => Self::bcrypt(rest, false),
            ("bcrypt_sha256", _) => Self::bcrypt(rest, true),
            ("scrypt", _) if text.starts_with('$') => Self::scrypt_phc(rest),
            ("scrypt", _) => Self::scrypt_django(rest),
            (_, "scrypt") => Self::scrypt_werkzeug(name, rest),
            (_, "pbkdf2") => Self::pbkdf2_werkzeug(name, rest),
            _ if text.starts_with('$') => Self::pbkdf2_phc(name.strip_prefix("pbkdf2-")?, rest),
            _ => Self::pbkdf2_django(name.strip_prefix("pbkdf2_")?, rest),
        }
    }

    /// Compares in constant time once the tag is there. The password is taken as it was typed, as the maker did.
    pub(super) fn matches(&self, password: &Secret<String>) -> bool {
        let password = password.expose().as_bytes();
        match self {
            Self::Bcrypt { text, of_digest: false } => matches_bcrypt(password, text),
            Self::Bcrypt { text, of_digest: true } => {
                let digest = Zeroizing::new(hex(&Sha256::digest(password)));
                matches_bcrypt(digest.as_bytes(), text)
            }
            Self::Scrypt { params, salt, tag } => {
                let mut computed = Zeroizing::new(vec![0; tag.len()]);
                scrypt::scrypt(password, salt, params, &mut computed).is_ok() && computed.ct_eq(tag).into()
            }
            Self::Pbkdf2 { algorithm, rounds, salt, tag } => {
                pbkdf2::verify(*algorithm, *rounds, salt, password, tag).is_ok()
            }
        }
    }

    fn bcrypt(text: &'a str, of_digest: bool) -> Option<Self> {
        let cost = text.get(4..6)?.parse().ok()?;
        let is_whole = text.len() == 60 && text.parse::<bcrypt::HashParts>().is_ok();
        (is_whole && BCRYPT_COST.contains(&cost)).then_some(Self::Bcrypt { text, of_digest })
    }

    /// `ln=15,r=8,p=1$salt$tag`
    fn scrypt_phc(rest: &str) -> Option<Self> {
        let [costs, salt, tag] = parts(rest, '$')?;
        let [ln, r, p] = parts(costs, ',')?;
        let n = 1u64.checked_shl(number(ln, "ln=")?)?;
        Self::scrypt(n, number(r, "r=")?, number(p, "p=")?, unpadded(salt)?, unpadded(tag)?)
    }

    /// `16384$salt$8$5$tag`
    fn scrypt_django(rest: &str) -> Option<Self> {
        let [n, salt, r, p, tag] = parts(rest, '$')?;
        Self::scrypt(n.parse().ok()?, number(r, "")?, number(p, "")?, salt.into(), padded(tag)?)
    }

    /// `scrypt:32768:8:1`, `salt$tag`
    fn scrypt_werkzeug(name: &str, rest: &str) -> Option<Self> {
        let [_, n, r, p] = parts(name, ':')?;
        let [salt, tag] = parts(rest, '$')?;
        Self::scrypt(n.parse().ok()?, number(r, "")?, number(p, "")?, salt.into(), unhex(tag)?)
    }

    /// `i=600000,l=32$salt$tag`
    fn pbkdf2_phc(digest: &str, rest: &str) -> Option<Self> {
        let [costs, salt, tag] = parts(rest, '$')?;
        let rounds = costs.split(',').next()?;
        Self::pbkdf2(digest, number(rounds, "i=")?, unpadded(salt)?, unpadded(tag)?)
    }

    /// `sha256`, `600000$salt$tag`
    fn pbkdf2_django(digest: &str, rest: &str) -> Option<Self> {
        let [rounds, salt, tag] = parts(rest, '$')?;
        Self::pbkdf2(digest, number(rounds, "")?, salt.into(), padded(tag)?)
    }

    /// `pbkdf2:sha256:600000`, `salt$tag`
    fn pbkdf2_werkzeug(name: &str, rest: &str) -> Option<Self> {
        let [_, digest, rounds] = parts(name, ':')?;
        let [salt, tag] = parts(rest, '$')?;
        Self::pbkdf2(digest, number(rounds, "")?, salt.into(), unhex(tag)?)
    }

    fn scrypt(n: u64, r: u32, p: u32, salt: Vec<u8>, tag: Vec<u8>) -> Option<Self> {
        // RFC 7914 §2: N is a power of two; 128·r·N bytes are needed.
        let bytes = n.checked_mul(u64::from(r))?.checked_mul(128)?;
        let is_sane = n.is_power_of_two()
            && bytes <= MOST_SCRYPT_BYTES
            && bytes.checked_mul(u64::from(p))? <= MOST_SCRYPT_WORK
            && TAG_BYTES.contains(&tag.len());
        let params = scrypt::Params::new(u8::try_from(n.trailing_zeros()).ok()?, r, p).ok()?;
        is_sane.then_some(Self::Scrypt { params, salt, tag })
    }

    fn pbkdf2(digest: &str, rounds: u32, salt: Vec<u8>, tag: Vec<u8>) -> Option<Self> {
        let (algorithm, block) = match digest {
            "sha1" => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            "sha256" => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
            "sha512" => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
            _ => return None,
        };
        let blocks = u32::try_from(tag.len().div_ceil(block)).ok()?;
        let is_sane = rounds.checked_mul(blocks)? <= MOST_PBKDF2_ROUNDS && TAG_BYTES.contains(&tag.len());
        let rounds = std::num::NonZeroU32::new(rounds)?;
        is_sane.then_some(Self::Pbkdf2 { algorithm, rounds, salt, tag })
    }
}

/// bcrypt looks at 72 bytes alone. What is longer never matches: else any text with the same beginning would.
fn matches_bcrypt(password: &[u8], text: &str) -> bool {
    password.len() <= BCRYPT_BYTES && bcrypt::verify(password, text).unwrap_or(false)
}

/// Exactly so many parts.
fn parts<const N: usize>(text: &str, separator: char) -> Option<[&str; N]> {
    text.split(separator).collect::<Vec<_>>().try_into().ok()
}

fn number(text: &str, name: &str) -> Option<u32> {
    text.strip_prefix(name)?.parse().ok()
}

fn padded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn unpadded(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
