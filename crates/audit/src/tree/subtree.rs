//! Full subtrees, which never change once they are there, and what any range of leaves is made of.

use std::ops::Range;

use super::Digest;

/// The full subtree over the leaves from `index << level` on, `1 << level` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// How high its root stands over the leaves.
    pub level: u32,
    /// How many of its size lie to the left of it.
    pub index: u64,
}

/// The full subtrees that make up the leaves of a range, from the left. The range must be one that a path names: it
/// begins at a multiple of the largest power of two in it.
pub fn parts(range: Range<u64>) -> Vec<Subtree> {
    let (mut start, mut parts) = (range.start, Vec::new());
    while start < range.end {
        let level = (range.end - start).ilog2().min(if start == 0 { 63 } else { start.trailing_zeros() });
        parts.push(Subtree { level, index: start >> level });
        start += 1 << level;
    }
    parts
}

/// The root of the full subtree with these children, which are a power of two.
pub fn full(children: &[Digest]) -> Option<Digest> {
    match children {
        [one] => Some(*one),
        children if children.len().is_power_of_two() => {
            let (left, right) = children.split_at(children.len() / 2);
            Some(Digest::node(&full(left)?, &full(right)?))
        }
        _ => None,
    }
}

/// The hash over a range, from those of its [`parts`].
pub fn joined(parts: &[Digest]) -> Option<Digest> {
    parts.iter().rev().copied().reduce(|right, left| Digest::node(&left, &right))
}
