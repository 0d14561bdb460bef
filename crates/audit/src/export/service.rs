//! What may happen to exports.

pub(crate) mod content;
mod repository;
pub(super) mod writing;

use chrono::TimeDelta;
use elder_access::{
    Action, Change, DbError, Event, Found, TenantTx, Worker,
    markers::{AuditExportsRead, AuditExportsWrite},
    work::Housekeeping,
};
use elder_kernel::collection::Selection;

use super::{AuditExport, AuditExportFormat, AuditExportId, AuditExportState, NewAuditExport};
use crate::{Error, event::service::selected};

/// Exports that a tenant may have at a time.
const MOST: i64 = 10;
/// How long one is kept.
const KEPT: TimeDelta = TimeDelta::days(7);

pub(super) async fn list(
    tx: &TenantTx<AuditExportsRead>,
    selection: &Selection,
) -> Result<Found<AuditExport>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<AuditExportsRead>, id: AuditExportId) -> Result<AuditExport, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// Asks for a file; the schema adds the job that writes it.
pub(super) async fn create(
    tx: &TenantTx<AuditExportsWrite>,
    new: NewAuditExport,
) -> Result<Change<AuditExport>, Error> {
    let NewAuditExport { format, proofs, filter, from, to } = new;
    selected(filter.as_deref())?;
    if proofs && format != AuditExportFormat::Ndjson {
        return Err(Error::ProofsOfLinesAlone);
    }
    let now = tx.seam().now();
    let to = to.unwrap_or(now);
    if from.is_some_and(|from| from >= to) {
        return Err(Error::NoTime);
    }
    repository::one_at_a_time(tx, tx.tenant()).await?;
    if repository::count(tx, tx.tenant()).await? >= MOST {
        return Err(Error::TooManyExports(MOST));
    }
    let export = AuditExport {
        id: tx.seam().id(),
        format,
        proofs,
        filter,
        from,
        to,
        state: AuditExportState::Queued,
        error: None,
        progress: 0,
        events: 0,
        size: 0,
        sha256: None,
        checkpoint: None,
        created_at: now,
        created_by: tx.actor().user,
        completed_at: None,
        expires_at: now + KEPT,
    };
    repository::insert(tx, tx.tenant(), &export).await?;
    let event = Event::on(Action::AuditExportCreated, export.id)
        .with("format", format)
        .with("filter", &export.filter)
        .with("from", from)
        .with("to", to);
    Ok((export, event))
}

pub(super) async fn delete(tx: &TenantTx<AuditExportsWrite>, id: AuditExportId) -> Result<Event, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::AuditExportDeleted, id).with("state", before.state))
}

/// Deletes exports whose time is over.
///
/// # Errors
/// [`DbError`].
pub async fn forget_exports(worker: &Worker) -> Result<(), DbError> {
    let now = worker.seam().now();
    repository::forget(worker.job::<Housekeeping>().platform().await?, now).await
}
