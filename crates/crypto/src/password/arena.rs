//! One thread's memory for Argon2id, reused from hash to hash, and what is computed in it.

use std::hint::black_box;

use argon2::password_hash::phc::PasswordHash;
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use elder_kernel::{Random, Secret};
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::{
    Verdict,
    foreign::{Foreign, without_django_prefix},
};

/// A stored hash that asks for more is taken for malformed: nobody shall stop the machine with a row.
pub(super) const MOST_MEMORY_KIB: u32 = 1 << 20;
pub(super) const MOST_ITERATIONS: u32 = 64;
pub(super) const MOST_PARALLELISM: u32 = 64;
/// A hash from elsewhere is not the operator's choice of cost: what it may hold, and what it may go through in all.
const MOST_IMPORTED_MEMORY_KIB: u32 = 128 << 10;
const MOST_IMPORTED_WORK_KIB: u32 = 1 << 20;

const SALT_LENGTH: usize = 16;
const TAG_LENGTH: usize = 32;

/// Memory and parameters of one thread. The memory is taken at the first hash.
pub(super) struct Arena {
    params: Params,
    random: Random,
    blocks: Vec<Block>,
}

/// A stored hash, read.
struct Stored {
    params: Params,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

impl Arena {
    pub(super) const fn new(params: Params, random: Random) -> Self {
        Self { params, random, blocks: Vec::new() }
    }

    /// Hashes with a fresh salt; `None` only for a password past 4 GiB.
    pub(super) fn hash(&mut self, password: &Secret<String>) -> Option<String> {
        let salt: [u8; SALT_LENGTH] = self.random.bytes();
        let params = self.params.clone();
        let tag = self.derive(&params, password, &salt, TAG_LENGTH)?;
        Some(format!(
            "${ARGON2ID_IDENT}$v={}$m={},t={},p={}${}${}",
            u32::from(Version::V0x13),
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(&*tag),
        ))
    }

    /// Compares; without a (readable) stored hash it does the same work for nothing. A hash of another system takes
    /// the time that it takes, until the first sign-in makes it one of these.
    pub(super) fn verify(&mut self, password: &Secret<String>, stored: Option<&str>) -> Verdict {
        if let Some(foreign) = stored.and_then(Foreign::read) {
            let matches = foreign.matches(password);
            return Verdict { matches, needs_rehash: matches };
        }
        let stored = stored.and_then(Stored::parse);
        let known = stored.is_some();
        let decoy =
            || Stored { params: self.params.clone(), salt: vec![0; SALT_LENGTH], tag: vec![0; TAG_LENGTH] };
        let Stored { params, salt, tag } = stored.unwrap_or_else(decoy);
        let computed = self.derive(&params, password, &salt, tag.len());
        let matches = known && computed.is_some_and(|computed| computed.ct_eq(&tag).into());
        Verdict { matches, needs_rehash: matches && !self.is_current(&params, &salt, &tag) }
    }

    /// Leaves nothing of a password behind, and gives back what a dearer hash needed.
    pub(super) fn wipe(&mut self) {
        self.blocks.fill(Block::new());
        black_box(&self.blocks);
        self.blocks.truncate(self.params.block_count());
        self.blocks.shrink_to_fit();
    }

    /// KiB of memory, one a block (RFC 9106 §3.2).
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.blocks.capacity()
    }

    fn is_current(&self, params: &Params, salt: &[u8], tag: &[u8]) -> bool {
        let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        cost(params) == cost(&self.params) && salt.len() >= SALT_LENGTH && tag.len() >= TAG_LENGTH
    }

    fn derive(
        &mut self,
        params: &Params,
        password: &Secret<String>,
        salt: &[u8],
        length: usize,
    ) -> Option<Zeroizing<Vec<u8>>> {
        // NFC at most triples a text in UTF-8: with that room no copy is left behind by growing.
        let mut password_nfc = Zeroizing::new(String::with_capacity(3 * password.expose().len()));
        password_nfc.extend(password.expose().nfc());
        if self.blocks.len() < params.block_count() {
            self.blocks.resize(params.block_count(), Block::new());
        }
        let mut tag = Zeroizing::new(vec![0; length]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(password_nfc.as_bytes(), salt, &mut tag, &mut self.blocks)
            .ok()?;
        Some(tag)
    }
}

/// Whether a sign-in could compare a password with this text as a hash by Argon2id, at a cost that a stranger may ask.
pub(super) fn is_importable(text: &str) -> bool {
    Stored::parse(text).is_some_and(|Stored { params, .. }| {
        params.m_cost() <= MOST_IMPORTED_MEMORY_KIB
            && params.m_cost().saturating_mul(params.t_cost()) <= MOST_IMPORTED_WORK_KIB
    })
}

impl Stored {
    /// Reads Argon2id, version 19, of sane cost; `None` for anything else.
    fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(without_django_prefix(text).unwrap_or(text)).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let known = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
        let sane = params.m_cost() <= MOST_MEMORY_KIB
            && params.t_cost() <= MOST_ITERATIONS
            && params.p_cost() <= MOST_PARALLELISM;
        let (salt, tag) = (hash.salt?.to_vec(), hash.hash?.as_bytes().to_vec());
        (known && sane).then_some(Self { params, salt, tag })
    }
}
