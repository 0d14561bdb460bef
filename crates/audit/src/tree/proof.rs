//! Proofs: which ranges of leaves they name, and what they prove (RFC 9162 §2.1.3 and §2.1.4).

use std::ops::Range;

use super::Digest;

/// A proof that proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof has not the length that the sizes of the tree demand")]
pub struct ProofFault;

/// The largest power of two that is smaller than `leaves`, which are at least two.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The ranges of leaves over which the path of leaf `index` in a tree of `size` has a hash each (§2.1.3.1); none if there
/// is no such leaf.
pub fn inclusion(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let (mut whole, mut path) = (0..size, Vec::new());
    while whole.end - whole.start > 1 {
        let middle = whole.start + split(whole.end - whole.start);
        if index < middle {
            path.push(middle..whole.end);
            whole.end = middle;
        } else {
            path.push(whole.start..middle);
            whole.start = middle;
        }
    }
    path.reverse();
    Some(path)
}

/// The ranges of leaves over which the proof that the tree of `old` leaves begins that of `new` has a hash each
/// (§2.1.4.1); none if the old one is empty or the larger.
pub fn consistency(old: u64, new: u64) -> Option<Vec<Range<u64>>> {
    if old == 0 || old > new {
        return None;
    }
    let (mut whole, mut path, mut is_known) = (0..new, Vec::new(), true);
    while whole.end != old {
        let middle = whole.start + split(whole.end - whole.start);
        if old <= middle {
            path.push(middle..whole.end);
            whole.end = middle;
        } else {
            path.push(whole.start..middle);
            whole.start = middle;
            is_known = false;
        }
    }
    if !is_known {
        path.push(whole);
    }
    path.reverse();
    Some(path)
}

/// The root that the path of a leaf leads to (§2.1.3.2).
///
/// # Errors
/// [`ProofFault`] if there is no such leaf or the path has another length.
pub fn root_of(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Result<Digest, ProofFault> {
    let (mut place, mut last) = (index, size.checked_sub(1).ok_or(ProofFault)?);
    if place > last {
        return Err(ProofFault);
    }
    let mut root = leaf;
    for hash in path {
        if last == 0 {
            return Err(ProofFault);
        }
        if place % 2 == 1 || place == last {
            root = Digest::node(hash, &root);
            skip(&mut place, &mut last);
        } else {
            root = Digest::node(&root, hash);
        }
        (place, last) = (place / 2, last / 2);
    }
    if last == 0 { Ok(root) } else { Err(ProofFault) }
}

/// Goes up past the levels at which a subtree at the right edge has no sibling.
fn skip(place: &mut u64, last: &mut u64) {
    while place.is_multiple_of(2) && *place != 0 {
        (*place, *last) = (*place / 2, *last / 2);
    }
}

/// Whether the path shows that the tree with the `old` size and root begins the one with the `new` (§2.1.4.2).
pub fn is_consistent(old: (u64, Digest), new: (u64, Digest), path: &[Digest]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == new_size {
        return path.is_empty() && old_root == new_root;
    }
    if old_size > new_size {
        return false;
    }
    if old_size == 0 {
        // Every tree begins with the empty one.
        return path.is_empty() && old_root == Digest::empty();
    }
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, path)
    } else {
        let Some((first, rest)) = path.split_first() else { return false };
        (*first, rest)
    };
    let (mut place, mut last) = (old_size - 1, new_size - 1);
    while place % 2 == 1 {
        (place, last) = (place / 2, last / 2);
    }
    let (mut old_found, mut new_found) = (first, first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            old_found = Digest::node(hash, &old_found);
            new_found = Digest::node(hash, &new_found);
            skip(&mut place, &mut last);
        } else {
            new_found = Digest::node(&new_found, hash);
        }
        (place, last) = (place / 2, last / 2);
    }
    last == 0 && old_found == old_root && new_found == new_root
}
