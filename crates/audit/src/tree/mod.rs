//! A Merkle tree over an append-only log: RFC 9162 §2.1, without a database.

mod edge;
mod proof;
mod subtree;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

pub use edge::Edge;
pub use proof::{ProofFault, consistency, inclusion, is_consistent, root_of};
pub use subtree::{Subtree, full, joined, parts};

/// Goes before the data of a leaf (RFC 9162 §2.1.1).
const LEAF: u8 = 0;
/// Goes before the hashes of two children.
const NODE: u8 = 1;

/// A hash: SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The root of the empty tree.
    pub fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// The hash of a leaf with this data.
    pub fn leaf(data: &[u8]) -> Self {
        Self(Sha256::new().chain_update([LEAF]).chain_update(data).finalize().into())
    }

    /// The hash over two children.
    pub fn node(left: &Self, right: &Self) -> Self {
        Self(Sha256::new().chain_update([NODE]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// Reads 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_bytes(&STANDARD.decode(text).ok()?)
    }
}

impl fmt::Display for Digest {
    /// Base64, as checkpoints have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
