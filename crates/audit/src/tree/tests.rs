//! The tree against the definitions of RFC 9162 and the known vectors of RFC 6962's implementations.

use std::{collections::HashMap, ops::Range};

use proptest::prelude::*;

use super::*;

/// The leaves with which the implementations of Certificate Transparency test, and the root after each.
const KNOWN: [(&[u8], &str); 8] = [
    (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (b"\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (b"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (b" !", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (b"01", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    (b"@ABC", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    (b"PQRSTUVW", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (b"`abcdefghijklmno", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
];

fn leaf(index: u64) -> Digest {
    Digest::leaf(&index.to_be_bytes())
}

/// The tree of so many leaves, and every full subtree in it.
fn grown(size: u64) -> (Edge, HashMap<Subtree, Digest>) {
    let (mut edge, mut stored) = (Edge::default(), HashMap::new());
    for index in 0..size {
        edge.push(leaf(index), |subtree, hash| {
            assert_eq!(stored.insert(subtree, hash), None, "{subtree:?} is full twice");
        });
    }
    (edge, stored)
}

/// `MTH(D[range])` as RFC 9162 §2.1.1 words it.
fn defined(range: Range<u64>) -> Digest {
    match range.end - range.start {
        0 => Digest::empty(),
        1 => leaf(range.start),
        count => {
            let middle = range.start + count.next_power_of_two() / 2;
            Digest::node(&defined(range.start..middle), &defined(middle..range.end))
        }
    }
}

fn hashes(ranges: Vec<Range<u64>>, stored: &HashMap<Subtree, Digest>) -> Vec<Digest> {
    let hash = |range| joined(&parts(range).iter().map(|part| stored[part]).collect::<Vec<_>>()).unwrap();
    ranges.into_iter().map(hash).collect()
}

#[test]
fn the_known_leaves_have_the_known_roots() {
    let hex = |digest: Digest| digest.0.map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(
        hex(Edge::default().root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    let mut edge = Edge::default();
    for (data, root) in KNOWN {
        edge.push(Digest::leaf(data), |_, _| ());
        assert_eq!(hex(edge.root()), root, "{} leaves", edge.size());
    }
}

#[test]
fn every_path_of_every_small_tree_leads_to_its_root_and_to_no_other() {
    for size in 1..=40 {
        let (edge, stored) = grown(size);
        assert_eq!(edge.root(), defined(0..size));
        for index in 0..size {
            let path = hashes(inclusion(index, size).unwrap(), &stored);
            assert_eq!(root_of(leaf(index), index, size, &path), Ok(edge.root()), "{index} of {size}");
            assert_ne!(root_of(leaf(index + 1), index, size, &path), Ok(edge.root()));
            for other in (0..size).filter(|other| *other != index) {
                assert_ne!(root_of(leaf(index), other, size, &path), Ok(edge.root()), "{index} as {other}");
            }
        }
        assert_eq!(inclusion(size, size), None);
    }
    assert_eq!(root_of(leaf(0), 0, 0, &[]), Err(ProofFault));
}

#[test]
fn every_small_tree_is_shown_to_begin_every_later_one() {
    for new in 1..=40 {
        let (edge, stored) = grown(new);
        for old in 1..=new {
            let begin = (old, defined(0..old));
            let path = hashes(consistency(old, new).unwrap(), &stored);
            assert!(is_consistent(begin, (new, edge.root()), &path), "{old} begins {new}");
            assert!(!is_consistent((old, leaf(0)), (new, edge.root()), &path) || old == 1, "{old}, {new}");
            assert!(!is_consistent(begin, (new, leaf(99)), &path), "{old}, {new}");
            let longer: Vec<_> = path.iter().copied().chain([leaf(0)]).collect();
            assert!(!is_consistent(begin, (new, edge.root()), &longer), "{old}, {new}");
        }
        assert!(is_consistent((0, Digest::empty()), (new, edge.root()), &[]));
        assert!(!is_consistent((new + 1, leaf(0)), (new, edge.root()), &[]));
        assert_eq!(consistency(new + 1, new), None);
    }
    assert_eq!(consistency(0, 9), None);
}

#[test]
fn an_edge_is_read_back_only_for_its_own_size() {
    let (edge, _) = grown(11);
    assert_eq!(Edge::read(11, &edge.bytes()), Some(edge.clone()));
    assert_eq!(Edge::read(12, &edge.bytes()), None);
    assert_eq!(Edge::read(11, &edge.bytes()[1..]), None);
}

#[test]
fn children_are_joined_to_the_root_of_their_full_subtree() {
    let (_, stored) = grown(64);
    let children: Vec<_> = (0..16).map(|index| stored[&Subtree { level: 2, index }]).collect();
    assert_eq!(full(&children), Some(stored[&Subtree { level: 6, index: 0 }]));
    assert_eq!(full(&children[..3]), None);
    assert_eq!(full(&[]), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_path_in_a_large_tree_leads_to_its_root(size in 41u64..5_000, at: prop::sample::Index, bad: prop::sample::Index) {
        let (edge, stored) = grown(size);
        let index = u64::try_from(at.index(usize::try_from(size).unwrap())).unwrap();
        let mut path = hashes(inclusion(index, size).unwrap(), &stored);
        prop_assert_eq!(root_of(leaf(index), index, size, &path), Ok(edge.root()));
        let bad = bad.index(path.len());
        path[bad].0[7] ^= 1;
        prop_assert_ne!(root_of(leaf(index), index, size, &path), Ok(edge.root()));
        path.pop();
        prop_assert_eq!(root_of(leaf(index), index, size, &path), Err(ProofFault));
    }

    #[test]
    fn a_large_tree_that_was_changed_before_is_no_continuation(old in 1u64..3_000, more in 1u64..2_000, at: prop::sample::Index) {
        let (edge, stored) = grown(old + more);
        let (begin, _) = grown(old);
        let path = hashes(consistency(old, old + more).unwrap(), &stored);
        prop_assert!(is_consistent((old, begin.root()), (old + more, edge.root()), &path));
        let mut other = Edge::default();
        let changed = u64::try_from(at.index(usize::try_from(old).unwrap())).unwrap();
        (0..old).for_each(|index| other.push(leaf(if index == changed { u64::MAX } else { index }), |_, _| ()));
        prop_assert!(!is_consistent((old, other.root()), (old + more, edge.root()), &path));
    }

    #[test]
    fn verifying_never_panics(index: u64, old: u64, new: u64, count in 0usize..70) {
        let path = vec![leaf(0); count];
        let _root = root_of(leaf(0), index, new, &path);
        let _begins = is_consistent((old, leaf(0)), (new, leaf(0)), &path);
    }
}
