//! Seals what must be stored and read again: AES-256-GCM-SIV (RFC 8452) under the master key.

use std::collections::HashSet;

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use elder_kernel::{Random, Secret};
use zeroize::Zeroizing;

const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 12;
/// The first byte of what is sealed now; another cipher would get another number.
const VERSION: u8 = 1;
/// Random bytes of a key repeat themselves less than this: the chance is below 2⁻¹⁵⁰.
const FEWEST_DISTINCT_BYTES: usize = 8;

/// The key under which everything is sealed: 32 random bytes.
#[derive(Debug, Clone)]
pub struct MasterKey(Secret<[u8; KEY_LENGTH]>);

/// A master key that cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakMasterKey {
    /// Not 32 bytes in hexadecimal or base64.
    #[error("the master key must be 32 bytes, written as 64 hexadecimal digits or in base64")]
    Malformed,
    /// Bytes that nobody drew at random.
    #[error("the master key is not random; `openssl rand -base64 32` makes one that is")]
    NotRandom,
}

/// A sealed text that was altered, moved to another place, or sealed under another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value cannot be opened: it was altered or moved, or the master key is another one")]
pub struct Unsealable;

/// Seals and opens; cheap enough to clone.
#[derive(Clone)]
pub struct Sealer {
    cipher: Aes256GcmSiv,
    random: Random,
}

impl MasterKey {
    /// Reads a key written in hexadecimal or base64 (either alphabet, padded or not).
    ///
    /// # Errors
    /// [`WeakMasterKey`] if it is none or was not drawn at random.
    pub fn parse(text: &str) -> Result<Self, WeakMasterKey> {
        let text = text.trim();
        let bytes = if text.len() == 2 * KEY_LENGTH {
            from_hex(text)
        } else {
            [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
                .iter()
                .find_map(|engine| engine.decode(text).ok())
        };
        Self::from_bytes(&Zeroizing::new(bytes.ok_or(WeakMasterKey::Malformed)?))
    }

    /// Takes a key as it is.
    ///
    /// # Errors
    /// [`WeakMasterKey`] if it has another length or was not drawn at random.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeakMasterKey> {
        let key: [u8; KEY_LENGTH] = bytes.try_into().map_err(|_| WeakMasterKey::Malformed)?;
        if key.iter().collect::<HashSet<_>>().len() < FEWEST_DISTINCT_BYTES {
            return Err(WeakMasterKey::NotRandom);
        }
        Ok(Self(Secret::new(key)))
    }

    /// Draws a new key.
    pub fn generate(random: &Random) -> Self {
        Self(Secret::new(random.bytes()))
    }

    /// The key as it is.
    pub(crate) const fn bytes(&self) -> &[u8; KEY_LENGTH] {
        self.0.expose()
    }

    /// The key in base64, to be written down once.
    pub fn to_base64(&self) -> Secret<String> {
        Secret::new(STANDARD.encode(self.0.expose()))
    }
}

impl Sealer {
    /// Seals under `key`, with nonces from `random`.
    pub fn new(key: &MasterKey, random: Random) -> Self {
        Self { cipher: Aes256GcmSiv::new(&Key::<Aes256GcmSiv>::from(*key.0.expose())), random }
    }

    /// Seals `plain` for the place `aad`, for example `7/mfa_factors/secret/<row>`.
    pub fn seal(&self, aad: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LENGTH] = self.random.bytes();
        #[expect(clippy::expect_used, reason = "fails only past 64 GiB, which no caller can hold")]
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: aad.as_bytes() })
            .expect("short text");
        [&[VERSION], nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for the place `aad`.
    ///
    /// # Errors
    /// [`Unsealable`] for anything else.
    pub fn open(&self, aad: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (&VERSION, rest) = sealed.split_first().ok_or(Unsealable)? else { return Err(Unsealable) };
        let (nonce, msg) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(Unsealable)?;
        let payload = Payload { msg, aad: aad.as_bytes() };
        self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| Unsealable)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use elder_kernel::SeededRandom;
    use proptest::prelude::*;

    fn sealer(seed: u64) -> Sealer {
        let random = Random::new(SeededRandom::new(seed));
        Sealer::new(&MasterKey::generate(&random), random)
    }

    #[test]
    fn a_key_is_read_in_every_usual_spelling() {
        let key = MasterKey::generate(&Random::new(SeededRandom::new(5)));
        let bytes = key.0.expose();
        let hex = bytes.map(|byte| format!("{byte:02X}")).concat();
        for text in
            [hex.to_lowercase(), hex, format!("{}\n", STANDARD.encode(bytes)), URL_SAFE_NO_PAD.encode(bytes)]
        {
            assert_eq!(MasterKey::parse(&text).unwrap().0.expose(), bytes, "{text}");
        }
        assert_eq!(MasterKey::parse(key.to_base64().expose()).unwrap().0.expose(), bytes);
    }

    #[test]
    fn a_short_long_or_guessable_key_is_refused() {
        for text in [
            "",
            "changeme",
            "abc=",
            &"0g".repeat(32),
            &"é".repeat(32),
            &STANDARD.encode([1, 2, 3, 4].repeat(9)),
        ] {
            assert_eq!(MasterKey::parse(text).unwrap_err(), WeakMasterKey::Malformed, "{text}");
        }
        for text in ["00".repeat(32), "ab".repeat(32), STANDARD.encode([7; 32]), "01ff".repeat(16)] {
            assert_eq!(MasterKey::parse(&text).unwrap_err(), WeakMasterKey::NotRandom, "{text}");
        }
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let own = sealer(1);
        let sealed = own.seal("7/mfa_factors/secret/1", b"otp");
        assert_eq!(own.open("7/mfa_factors/secret/1", &sealed).unwrap(), b"otp");
        assert_eq!(own.open("8/mfa_factors/secret/1", &sealed), Err(Unsealable));
        assert_eq!(sealer(2).open("7/mfa_factors/secret/1", &sealed), Err(Unsealable));
        assert_ne!(own.seal("7/mfa_factors/secret/1", b"otp"), sealed);
    }

    proptest! {
        #[test]
        fn an_altered_byte_does_not_open(plain: Vec<u8>, at: prop::sample::Index, flip in 1u8..) {
            let mut sealed = sealer(1).seal("place", &plain);
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert_eq!(sealer(1).open("place", &sealed), Err(Unsealable));
        }

        #[test]
        fn opening_never_panics(bytes: Vec<u8>) {
            prop_assert_eq!(sealer(1).open("place", &bytes), Err(Unsealable));
        }
    }
}
