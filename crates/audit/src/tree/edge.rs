//! The right edge of a tree: all that has to be known to append to it.

use super::{Digest, Subtree, joined};

/// The roots of the largest full subtrees, from the left: one for each bit of the size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edge {
    size: u64,
    peaks: Vec<Digest>,
}

impl Edge {
    /// Reads what [`Self::bytes`] gave for a tree of this size; none for anything else.
    pub fn read(size: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, []) = bytes.as_chunks::<32>() else { return None };
        let peaks: Vec<_> = hashes.iter().copied().map(Digest).collect();
        let fits = u32::try_from(peaks.len()).is_ok_and(|count| count == size.count_ones());
        fits.then_some(Self { size, peaks })
    }

    /// The hashes one after the other.
    pub fn bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Digest {
        joined(&self.peaks).unwrap_or_else(Digest::empty)
    }

    /// Appends a leaf, and says which subtrees are full by it, with their hashes: the leaf itself, then those above it.
    pub fn push(&mut self, leaf: Digest, mut full: impl FnMut(Subtree, Digest)) {
        let (mut subtree, mut hash) = (Subtree { level: 0, index: self.size }, leaf);
        full(subtree, hash);
        while subtree.index % 2 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = Digest::node(&left, &hash);
            subtree = Subtree { level: subtree.level + 1, index: subtree.index / 2 };
            full(subtree, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }
}
