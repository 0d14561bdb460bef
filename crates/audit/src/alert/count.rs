//! How an alert counts: pure rules over the events of one group, in the order of the log.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{AuditAlert, AuditAlertFiringId};

/// What an alert waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    threshold: usize,
    window: TimeDelta,
}

/// An event that an alert counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    /// Its place in the log.
    pub(super) seq: u64,
    pub(super) event: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// One time that a group has fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Firing {
    pub(super) id: AuditAlertFiringId,
    pub(super) events: i64,
    /// Those that have fired it; none where it was read back, since they do not change.
    pub(super) by: Vec<Uuid>,
    pub(super) first_at: DateTime<Utc>,
    pub(super) fired_at: DateTime<Utc>,
    pub(super) last_at: DateTime<Utc>,
}

/// Events that are counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// What has not fired yet.
    pub(super) waiting: Vec<Match>,
    /// What has fired last, and what has fired since it was read.
    pub(super) firings: Vec<Firing>,
}

impl Rule {
    /// That of an alert.
    pub(super) fn of(alert: &AuditAlert) -> Self {
        Self {
            threshold: usize::try_from(alert.threshold).unwrap_or(usize::MAX),
            window: TimeDelta::minutes(alert.window_minutes.into()),
        }
    }

    /// How long back an event still counts.
    pub(super) const fn window(self) -> TimeDelta {
        self.window
    }
}

impl Group {
    /// Counts an event once: onto what has fired within the window before it, or with those that wait.
    pub(super) fn count(&mut self, rule: Rule, new: Match, id: impl FnOnce() -> AuditAlertFiringId) {
        if let Some(open) = self.firings.last_mut()
            && new.at < open.fired_at + rule.window
        {
            open.events += 1;
            open.last_at = open.last_at.max(new.at);
            return;
        }
        self.waiting.push(new);
        let latest = self.waiting.iter().map(|waiting| waiting.at).max().unwrap_or(new.at);
        self.waiting.retain(|waiting| waiting.at > latest - rule.window);
        if self.waiting.len() < rule.threshold {
            return;
        }
        let by = std::mem::take(&mut self.waiting);
        self.firings.push(Firing {
            id: id(),
            events: i64::try_from(by.len()).unwrap_or(i64::MAX),
            by: by.iter().map(|counted| counted.event).collect(),
            first_at: by.iter().map(|counted| counted.at).min().unwrap_or(latest),
            fired_at: latest,
            last_at: latest,
        });
    }
}

#[cfg(test)]
mod tests;
