//! Changes the seeds and what fuzzers have found as they would: cuts, doubles, flips, and grafts a piece of one into another.

use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};

use crate::{ENTRIES, seeds::texts};

/// How many changed texts each entry point gets in a run of the tests.
const TRIES: u32 = 256;

/// One change of a text.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    Insert(Index, u8),
    Cut(Index, Index),
    Double(Index, Index),
    Graft(Index, Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        any::<(Index, Index)>().prop_map(|(from, to)| Change::Cut(from, to)),
        any::<(Index, Index)>().prop_map(|(from, to)| Change::Double(from, to)),
        any::<(Index, Index, Index)>().prop_map(|(other, at, from)| Change::Graft(other, at, from)),
    ]
}

impl Change {
    fn apply(&self, text: &mut Vec<u8>, others: &[Vec<u8>]) {
        let place = |at: &Index, text: &[u8]| at.index(text.len() + 1);
        let range = |from: &Index, to: &Index, text: &[u8]| {
            let (from, to) = (place(from, text), place(to, text));
            from.min(to)..from.max(to)
        };
        match self {
            Self::Flip(at, bit) if !text.is_empty() => {
                let at = at.index(text.len());
                text[at] ^= 1 << bit;
            }
            Self::Flip(..) => {}
            Self::Insert(at, byte) => text.insert(place(at, text), *byte),
            Self::Cut(from, to) => drop(text.drain(range(from, to, text))),
            Self::Double(from, to) => {
                let range = range(from, to, text);
                let (end, piece) = (range.end, text[range].to_vec());
                text.splice(end..end, piece);
            }
            Self::Graft(other, at, from) => {
                let other = other.get(others);
                let at = place(at, text);
                text.splice(at.., other[place(from, other)..].to_vec());
            }
        }
    }
}

#[test]
fn no_text_made_of_others_brings_its_entry_point_down() {
    for (name, entry) in ENTRIES {
        let texts = texts(name);
        let config = ProptestConfig { cases: TRIES, failure_persistence: None, ..ProptestConfig::default() };
        let strategy = (any::<Index>(), vec(change(), 1..8));
        let tried = TestRunner::new(config).run(&strategy, |(first, changes)| {
            let mut text = first.get(&texts).clone();
            for change in &changes {
                change.apply(&mut text, &texts);
            }
            entry(&text);
            Ok(())
        });
        tried.unwrap_or_else(|fault| panic!("{name}: {fault}"));
    }
}
