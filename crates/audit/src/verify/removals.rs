//! What was taken out of a log on purpose: by which record, and whether the log itself says so.

use std::{collections::BTreeMap, ops::Range};

use elder_api_types::audit::AuditEvent;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::tree::Digest;

/// The actions of events that tell of a removal.
const TELLING: [&str; 1] = ["audit_log.expired"];

/// The records of removals, and what events of the log say of them.
#[derive(Default)]
pub(super) struct Removals {
    recorded: BTreeMap<Uuid, Vec<Range<u64>>>,
    said: BTreeMap<Uuid, String>,
}

/// A record that no event of the log confirms.
pub(super) struct Unsaid {
    pub(super) removal: Uuid,
    pub(super) first: u64,
    pub(super) events: u64,
}

impl Removals {
    /// The event of a leaf went by this removal. Leaves come in their order.
    pub(super) fn record(&mut self, removal: Uuid, seq: u64) {
        let places = self.recorded.entry(removal).or_default();
        match places.last_mut() {
            Some(last) if last.end == seq => last.end += 1,
            _ => places.push(seq..seq + 1),
        }
    }

    /// An event of the log, which may tell of a removal.
    pub(super) fn hear(&mut self, event: &AuditEvent) {
        let text = |name: &str| event.metadata.get(name).and_then(serde_json::Value::as_str);
        let removal = text("removal").and_then(|id| id.parse().ok());
        if let (true, Some(removal), Some(places)) =
            (TELLING.contains(&event.action.as_str()), removal, text("places"))
        {
            self.said.insert(removal, places.to_owned());
        }
    }

    /// The records that no event tells of in the same words.
    pub(super) fn unsaid(&self) -> impl Iterator<Item = Unsaid> {
        self.recorded.iter().filter(|(id, places)| self.said.get(id) != Some(&hash(places))).map(
            |(removal, places)| Unsaid {
                removal: *removal,
                first: places.first().map_or(0, |place| place.start),
                events: places.iter().map(|place| place.end - place.start).sum(),
            },
        )
    }
}

/// SHA-256 over the places as the record has them: `{[0,3),[5,6)}`.
fn hash(places: &[Range<u64>]) -> String {
    let places: Vec<_> = places.iter().map(|place| format!("[{},{})", place.start, place.end)).collect();
    Digest(Sha256::digest(format!("{{{}}}", places.join(","))).into()).to_string()
}
