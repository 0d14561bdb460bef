//! What may be said about retention, and what would follow from it.

mod repository;

use elder_access::{
    Action, Asked, Changes, DbError, Event, TenantTx,
    markers::{AuditRead, AuditRetentionWrite},
};

use super::{
    AuditRetention, NewAuditRetention, PendingRetention, RetentionMonth, RetentionPreview,
    RetentionPreviewQuery, cut_offs, days_kept, licensed_days, said, shortens,
};
use crate::{Error, event::ReadsLog};

pub(super) async fn get(tx: &TenantTx<AuditRead>) -> Result<AuditRetention, Error> {
    Ok(repository::find(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?)
}

/// Says it anew; no event if nothing changed. Fewer days wait until a second person approves them; whatever else is said
/// holds at once, and takes back what waits.
pub(super) async fn put(
    tx: &TenantTx<AuditRetentionWrite>,
    new: NewAuditRetention,
) -> Result<(AuditRetention, Option<Event>), Error> {
    let before = lock(tx).await?;
    let asked = new.categories.each().map(|(_, days)| days).chain([new.days]).flatten().max();
    if let Some(maximum) = before.maximum_days.filter(|maximum| asked > Some(*maximum)) {
        return Err(Error::TooLong(maximum));
    }
    if shortens(&said(&before), &new) {
        return ask(tx, before, new).await;
    }
    say(tx, before, new, Action::AuditRetentionUpdated).await
}

/// Puts in force what somebody else has asked for.
pub(super) async fn approve(
    tx: &TenantTx<AuditRetentionWrite>,
) -> Result<(AuditRetention, Option<Event>), Error> {
    let before = lock(tx).await?;
    let pending = before.pending.clone().ok_or(Error::NothingAsked)?;
    tx.second_person(&Asked { by: Some(pending.asked_by), at: pending.asked_at, about: None }).await?;
    let PendingRetention { days, categories, archive_after_days, .. } = pending;
    let new = NewAuditRetention { days, categories, archive_after_days };
    say(tx, before, new, Action::AuditRetentionApproved).await
}

/// Rejects what was asked for, or takes it back.
pub(super) async fn reject(tx: &TenantTx<AuditRetentionWrite>) -> Result<(AuditRetention, Event), Error> {
    let before = lock(tx).await?;
    if before.pending.is_none() {
        return Err(Error::NothingAsked);
    }
    let after = AuditRetention { pending: None, version: before.version + 1, ..before.clone() };
    repository::put(tx, tx.tenant(), &after).await?;
    let changes = Changes::default().field("pending", &before.pending, &after.pending);
    Ok((after, Event::new(Action::AuditRetentionRejected).changed(changes)))
}

async fn lock(tx: &TenantTx<AuditRetentionWrite>) -> Result<AuditRetention, Error> {
    let before = repository::lock(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?;
    tx.expect(&before)?;
    Ok(before)
}

/// Writes down what shall hold once a second person has approved it.
async fn ask(
    tx: &TenantTx<AuditRetentionWrite>,
    before: AuditRetention,
    new: NewAuditRetention,
) -> Result<(AuditRetention, Option<Event>), Error> {
    let asked_by = tx.first_person()?;
    let NewAuditRetention { days, categories, archive_after_days } = new;
    let mut pending =
        PendingRetention { days, categories, archive_after_days, asked_at: tx.seam().now(), asked_by };
    if let Some(waits) = before.pending.as_ref().filter(|waits| waits.asked_by == asked_by) {
        let asked_at = std::mem::replace(&mut pending.asked_at, waits.asked_at);
        if pending == *waits {
            return Ok((before, None));
        }
        pending.asked_at = asked_at;
    }
    let after = AuditRetention { pending: Some(pending), version: before.version + 1, ..before.clone() };
    repository::put(tx, tx.tenant(), &after).await?;
    let changes = Changes::default().field("pending", &before.pending, &after.pending);
    Ok((after, Some(Event::new(Action::AuditRetentionAsked).changed(changes))))
}

/// Has it hold from now on; nothing waits any more.
async fn say(
    tx: &TenantTx<AuditRetentionWrite>,
    before: AuditRetention,
    new: NewAuditRetention,
    action: Action,
) -> Result<(AuditRetention, Option<Event>), Error> {
    let changes = Changes::default()
        .field("days", &before.days, &new.days)
        .field("categories", &before.categories, &new.categories)
        .field("archive_after_days", &before.archive_after_days, &new.archive_after_days)
        .field("pending", &before.pending, &None::<PendingRetention>);
    if changes.is_empty() {
        return Ok((before, None));
    }
    let after = AuditRetention {
        days: new.days,
        categories: new.categories,
        archive_after_days: new.archive_after_days,
        maximum_days: before.maximum_days,
        pending: None,
        version: before.version + 1,
        updated_at: Some(tx.seam().now()),
        updated_by: tx.actor().user,
    };
    repository::put(tx, tx.tenant(), &after).await?;
    Ok((after, Some(Event::new(action).changed(changes))))
}

pub(super) async fn preview(
    tx: &TenantTx<AuditRead>,
    query: &RetentionPreviewQuery,
) -> Result<RetentionPreview, Error> {
    let present = repository::find(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?;
    let maximum = present.maximum_days;
    let asked = query.asked().unwrap_or_else(|| said(&present));
    let data = repository::due(tx, tx.tenant(), &cut_offs(&asked, maximum, tx.seam().now())).await?;
    let sum = |count: fn(&RetentionMonth) -> i64| data.iter().map(count).sum();
    Ok(RetentionPreview { events: sum(|month| month.events), held: sum(|month| month.held), data })
}

/// For how many days the events of each category are kept; none for ever.
///
/// # Errors
/// [`DbError`].
pub async fn kept<A: ReadsLog>(tx: &TenantTx<A>) -> Result<Vec<Option<u32>>, DbError> {
    let present = repository::find(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?;
    Ok(days_kept(&said(&present), present.maximum_days).map(|(_, days)| days).collect())
}
