//! What was taken out of a log on purpose: by which record, and whether the log itself says so.

use std::collections::BTreeMap;

use elder_api_types::audit::AuditEvent;
use uuid::Uuid;

use crate::places::Places;

/// The actions of events that tell of a removal.
const TELLING: [&str; 2] = ["audit_log.expired", "audit_log.archived"];

/// The records of removals, and what events of the log say of them.
#[derive(Default)]
pub(super) struct Removals {
    recorded: BTreeMap<Uuid, Places>,
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
        self.recorded.entry(removal).or_default().push(seq);
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
        self.recorded.iter().filter(|(id, places)| self.said.get(id) != Some(&places.hash())).map(
            |(removal, places)| Unsaid { removal: *removal, first: places.first(), events: places.count() },
        )
    }
}
