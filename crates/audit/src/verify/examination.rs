//! One look at a log from its first leaf to its last.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use elder_api_types::{AuditEventId, audit::AuditEvent};
use uuid::Uuid;

use super::{
    Finding, MOST_NAMED, Report,
    removals::{Removals, Unsaid},
};
use crate::{
    note::{Checkpoint, InvalidNote, VerifierKey},
    tree::{Digest, Edge},
};

/// By how much an event may be older than others that were signed before it: for that long a transaction may run, and
/// by that much the clocks of nodes may differ.
const LATE: TimeDelta = TimeDelta::hours(1);

/// A leaf as it was read.
#[derive(Clone, Copy)]
pub(crate) struct Leaf {
    pub(crate) seq: u64,
    pub(crate) id: AuditEventId,
    pub(crate) timestamp: DateTime<Utc>,
    /// What is stored of it, if anything.
    pub(crate) stored: Option<Digest>,
    /// What follows from the event, if there is one.
    pub(crate) event: Option<Digest>,
    /// By which removal the event went.
    pub(crate) removal: Option<Uuid>,
}

/// What was seen of a log so far.
pub(crate) struct Examination<'a> {
    keys: &'a [VerifierKey],
    /// The checkpoints that were kept elsewhere and are not reached yet, by their sizes.
    anchors: BTreeMap<u64, Vec<Digest>>,
    edge: Edge,
    /// The size of the last checkpoint that fits.
    good: u64,
    /// No root can be compared any more.
    is_torn: bool,
    /// The newest event that was seen, and that of those that a checkpoint covers.
    newest: DateTime<Utc>,
    newest_signed: DateTime<Utc>,
    checkpoints: u64,
    proven: u64,
    removals: Removals,
    removed: u64,
    is_faulty: bool,
    findings: Vec<Finding>,
    more: u64,
}

impl<'a> Examination<'a> {
    pub(crate) fn new(keys: &'a [VerifierKey], kept: &[Checkpoint]) -> Self {
        let mut anchors: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for checkpoint in kept {
            anchors.entry(checkpoint.size).or_default().push(checkpoint.root);
        }
        Self {
            keys,
            anchors,
            edge: Edge::default(),
            good: 0,
            is_torn: false,
            newest: DateTime::UNIX_EPOCH,
            newest_signed: DateTime::UNIX_EPOCH,
            checkpoints: 0,
            proven: 0,
            removals: Removals::default(),
            removed: 0,
            is_faulty: false,
            findings: Vec::new(),
            more: 0,
        }
    }

    pub(crate) fn found(&mut self, finding: Finding) {
        self.is_faulty |= !matches!(finding, Finding::Backdated { .. });
        if self.findings.len() < MOST_NAMED {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// The next leaf.
    pub(crate) fn leaf(&mut self, leaf: Leaf) {
        let Leaf { seq, id, timestamp, stored, event, removal } = leaf;
        if seq != self.edge.size() && !self.is_torn {
            self.found(Finding::Missing { seq: self.edge.size() });
            self.is_torn = true;
        }
        if let Some(removal) = removal {
            self.removals.record(removal, seq);
        }
        match (stored, event) {
            (Some(_), None) if removal.is_some() => self.removed += 1,
            (_, None) => self.found(Finding::Removed { seq, id }),
            (Some(stored), Some(event)) if stored != event => self.found(Finding::Changed { seq, id }),
            _ => {}
        }
        if timestamp + LATE < self.newest_signed {
            self.found(Finding::Backdated { seq, id, timestamp });
        }
        self.newest = self.newest.max(timestamp);
        // What is stored tells whether all else is right, where one event is not.
        if let Some(hash) = stored.or(event) {
            self.edge.push(hash, |_, _| ());
        }
        let size = self.edge.size();
        for root in self.anchors.remove(&size).unwrap_or_default() {
            self.compare(size, root);
        }
    }

    /// What the event of a leaf says, for it may tell of a removal.
    pub(crate) fn hear(&mut self, event: &AuditEvent) {
        self.removals.hear(event);
    }

    /// A checkpoint that was signed when the log had the leaves that were seen up to now.
    pub(crate) fn checkpoint(&mut self, size: u64, note: &str) {
        match Checkpoint::open(note, self.keys) {
            Ok(checkpoint) if checkpoint.size == size => self.compare(size, checkpoint.root),
            Ok(_) => self.found(Finding::Forged { size, why: InvalidNote::Malformed }),
            Err(why) => self.found(Finding::Forged { size, why }),
        }
    }

    fn compare(&mut self, size: u64, root: Digest) {
        if self.is_torn {
            return;
        }
        if self.edge.size() == size && self.edge.root() == root {
            (self.good, self.checkpoints) = (size, self.checkpoints + 1);
            self.newest_signed = self.newest;
        } else {
            // All roots behind it are others too, and tell nothing more.
            self.is_torn = true;
            self.found(Finding::Rewritten { after: self.good, size });
        }
    }

    /// An event with a proof of its own.
    pub(crate) fn proven(&mut self, seq: u64, id: AuditEventId, is_proven: bool) {
        if is_proven {
            self.proven += 1;
        } else {
            self.found(Finding::Unproven { seq, id });
        }
    }

    /// Looks away from what was kept elsewhere: what was seen is no whole log.
    pub(crate) fn forget_kept(&mut self) {
        self.anchors.clear();
    }

    /// So many leaves as were seen.
    pub(crate) fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The end of the log, of which checkpoints say that it has had `signed` leaves.
    pub(crate) fn end(mut self, signed: u64) -> Report {
        let size = self.edge.size();
        let signed = signed.max(self.anchors.keys().next_back().copied().unwrap_or(0));
        if signed > size && !self.is_torn {
            self.found(Finding::Cut { size, signed });
        } else if self.good < size && !self.is_torn {
            self.found(Finding::Unsigned { after: self.good });
        }
        let unsaid: Vec<_> = self.removals.unsaid().collect();
        for Unsaid { removal, first, events } in unsaid {
            self.found(Finding::Unrecorded { removal, first, events });
        }
        let Self { edge, checkpoints, proven, removed, is_faulty, findings, more, .. } = self;
        Report { size, root: edge.root(), checkpoints, proven, removed, is_good: !is_faulty, findings, more }
    }
}

#[cfg(test)]
mod tests {
    use elder_crypto::Ed25519Key;
    use elder_kernel::Id;
    use uuid::Uuid;

    use super::*;

    fn id(seq: u64) -> AuditEventId {
        Id::from_uuid(Uuid::from_u128(seq.into()))
    }

    fn hash(seq: u64) -> Digest {
        Digest::leaf(&seq.to_be_bytes())
    }

    fn leaf(seq: u64, stored: Digest, event: Option<Digest>) -> Leaf {
        let timestamp = DateTime::from_timestamp(i64::try_from(seq).unwrap(), 0).unwrap();
        Leaf { seq, id: id(seq), timestamp, stored: Some(stored), event, removal: None }
    }

    struct Log {
        key: Ed25519Key,
        notes: Vec<(u64, String)>,
    }

    /// A log of ten leaves with checkpoints over 4 and over all.
    fn log() -> Log {
        let key = Ed25519Key::from_pkcs8(&Ed25519Key::generate().unwrap()).unwrap();
        let (mut edge, mut notes) = (Edge::default(), Vec::new());
        for seq in 0..10 {
            edge.push(hash(seq), |_, _| ());
            if [4, 10].contains(&edge.size()) {
                let checkpoint = Checkpoint { origin: "log".into(), size: edge.size(), root: edge.root() };
                notes.push((edge.size(), checkpoint.sign(&key)));
            }
        }
        Log { key, notes }
    }

    impl Log {
        fn examine(&self, leaves: impl IntoIterator<Item = (u64, Digest, Option<Digest>)>) -> Vec<Finding> {
            let keys = [VerifierKey { name: "log".into(), public: self.key.public() }];
            let mut examination = Examination::new(&keys, &[]);
            for (seq, stored, event) in leaves {
                examination.leaf(leaf(seq, stored, event));
                if let Some((size, note)) = self.notes.iter().find(|(size, _)| *size == seq + 1) {
                    examination.checkpoint(*size, note);
                }
            }
            examination.end(10).findings
        }
    }

    fn good() -> Vec<(u64, Digest, Option<Digest>)> {
        (0..10).map(|seq| (seq, hash(seq), Some(hash(seq)))).collect()
    }

    type Leaves = Vec<(u64, Digest, Option<Digest>)>;

    #[test]
    fn a_log_as_it_was_sealed_has_no_findings() {
        assert_eq!(log().examine(good()), []);
    }

    #[test]
    fn what_was_done_to_a_log_is_named() {
        let log = log();
        let with = |change: fn(&mut Leaves)| {
            let mut leaves = good();
            change(&mut leaves);
            log.examine(leaves)
        };
        let changed = with(|leaves| leaves[6].2 = Some(hash(77)));
        assert_eq!(changed, [Finding::Changed { seq: 6, id: id(6) }]);
        let removed = with(|leaves| leaves[6].2 = None);
        assert_eq!(removed, [Finding::Removed { seq: 6, id: id(6) }]);
        let missing = with(|leaves| {
            leaves.remove(6);
        });
        assert_eq!(missing, [Finding::Missing { seq: 6 }]);
        let hashed_anew = with(|leaves| leaves[6] = (6, hash(77), Some(hash(77))));
        assert_eq!(hashed_anew, [Finding::Rewritten { after: 4, size: 10 }]);
        let swapped = with(|leaves| {
            leaves[1] = (1, hash(2), Some(hash(2)));
            leaves[2] = (2, hash(1), Some(hash(1)));
        });
        assert_eq!(swapped, [Finding::Rewritten { after: 0, size: 4 }]);
        let cut = with(|leaves| leaves.truncate(8));
        assert_eq!(cut, [Finding::Cut { size: 8, signed: 10 }]);
        let added = with(|leaves| leaves.push((10, hash(10), Some(hash(10)))));
        assert_eq!(added, [Finding::Unsigned { after: 10 }]);
    }

    #[test]
    fn a_checkpoint_by_another_key_is_forged() {
        let (log, other) = (log(), log());
        let keys = [VerifierKey { name: "log".into(), public: other.key.public() }];
        let mut examination = Examination::new(&keys, &[]);
        for (seq, stored, event) in good().into_iter().take(4) {
            examination.leaf(leaf(seq, stored, event));
        }
        examination.checkpoint(4, &log.notes[0].1);
        let findings = examination.end(4).findings;
        assert_eq!(findings[0], Finding::Forged { size: 4, why: InvalidNote::UnknownKey });
    }

    #[test]
    fn a_checkpoint_kept_elsewhere_finds_what_was_cut_and_hashed_anew() {
        let log = log();
        let keys = [VerifierKey { name: "log".into(), public: log.key.public() }];
        let anchor = Checkpoint::open(&log.notes[1].1, &keys).unwrap();
        let examine = |leaves: Vec<(u64, Digest)>, signed| {
            let mut examination = Examination::new(&keys, std::slice::from_ref(&anchor));
            for (seq, hash) in leaves {
                examination.leaf(leaf(seq, hash, Some(hash)));
            }
            examination.end(signed).findings
        };
        assert_eq!(examine((0..10).map(|seq| (seq, hash(seq))).collect(), 10), []);
        let cut = examine((0..8).map(|seq| (seq, hash(seq))).collect(), 8);
        assert_eq!(cut, [Finding::Cut { size: 8, signed: 10 }]);
        let anew = examine((0..10).map(|seq| (seq, hash(seq / 2))).collect(), 10);
        assert_eq!(anew, [Finding::Rewritten { after: 0, size: 10 }]);
    }

    #[test]
    fn a_15_an_event_that_claims_to_be_much_older_than_what_was_signed_before_it_is_named_and_fails_nothing()
    {
        let log = log();
        let keys = [VerifierKey { name: "log".into(), public: log.key.public() }];
        let found = |ahead: i64| {
            let mut examination = Examination::new(&keys, &[]);
            for (seq, stored, event) in good() {
                let mut leaf = leaf(seq, stored, event);
                if seq == 2 {
                    leaf.timestamp += TimeDelta::seconds(ahead);
                }
                examination.leaf(leaf);
                if let Some((size, note)) = log.notes.iter().find(|(size, _)| *size == seq + 1) {
                    examination.checkpoint(*size, note);
                }
            }
            examination.end(10)
        };
        assert_eq!(found(3_600).findings, []);
        let report = found(3_604);
        assert!(matches!(
            report.findings[..],
            [Finding::Backdated { seq: 4, .. }, Finding::Backdated { seq: 5, .. }]
        ));
        assert!(report.is_good);
    }
}
