//! Tells one listener of everything that was written to the audit log, for what only counts.

use elder_kernel::TenantId;

use super::Gatekeeper;
use crate::{
    actions::{Action, Outcome},
    event::Event,
};

/// An audit event that is in the database, or was taken to be written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The tenant that it concerns.
    pub tenant: TenantId,
    /// What happened.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// If it was a sign-in: `password`, `passkey` or `single_sign_on`.
    pub sign_in_method: &'static str,
}

pub(super) type Observer = Box<dyn Fn(&Committed) + Send + Sync>;

impl Gatekeeper {
    /// Has `observer` called after each audit event that was committed or taken to be written. The first one stays; it must be quick.
    pub fn observe(&self, observer: impl Fn(&Committed) + Send + Sync + 'static) {
        let _first = self.0.observer.set(Box::new(observer));
    }

    pub(super) fn recorded(&self, event: &Event, tenant: TenantId) {
        self.tell(&Committed::of(event, tenant));
    }

    pub(super) fn tell(&self, committed: &Committed) {
        if let Some(observer) = self.0.observer.get() {
            observer(committed);
        }
    }
}

impl Committed {
    pub(super) fn of(event: &Event, tenant: TenantId) -> Self {
        let (action, outcome) = (event.action(), event.outcome());
        Self { tenant, action, outcome, sign_in_method: event.sign_in_method() }
    }
}
