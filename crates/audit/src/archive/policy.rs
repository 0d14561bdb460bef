//! What of a log is archived, and for how long.

use std::collections::BTreeMap;

use elder_kernel::TenantId;

use crate::retention::{NewAuditRetention, days_kept};

/// How long a tenant's events are kept, and in the log.
pub(super) struct Policy {
    pub(super) tenant: TenantId,
    /// After how many days months leave the log, if they do.
    pub(super) after_days: Option<u32>,
    pub(super) asked: NewAuditRetention,
    pub(super) maximum: Option<u32>,
}

impl Policy {
    /// The categories that go into one archive each, since their events end together. Those that end before they would be
    /// archived are in none.
    pub(super) fn groups(&self) -> Vec<Vec<&'static str>> {
        let mut groups: BTreeMap<Option<u32>, Vec<_>> = BTreeMap::new();
        for (category, days) in days_kept(&self.asked, self.maximum) {
            if days.is_none_or(|days| self.after_days.is_some_and(|after| days > after)) {
                groups.entry(days).or_default().push(category);
            }
        }
        groups.into_values().collect()
    }

    /// For how many days the last of some categories is kept; none for ever.
    pub(super) fn longest(&self, categories: &[String]) -> Option<u32> {
        let named = |name: &str| categories.iter().any(|category| category == name);
        let days = days_kept(&self.asked, self.maximum).filter(|(category, _)| named(category));
        days.map(|(_, days)| days).reduce(|one, other| Some(one?.max(other?)))?
    }
}
