//! Signed checkpoints: C2SP `tlog-checkpoint` inside of a C2SP `signed-note`.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use elder_crypto::{Ed25519Key, Ed25519Public};
use sha2::{Digest as _, Sha256};

use crate::tree::Digest;

/// The type of an Ed25519 signature in the formats of signed notes.
const ED25519: u8 = 1;
/// How a line with a signature begins.
const SIGNATURE: &str = "\u{2014} ";

/// The state of a tree: so many leaves with this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is of.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// The name and public key by which a note is verified, as signed notes write it: `name+id+key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// Whose key: the origin of the log.
    pub name: String,
    /// The public key.
    pub public: Ed25519Public,
}

/// What is no checkpoint, or none that the key has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNote {
    /// Not of the form.
    #[error("it is no signed checkpoint")]
    Malformed,
    /// Not by this key.
    #[error("no signature is by the key that was given")]
    UnknownKey,
    /// By this key, and wrong.
    #[error("the signature is wrong")]
    Signature,
    /// Of another log than the key.
    #[error("it is a checkpoint of another log")]
    Origin,
}

/// A text that is no key of a verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is written as `name+id+key`, as `elder audit keys` shows it")]
pub struct InvalidKey;

impl Checkpoint {
    /// Writes it down and signs that.
    pub fn sign(&self, key: &Ed25519Key) -> String {
        signed(&self.origin, &self.to_string(), key)
    }

    /// Reads a note that one of the keys has signed. Signatures by others are not looked at.
    ///
    /// # Errors
    /// [`InvalidNote`].
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Self, InvalidNote> {
        let (body, signatures) = parts(note)?;
        let checkpoint: Self = body.parse()?;
        let mut found = Err(InvalidNote::UnknownKey);
        for key in keys {
            match key.check(&body, signatures) {
                Ok(()) if key.name != checkpoint.origin => found = Err(InvalidNote::Origin),
                Ok(()) => return Ok(checkpoint),
                Err(InvalidNote::UnknownKey) => {}
                Err(other) => found = Err(other),
            }
        }
        found.map(|()| checkpoint)
    }
}

/// Signs any text, which ends with a line break, in the name of a log.
pub fn signed(name: &str, text: &str, key: &Ed25519Key) -> String {
    let by = VerifierKey { name: name.to_owned(), public: key.public() };
    let signature = [by.id().as_slice(), &key.sign(text.as_bytes())].concat();
    format!("{text}\n{SIGNATURE}{name} {}\n", STANDARD.encode(signature))
}

/// The text of a note that one of the keys has signed.
///
/// # Errors
/// [`InvalidNote`].
pub fn opened(note: &str, keys: &[VerifierKey]) -> Result<String, InvalidNote> {
    let (text, signatures) = parts(note)?;
    let mut found = Err(InvalidNote::UnknownKey);
    for key in keys {
        match key.check(&text, signatures) {
            Ok(()) => return Ok(text),
            Err(InvalidNote::UnknownKey) => {}
            Err(other) => found = Err(other),
        }
    }
    found
}

/// The text that is signed, and the lines with signatures.
fn parts(note: &str) -> Result<(String, &str), InvalidNote> {
    let (text, signatures) = note.rsplit_once("\n\n").ok_or(InvalidNote::Malformed)?;
    if !signatures.ends_with('\n') || signatures.lines().any(|line| !line.starts_with(SIGNATURE)) {
        return Err(InvalidNote::Malformed);
    }
    Ok((format!("{text}\n"), signatures))
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

impl FromStr for Checkpoint {
    type Err = InvalidNote;

    /// Reads the text that is signed. What later versions may add behind the root is left out.
    fn from_str(text: &str) -> Result<Self, InvalidNote> {
        let mut lines = text.lines();
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(InvalidNote::Malformed);
        let (origin, size, root) = (line()?, line()?, line()?);
        let number: u64 = size.parse().map_err(|_| InvalidNote::Malformed)?;
        if number.to_string() != size {
            return Err(InvalidNote::Malformed);
        }
        let root = Digest::from_base64(root).ok_or(InvalidNote::Malformed)?;
        Ok(Self { origin: origin.to_owned(), size: number, root })
    }
}

impl VerifierKey {
    /// What tells the key from others of its name: the beginning of a hash over both.
    fn id(&self) -> [u8; 4] {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.public.0)
            .finalize()
            .into();
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }

    fn check(&self, body: &str, signatures: &str) -> Result<(), InvalidNote> {
        for line in signatures.lines() {
            let line = line.strip_prefix(SIGNATURE).ok_or(InvalidNote::Malformed)?;
            let (name, signature) = line.rsplit_once(' ').ok_or(InvalidNote::Malformed)?;
            let signature = STANDARD.decode(signature).map_err(|_| InvalidNote::Malformed)?;
            let (id, signature) = signature.split_first_chunk::<4>().ok_or(InvalidNote::Malformed)?;
            if name == self.name && *id == self.id() {
                let is_good = self.public.has_signed(body.as_bytes(), signature);
                return if is_good { Ok(()) } else { Err(InvalidNote::Signature) };
            }
        }
        Err(InvalidNote::UnknownKey)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [[ED25519].as_slice(), &self.public.0].concat();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidKey);
        };
        let key = STANDARD.decode(key).map_err(|_| InvalidKey)?;
        let Some((&ED25519, public)) = key.split_first() else { return Err(InvalidKey) };
        let public = Ed25519Public(public.try_into().map_err(|_| InvalidKey)?);
        let read = Self { name: name.to_owned(), public };
        if read.to_string() == text.trim() { Ok(read) } else { Err(InvalidKey) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> Ed25519Key {
        Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "id.example.com/audit/7".into(), size: 20_852_163, root: Digest::leaf(b"x") }
    }

    fn verifier(key: &Ed25519Key) -> VerifierKey {
        VerifierKey { name: checkpoint().origin, public: key.public() }
    }

    #[test]
    fn a_signed_checkpoint_is_opened_by_its_key_alone() {
        let (own, other) = (key(), key());
        let note = checkpoint().sign(&own);
        assert_eq!(Checkpoint::open(&note, &[verifier(&other), verifier(&own)]), Ok(checkpoint()));
        assert_eq!(Checkpoint::open(&note, &[verifier(&other)]), Err(InvalidNote::UnknownKey));
        let renamed = VerifierKey { name: "id.example.com/audit/8".into(), public: own.public() };
        assert_eq!(Checkpoint::open(&note, &[renamed]), Err(InvalidNote::UnknownKey));
        let altered = note.replacen("20852163", "20852164", 1);
        assert_eq!(Checkpoint::open(&altered, &[verifier(&own)]), Err(InvalidNote::Signature));
    }

    #[test]
    fn a_witness_may_sign_beside() {
        let (own, witness) = (key(), key());
        let as_witness = Checkpoint { origin: "witness".into(), ..checkpoint() }.sign(&witness);
        let line = as_witness.lines().last().unwrap().to_owned();
        let note = checkpoint().sign(&own) + &line + "\n";
        assert_eq!(Checkpoint::open(&note, &[verifier(&own)]), Ok(checkpoint()));
    }

    #[test]
    fn a_key_that_signs_for_one_log_signs_for_no_other() {
        let own = key();
        let mut foreign = checkpoint();
        foreign.origin = "id.example.com/audit/8".into();
        // Signed under the name of the first log, but about the second.
        let body = foreign.to_string();
        let signature = [verifier(&own).id().as_slice(), &own.sign(body.as_bytes())].concat();
        let note = format!("{body}\n{SIGNATURE}{} {}\n", checkpoint().origin, STANDARD.encode(signature));
        assert_eq!(Checkpoint::open(&note, &[verifier(&own)]), Err(InvalidNote::Origin));
    }

    #[test]
    fn a_verifiers_key_is_read_as_it_is_written() {
        let written = verifier(&key()).to_string();
        assert_eq!(written.parse::<VerifierKey>().unwrap().to_string(), written);
        // From the specification of signed notes.
        let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(known.parse::<VerifierKey>().unwrap().to_string(), known);
        for bad in ["", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_note_of_the_specification_verifies() {
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
            .parse::<VerifierKey>()
            .unwrap();
        let body = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let line = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert_eq!(key.check(body, line), Ok(()));
        assert_eq!(key.check(&body.to_uppercase(), line), Err(InvalidNote::Signature));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text: String) {
            let _note = Checkpoint::open(&text, &[]);
            let _key = text.parse::<VerifierKey>();
            prop_assert!(text.parse::<Checkpoint>().is_err());
        }
    }
}
