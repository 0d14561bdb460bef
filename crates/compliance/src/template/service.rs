//! What may happen to templates.

mod repository;

use chrono::{DateTime, Utc};
use elder_access::{
    Action, Authority, Change, Changes, DbError, Event, Found, TenantTx,
    markers::{ComplianceRead, ComplianceWrite},
};
use elder_kernel::collection::Selection;

use super::{ComplianceTemplate, ComplianceTemplateId, ComplianceTemplatePatch, NewComplianceTemplate};
use crate::{
    Error,
    report::{
        ComplianceReport, NewComplianceReport,
        service::{self as reports, HasReportsMade},
    },
};

/// Templates that a tenant may have.
const MOST: i64 = 100;

pub(super) async fn list(
    tx: &TenantTx<ComplianceRead>,
    selection: &Selection,
) -> Result<Found<ComplianceTemplate>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(
    tx: &TenantTx<ComplianceRead>,
    id: ComplianceTemplateId,
) -> Result<ComplianceTemplate, Error> {
    find(tx, id).await?.ok_or(Error::NotFound)
}

/// The template of this id.
pub(crate) async fn find<A: Authority>(
    tx: &TenantTx<A>,
    id: ComplianceTemplateId,
) -> Result<Option<ComplianceTemplate>, DbError> {
    repository::find(tx, tx.tenant(), id).await
}

pub(super) async fn create(
    tx: &TenantTx<ComplianceWrite>,
    new: NewComplianceTemplate,
) -> Result<Change<ComplianceTemplate>, Error> {
    if repository::count(tx, tx.tenant()).await? >= MOST {
        return Err(Error::TooMany(MOST));
    }
    let now = tx.seam().now();
    let template = ComplianceTemplate {
        id: tx.seam().id(),
        name: new.name.into(),
        kind: new.kind,
        framework: new.framework,
        organization_id: new.organization_id,
        user_id: new.user_id,
        period: new.period,
        format: new.format,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    };
    repository::insert(tx, tx.tenant(), &template).await.map_err(Error::of_row)?;
    let changes = Changes::default()
        .new_field("name", &template.name)
        .new_field("kind", &template.kind)
        .new_field("period", &template.period)
        .new_field("format", &template.format);
    let event = Event::on(Action::ComplianceTemplateCreated, template.id).changed(changes);
    Ok((template, event))
}

/// Changes a template; no event if nothing changed.
pub(super) async fn update(
    tx: &TenantTx<ComplianceWrite>,
    id: ComplianceTemplateId,
    patch: ComplianceTemplatePatch,
) -> Result<(ComplianceTemplate, Option<Event>), Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let mut after = ComplianceTemplate {
        name: patch.name.map_or_else(|| before.name.clone(), String::from),
        period: patch.period.unwrap_or(before.period),
        format: patch.format.unwrap_or(before.format),
        ..before.clone()
    };
    if after == before {
        return Ok((before, None));
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("period", &before.period, &after.period)
        .field("format", &before.format, &after.format);
    after.version += 1;
    after.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &after).await.map_err(Error::of_row)?;
    Ok((after, Some(Event::on(Action::ComplianceTemplateUpdated, id).changed(changes))))
}

pub(super) async fn delete(tx: &TenantTx<ComplianceWrite>, id: ComplianceTemplateId) -> Result<Event, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), id).await.map_err(Error::of_row)?;
    Ok(Event::on(Action::ComplianceTemplateDeleted, id).with("name", before.name))
}

/// Has a report made by a template, of the time that it names by the calendar of UTC.
pub(super) async fn report(
    tx: &TenantTx<ComplianceWrite>,
    id: ComplianceTemplateId,
) -> Result<Change<ComplianceReport>, Error> {
    let template = find(tx, id).await?.ok_or(Error::NotFound)?;
    let period = period(tx, &template, "UTC").await?;
    reports::create(tx, asked(&template, period)).await
}

/// What a template asks for.
pub(crate) fn asked(
    template: &ComplianceTemplate,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> NewComplianceReport {
    NewComplianceReport {
        kind: template.kind,
        framework: template.framework,
        organization_id: template.organization_id,
        user_id: template.user_id,
        from: Some(from),
        to: Some(to),
        format: template.format,
    }
}

/// The time that a template covers now, by the calendar of a zone.
///
/// # Errors
/// [`DbError`]; [`DbError::Value`] if there is no such zone.
pub(crate) async fn period<A: HasReportsMade>(
    tx: &TenantTx<A>,
    template: &ComplianceTemplate,
    zone: &str,
) -> Result<(DateTime<Utc>, DateTime<Utc>), DbError> {
    repository::period(tx, template.period, zone, tx.seam().now()).await
}
