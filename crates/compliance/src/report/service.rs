//! What may happen to reports.

mod cover;
mod repository;
pub(super) mod writing;

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{
    Action, Authority, Change, DbError, Event, Found, TenantTx, Worker, Write,
    markers::{ComplianceRead, ComplianceWrite},
    work::Reporting,
};
use elder_audit::file::{File, Shelf};
use elder_kernel::{ComplianceReport as Kind, collection::Selection};

use super::{
    ComplianceReport, ComplianceReportFormat, ComplianceReportId, ComplianceReportKind,
    ComplianceReportState, NewComplianceReport,
};
use crate::Error;

/// The files of reports.
pub(crate) static SHELF: Shelf =
    elder_audit::shelf!("compliance_reports", "compliance_report_chunks", "report_id", most_mib: 64);

/// Reports that a tenant may have at a time.
const MOST: i64 = 50;
/// How long one is kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Which time a report covers if nothing is said.
const USUAL: TimeDelta = TimeDelta::days(90);

/// Who has reports made.
pub(crate) trait HasReportsMade: Authority<Mode = Write> {}
impl HasReportsMade for ComplianceWrite {}
impl HasReportsMade for Reporting {}

pub(super) async fn list(
    tx: &TenantTx<ComplianceRead>,
    selection: &Selection,
) -> Result<Found<ComplianceReport>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(
    tx: &TenantTx<ComplianceRead>,
    id: ComplianceReportId,
) -> Result<ComplianceReport, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// Asks for a report; the schema adds the job that writes it.
pub(crate) async fn create<A: HasReportsMade>(
    tx: &TenantTx<A>,
    new: NewComplianceReport,
) -> Result<Change<ComplianceReport>, Error> {
    let now = tx.seam().now();
    let (from, to) = period(&new, now)?;
    let NewComplianceReport { kind, framework, organization_id, user_id, format, .. } = new;
    let report = ComplianceReport {
        id: tx.seam().id(),
        kind,
        framework,
        organization_id,
        user_id,
        from,
        to,
        format,
        state: ComplianceReportState::Queued,
        error: None,
        progress: 0,
        events: 0,
        size: 0,
        sha256: None,
        checkpoint: None,
        schedule_id: None,
        created_at: now,
        created_by: tx.actor().user,
        completed_at: None,
        expires_at: now + KEPT,
    };
    keep(tx, report, None).await
}

/// Keeps a report that is to be written; from `deliver_at` on, those are told for whom it is.
pub(crate) async fn keep<A: HasReportsMade>(
    tx: &TenantTx<A>,
    report: ComplianceReport,
    deliver_at: Option<DateTime<Utc>>,
) -> Result<Change<ComplianceReport>, Error> {
    if SHELF.count(tx, tx.tenant()).await? >= MOST {
        return Err(Error::TooManyReports(MOST));
    }
    repository::insert(tx, tx.tenant(), &report, deliver_at).await?;
    let event = Event::on(Action::ComplianceReportCreated, report.id)
        .with("kind", report.kind)
        .with("framework", report.framework)
        .with("organization_id", report.organization_id)
        .with("user_id", report.user_id)
        .with("from", report.from)
        .with("to", report.to)
        .with("format", report.format)
        .with("schedule_id", report.schedule_id);
    Ok((report, event))
}

/// The time that a report covers. That of controls is the moment.
fn period(new: &NewComplianceReport, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Error> {
    if new.kind == ComplianceReportKind::Controls {
        return Ok((now, now));
    }
    let to = new.to.unwrap_or(now);
    let from = new.from.or_else(|| to.checked_sub_signed(USUAL)).unwrap_or(to);
    if from < to { Ok((from, to)) } else { Err(Error::NoTime) }
}

pub(super) async fn delete(tx: &TenantTx<ComplianceWrite>, id: ComplianceReportId) -> Result<Event, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::ComplianceReportDeleted, id).with("kind", before.kind).with("state", before.state))
}

/// Finds the file of a report, and the event that tells of the download of what `part` chooses of it.
pub(super) async fn open(
    tx: &TenantTx<ComplianceWrite>,
    id: ComplianceReportId,
    part: impl FnOnce(&File<Kind>) -> Result<Option<Range<u64>>, elder_audit::Error>,
) -> Result<Change<(File<Kind>, Option<Range<u64>>)>, Error> {
    let report = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let (ComplianceReportState::Completed, Some(sha256)) = (report.state, &report.sha256) else {
        return Err(Error::NotWritten(report.state.name()));
    };
    let name = format!("{}-{id}.{}", report.kind.name().replace('_', "-"), report.format.name());
    let file = File::new((&SHELF, id), (name, media_type(report.format)), (sha256.as_str(), report.size));
    let part = part(&file).map_err(Error::File)?;
    let event = file.read_by(Action::ComplianceReportRead, part.as_ref()).with("kind", report.kind);
    Ok(((file, part), event))
}

/// The media type of a file.
const fn media_type(format: ComplianceReportFormat) -> &'static str {
    match format {
        ComplianceReportFormat::Csv => "text/csv; charset=utf-8; header=present",
        ComplianceReportFormat::Json => "application/json",
        ComplianceReportFormat::Pdf => "application/pdf",
    }
}

/// Deletes reports whose time is over.
///
/// # Errors
/// [`DbError`].
pub async fn forget_reports(worker: &Worker) -> Result<(), DbError> {
    SHELF.forget(worker).await
}

/// The report of this id.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn find<A: HasReportsMade>(
    tx: &TenantTx<A>,
    id: ComplianceReportId,
) -> Result<Option<ComplianceReport>, DbError> {
    repository::find(tx, tx.tenant(), id).await
}
