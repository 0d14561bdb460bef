//! What may be said about retention, and what would follow from it.

mod repository;

use elder_access::{
    Action, Changes, DbError, Event, TenantTx,
    markers::{AuditRead, AuditRetentionWrite},
};

use super::{
    AuditRetention, NewAuditRetention, RetentionMonth, RetentionPreview, RetentionPreviewQuery, cut_offs,
    days_kept, licensed_days,
};
use crate::{Error, event::ReadsLog};

pub(super) async fn get(tx: &TenantTx<AuditRead>) -> Result<AuditRetention, Error> {
    Ok(repository::find(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?)
}

/// Says it anew; no event if nothing changed.
pub(super) async fn put(
    tx: &TenantTx<AuditRetentionWrite>,
    new: NewAuditRetention,
) -> Result<(AuditRetention, Option<Event>), Error> {
    let before = repository::lock(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?;
    tx.expect(&before)?;
    let asked = new.categories.each().map(|(_, days)| days).chain([new.days]).flatten().max();
    if let Some(maximum) = before.maximum_days.filter(|maximum| asked > Some(*maximum)) {
        return Err(Error::TooLong(maximum));
    }
    let changes = Changes::default()
        .field("days", &before.days, &new.days)
        .field("categories", &before.categories, &new.categories)
        .field("archive_after_days", &before.archive_after_days, &new.archive_after_days);
    if changes.is_empty() {
        return Ok((before, None));
    }
    let after = AuditRetention {
        days: new.days,
        categories: new.categories,
        archive_after_days: new.archive_after_days,
        maximum_days: before.maximum_days,
        version: before.version + 1,
        updated_at: Some(tx.seam().now()),
        updated_by: tx.actor().user,
    };
    repository::put(tx, tx.tenant(), &after, tx.seam().now()).await?;
    Ok((after, Some(Event::new(Action::AuditRetentionUpdated).changed(changes))))
}

pub(super) async fn preview(
    tx: &TenantTx<AuditRead>,
    query: &RetentionPreviewQuery,
) -> Result<RetentionPreview, Error> {
    let present = repository::find(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?;
    let maximum = present.maximum_days;
    let AuditRetention { days, categories, archive_after_days, .. } = present;
    let asked = query.asked().unwrap_or(NewAuditRetention { days, categories, archive_after_days });
    let data = repository::due(tx, tx.tenant(), &cut_offs(&asked, maximum, tx.seam().now())).await?;
    let sum = |count: fn(&RetentionMonth) -> i64| data.iter().map(count).sum();
    Ok(RetentionPreview { events: sum(|month| month.events), held: sum(|month| month.held), data })
}

/// For how many days the events of each category are kept; none for ever.
///
/// # Errors
/// [`DbError`].
pub async fn kept<A: ReadsLog>(tx: &TenantTx<A>) -> Result<Vec<Option<u32>>, DbError> {
    let AuditRetention { days, categories, archive_after_days, maximum_days, .. } =
        repository::find(tx, tx.tenant(), licensed_days(&tx.entitlements())).await?;
    let said = NewAuditRetention { days, categories, archive_after_days };
    Ok(days_kept(&said, maximum_days).map(|(_, days)| days).collect())
}
