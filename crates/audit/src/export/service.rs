//! What may happen to exports.

mod repository;
pub(super) mod writing;

use std::ops::Range;

use chrono::TimeDelta;
use elder_access::{
    Action, Change, DbError, Event, Found, TenantTx, Worker,
    markers::{AuditExportsRead, AuditExportsWrite},
};
use elder_kernel::{AuditExport as Kind, collection::Selection};

use super::{AuditExport, AuditExportFormat, AuditExportId, AuditExportState, NewAuditExport};
use crate::{
    Error,
    event::service::selected,
    file::{File, Shelf},
};

/// The files of exports.
pub(crate) static SHELF: Shelf =
    crate::shelf!("audit_exports", "audit_export_chunks", "export_id", most_mib: 512);

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
    if SHELF.count(tx, tx.tenant()).await? >= MOST {
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

/// Finds the file of an export, and the event that tells of the download of what `part` chooses of it.
pub(super) async fn open(
    tx: &TenantTx<AuditExportsWrite>,
    id: AuditExportId,
    part: impl FnOnce(&File<Kind>) -> Result<Option<Range<u64>>, Error>,
) -> Result<Change<(File<Kind>, Option<Range<u64>>)>, Error> {
    let export = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let (AuditExportState::Completed, Some(sha256)) = (export.state, &export.sha256) else {
        return Err(Error::NotWritten(export.state.name()));
    };
    let name = format!("audit-{id}.{}", export.format.name());
    let file = File::new((&SHELF, id), (name, media_type(export.format)), (sha256.as_str(), export.size));
    let part = part(&file)?;
    let event = file.read_by(Action::AuditExportRead, part.as_ref());
    Ok(((file, part), event))
}

/// The media type of a file.
const fn media_type(format: AuditExportFormat) -> &'static str {
    match format {
        AuditExportFormat::Ndjson => "application/x-ndjson",
        AuditExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        AuditExportFormat::Json => "application/json",
        AuditExportFormat::Pdf => "application/pdf",
    }
}

/// Deletes exports whose time is over.
///
/// # Errors
/// [`DbError`].
pub async fn forget_exports(worker: &Worker) -> Result<(), DbError> {
    SHELF.forget(worker).await
}
