//! What may happen to schedules.

mod repository;
pub(super) mod running;
pub(super) mod telling;

use elder_access::{
    Action, Authority, Change, Changes, DbError, Event, Found, TenantTx,
    markers::{ComplianceRead, ComplianceWrite},
};
use elder_api_types::UserId;
use elder_audit::Targets;
use elder_kernel::{Secret, collection::Selection};

use self::repository::{Stored, When};
use super::{
    ComplianceSchedule, ComplianceScheduleId, ComplianceSchedulePatch, NewComplianceSchedule, ReportDelivery,
    ReportFrequency,
};
use crate::{Error, template::service as templates};

/// Schedules that a tenant may have.
const MOST: i64 = 20;
/// People who are told of one.
const RECIPIENTS: usize = 20;

/// Where a secret is sealed to.
fn place(id: ComplianceScheduleId) -> String {
    format!("compliance_schedules/sealed_secret/{id}")
}

pub(super) async fn list(
    tx: &TenantTx<ComplianceRead>,
    selection: &Selection,
) -> Result<Found<ComplianceSchedule>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(
    tx: &TenantTx<ComplianceRead>,
    id: ComplianceScheduleId,
) -> Result<ComplianceSchedule, Error> {
    Ok(repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.schedule)
}

/// Sets a schedule up. It runs by the right of who does.
pub(super) async fn create(
    tx: &TenantTx<ComplianceWrite>,
    targets: &Targets,
    new: NewComplianceSchedule,
) -> Result<Change<ComplianceSchedule>, Error> {
    let NewComplianceSchedule { name, template_id, frequency, day, hour, time_zone, delivery, secret } = new;
    let owner = tx.actor().user.ok_or(Error::NoPerson)?;
    if !fits(frequency, day) {
        return Err(Error::NoDay);
    }
    check(tx, targets, &delivery, secret.as_ref()).await?;
    templates::find(tx, template_id).await?.ok_or(Error::NoTemplate)?;
    if repository::count(tx, tx.tenant()).await? >= MOST {
        return Err(Error::TooMany(MOST));
    }
    let now = tx.seam().now();
    let next_run_at = next(tx, &When { frequency, day, hour, time_zone: time_zone.as_str() }).await?;
    let schedule = ComplianceSchedule {
        id: tx.seam().id(),
        name: name.into(),
        template_id,
        frequency,
        day,
        hour,
        time_zone,
        delivery,
        is_active: true,
        owner_id: Some(owner),
        next_run_at,
        last_run_at: None,
        last_report_id: None,
        last_error: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let sealed = secret.map(|secret| tx.seal(&place(schedule.id), secret.expose().as_bytes()));
    repository::insert(tx, tx.tenant(), &schedule, sealed).await.map_err(Error::of_row)?;
    let changes = Changes::default()
        .new_field("name", &schedule.name)
        .new_field("template_id", &schedule.template_id)
        .new_field("frequency", &schedule.frequency)
        .new_field("delivery", &schedule.delivery);
    let event = Event::on(Action::ComplianceScheduleCreated, schedule.id).changed(changes);
    Ok((schedule, event))
}

/// Changes a schedule; no event if nothing changed. Who sets it going becomes its owner.
pub(super) async fn update(
    tx: &TenantTx<ComplianceWrite>,
    id: ComplianceScheduleId,
    patch: ComplianceSchedulePatch,
) -> Result<(ComplianceSchedule, Option<Event>), Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.schedule;
    tx.expect(&before)?;
    let ComplianceSchedulePatch { name, hour, time_zone, is_active } = patch;
    let owner_id = match is_active {
        Some(true) => Some(tx.actor().user.ok_or(Error::NoPerson)?),
        _ => before.owner_id,
    };
    let mut after = ComplianceSchedule {
        name: name.map_or_else(|| before.name.clone(), String::from),
        hour: hour.unwrap_or(before.hour),
        time_zone: time_zone.unwrap_or_else(|| before.time_zone.clone()),
        is_active: is_active.unwrap_or(before.is_active),
        owner_id,
        ..before.clone()
    };
    if after == before {
        return Ok((before, None));
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("hour", &before.hour, &after.hour)
        .field("time_zone", &before.time_zone, &after.time_zone)
        .field("is_active", &before.is_active, &after.is_active)
        .field("owner_id", &before.owner_id, &after.owner_id);
    after.next_run_at = next(tx, &When::of(&after)).await?;
    after.last_error = None;
    after.version += 1;
    after.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &after).await.map_err(Error::of_row)?;
    Ok((after, Some(Event::on(Action::ComplianceScheduleUpdated, id).changed(changes))))
}

pub(super) async fn delete(tx: &TenantTx<ComplianceWrite>, id: ComplianceScheduleId) -> Result<Event, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?.schedule;
    tx.expect(&before)?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::ComplianceScheduleDeleted, id).with("name", before.name))
}

/// Whether a frequency has such a day.
const fn fits(frequency: ReportFrequency, day: Option<i32>) -> bool {
    match (frequency, day) {
        (_, None) => true,
        (ReportFrequency::Daily, Some(_)) => false,
        (ReportFrequency::Weekly, Some(day)) => 1 <= day && day <= 7,
        (ReportFrequency::Monthly, Some(day)) => 1 <= day && day <= 31,
    }
}

/// Whether those for whom a report is can be told so.
async fn check(
    tx: &TenantTx<ComplianceWrite>,
    targets: &Targets,
    delivery: &ReportDelivery,
    secret: Option<&Secret<String>>,
) -> Result<(), Error> {
    let recipients = match (delivery, secret) {
        (ReportDelivery::Webhook { url }, secret) => return Ok(targets.check_webhook(url, secret)?),
        (ReportDelivery::Mail { .. }, Some(_)) => return Err(Error::NoUse),
        (ReportDelivery::Mail { recipients }, None) => recipients,
    };
    let mut each: Vec<UserId> = recipients.clone();
    each.sort_unstable();
    each.dedup();
    let are_some = (1..=RECIPIENTS).contains(&each.len()) && each.len() == recipients.len();
    if !are_some || repository::known(tx, tx.tenant(), &each).await? != each.len() {
        return Err(Error::NoRecipients);
    }
    Ok(())
}

/// When it is made next, strictly after now.
async fn next<A: Authority>(
    tx: &TenantTx<A>,
    when: &When<'_>,
) -> Result<chrono::DateTime<chrono::Utc>, Error> {
    match repository::next_run(tx, when, tx.seam().now()).await {
        Err(DbError::Value(_)) => Err(Error::NoZone(when.time_zone.to_owned())),
        found => Ok(found?),
    }
}

/// The secret of a schedule, if it has one.
fn opened<A: Authority>(tx: &TenantTx<A>, stored: &Stored) -> Result<Option<Secret<String>>, Error> {
    let Some(sealed) = &stored.sealed_secret else { return Ok(None) };
    let plain = tx.unseal(&place(stored.schedule.id), sealed).map_err(|_| Error::Sealed)?;
    Ok(Some(Secret::new(String::from_utf8(plain).map_err(|_| Error::Sealed)?)))
}
