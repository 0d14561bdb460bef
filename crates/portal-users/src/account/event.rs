//! The events of changes that people make to accounts, by single calls and in batches.

use elder_access::{Action, Changes, Event};

use super::Account;

pub(super) fn created(account: &Account, changes: Changes) -> Event {
    Event::on(Action::UserCreated, account.id).changed(changes)
}

/// None if nothing changed.
pub(crate) fn updated(account: &Account, changes: Changes) -> Option<Event> {
    (!changes.is_empty()).then(|| Event::on(Action::UserUpdated, account.id).changed(changes))
}

/// A user was activated or deactivated; none if they were so before.
pub(crate) fn switched(account: &Account, changes: Changes) -> Option<Event> {
    let action = if account.is_active { Action::UserActivated } else { Action::UserDeactivated };
    (!changes.is_empty()).then(|| Event::on(action, account.id).changed(changes))
}

pub(super) fn deleted(account: &Account) -> Event {
    Event::on(Action::UserDeleted, account.id).with_personal(account.id, "email", &account.email)
}
