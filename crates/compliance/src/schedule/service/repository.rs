//! SQL on `compliance_schedules`, and on the calendar.

pub(super) mod waiting;

use chrono::{DateTime, Utc};
use elder_access::{
    DbError, Found, PlatformTx, Row, Scope, Source, Stored as Column, TenantConn, work::Housekeeping,
};
use elder_api_types::{UserId, regional::TimeZone};
use elder_kernel::{Id, Kind, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    report::ComplianceReportId,
    schedule::{ComplianceSchedule, ComplianceScheduleId, ReportFrequency},
};

const SCHEDULES: Source = Source {
    table: "compliance_schedules",
    joins: &[],
    columns: "*",
    stored: &[("name", Column::As("name_folded"))],
};
const FIND: &str = "select * from compliance_schedules where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from compliance_schedules where tenant_id = $1 and id = $2 for update";
const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(hashtext('elder.compliance_schedules'), $1)::text";
const COUNT: &str = "select count(*) from compliance_schedules where tenant_id = $1";
const KNOWN: &str = "select count(*) from portal_users where tenant_id = $1 and id = any ($2::uuid[])";
const INSERT: &str = "
    insert into compliance_schedules (tenant_id, id, name, name_folded, template_id, frequency, day, hour, time_zone,
        delivery, sealed_secret, owner_id, next_run_at, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)";
const UPDATE: &str = "
    update compliance_schedules set name = $3, name_folded = $4, hour = $5, time_zone = $6, is_active = $7, owner_id = $8,
        next_run_at = $9, last_error = null, version = $10, updated_at = $11
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from compliance_schedules where tenant_id = $1 and id = $2";
/// The first such day and hour that is still to come, by the clocks of a zone. An hour that a day does not have is the one
/// after it; of one that comes twice it is the second.
const NEXT_RUN: &str = "
    select min(at) as at from (
        select (day + make_interval(hours => $3)) at time zone $4::text as at
        from generate_series(
            date_trunc('day', $5::timestamptz at time zone $4::text), date_trunc('day', $5::timestamptz at time zone $4::text) + interval '62 days',
            interval '1 day'
        ) day
        where case $1::text
            when 'weekly' then extract(isodow from day) = coalesce($2::int, 1)
            when 'monthly' then extract(day from day) = least(coalesce($2::int, 1),
                extract(day from date_trunc('month', day) + interval '1 month' - interval '1 day'))
            else true end
    ) days
    where at > $5::timestamptz";
/// Those whose time has come, of tenants that are active. Which node takes one is settled when it is locked.
const DUE: &str = "
    select s.tenant_id, s.id from compliance_schedules s join tenants t on t.id = s.tenant_id
    where s.is_active and s.next_run_at <= $1 and t.is_active and t.deletion_scheduled_at is null
    order by s.next_run_at limit $2";
const TAKE: &str = "
    select * from compliance_schedules where tenant_id = $1 and id = $2 and is_active and next_run_at <= $3
    for update skip locked";
/// Whether somebody may have reports made still: as an admin, or by a role of the tenant's that says so.
const MAY: &str = "
    select u.is_active and (coalesce(u.tenant_role = 'admin', false) or exists (
        select from held_roles($1, u.id) h
        left join roles r on r.tenant_id = $1 and r.id = h.role_id
        where h.organization_id is null and (h.role = 'admin' or 'compliance:write' = any (r.permissions)))) as may
    from portal_users u where u.tenant_id = $1 and u.id = $2";
const PAUSE: &str = "
    update compliance_schedules set is_active = false, last_error = $3, updated_at = $4 where tenant_id = $1 and id = $2";
const RAN: &str = "
    update compliance_schedules set next_run_at = $3, last_run_at = $4, last_report_id = $5, last_error = null
    where tenant_id = $1 and id = $2";
const SKIP: &str = "
    update compliance_schedules set next_run_at = $3, last_error = $4
    where tenant_id = $1 and id = $2 and next_run_at <= $5";
const ERROR: &str = "update compliance_schedules set last_error = $3 where tenant_id = $1 and id = $2";
/// When a report is made.
pub(super) struct When<'a> {
    pub(super) frequency: ReportFrequency,
    pub(super) day: Option<i32>,
    pub(super) hour: i32,
    pub(super) time_zone: &'a str,
}

impl<'a> When<'a> {
    pub(super) fn of(schedule: &'a ComplianceSchedule) -> Self {
        let ComplianceSchedule { frequency, day, hour, time_zone, .. } = schedule;
        Self { frequency: *frequency, day: *day, hour: *hour, time_zone: time_zone.as_str() }
    }
}

/// A schedule with its sealed secret.
pub(super) struct Stored {
    pub(super) schedule: ComplianceSchedule,
    pub(super) sealed_secret: Option<Vec<u8>>,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<ComplianceSchedule>, DbError> {
    conn.list(&SCHEDULES, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceScheduleId,
) -> Result<Option<Stored>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(stored).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceScheduleId,
) -> Result<Option<Stored>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(stored).transpose()
}

/// How many there are. Until the transaction ends, no other adds one.
pub(super) async fn count(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(ONE_AT_A_TIME, [tenant.into()]).await?;
    conn.raw_row(COUNT, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("count"))
}

/// How many of these users there are.
pub(super) async fn known(conn: &TenantConn, tenant: TenantId, ids: &[UserId]) -> Result<usize, DbError> {
    let row = conn.raw_row(KNOWN, [tenant.into(), uuids(ids).into()]).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.get("count"))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    schedule: &ComplianceSchedule,
    sealed_secret: Option<Vec<u8>>,
) -> Result<u64, DbError> {
    let values: [Value; 14] = [
        tenant.into(),
        schedule.id.into(),
        schedule.name.as_str().into(),
        fold(&schedule.name).into(),
        schedule.template_id.into(),
        schedule.frequency.name().into(),
        Value::Int(schedule.day),
        schedule.hour.into(),
        schedule.time_zone.as_str().into(),
        serde_json::json!(schedule.delivery).into(),
        Value::Bytes(sealed_secret),
        Value::Uuid(schedule.owner_id.map(Id::uuid)),
        schedule.next_run_at.into(),
        schedule.created_at.into(),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    schedule: &ComplianceSchedule,
) -> Result<u64, DbError> {
    let values: [Value; 11] = [
        tenant.into(),
        schedule.id.into(),
        schedule.name.as_str().into(),
        fold(&schedule.name).into(),
        schedule.hour.into(),
        schedule.time_zone.as_str().into(),
        schedule.is_active.into(),
        Value::Uuid(schedule.owner_id.map(Id::uuid)),
        schedule.next_run_at.into(),
        schedule.version.into(),
        schedule.updated_at.into(),
    ];
    conn.run(UPDATE, values).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceScheduleId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

/// When a report is made next; [`DbError::Value`] if there is no such zone.
pub(super) async fn next_run(
    conn: &TenantConn,
    when: &When<'_>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, DbError> {
    let values = [
        when.frequency.name().into(),
        Value::Int(when.day),
        when.hour.into(),
        when.time_zone.into(),
        now.into(),
    ];
    conn.raw_row(NEXT_RUN, values).await?.map_or(Ok(now), |row| row.get("at"))
}

/// The schedules whose time has come.
pub(super) async fn due(
    tx: &PlatformTx<Housekeeping>,
    most: i64,
) -> Result<Vec<(TenantId, ComplianceScheduleId)>, DbError> {
    let rows = tx.raw_rows(DUE, [tx.seam().now().into(), most.into()]).await?;
    rows.iter().map(key).collect()
}

/// Takes a schedule whose time has come, unless another node has it.
pub(super) async fn take(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceScheduleId,
    now: DateTime<Utc>,
) -> Result<Option<ComplianceSchedule>, DbError> {
    conn.raw_row(TAKE, [tenant.into(), id.into(), now.into()]).await?.as_ref().map(shown).transpose()
}

/// Whether somebody may have reports made still.
pub(super) async fn may(conn: &TenantConn, tenant: TenantId, user: UserId) -> Result<bool, DbError> {
    conn.raw_row(MAY, [tenant.into(), user.into()]).await?.map_or(Ok(false), |row| row.get("may"))
}

pub(super) async fn pause(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceScheduleId,
    (why, now): (&str, DateTime<Utc>),
) -> Result<u64, DbError> {
    conn.run(PAUSE, [tenant.into(), id.into(), why.into(), now.into()]).await
}

pub(super) async fn ran(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceScheduleId,
    (next, now, report): (DateTime<Utc>, DateTime<Utc>, ComplianceReportId),
) -> Result<u64, DbError> {
    conn.run(RAN, [tenant.into(), id.into(), next.into(), now.into(), report.into()]).await
}

/// Passes over a run: nothing was made, and the next one comes at its time.
pub(super) async fn skip(
    tx: PlatformTx<Housekeeping>,
    (tenant, id): (TenantId, ComplianceScheduleId),
    next: DateTime<Utc>,
    why: &str,
) -> Result<(), DbError> {
    let now = tx.seam().now();
    tx.settle(SKIP, [tenant.into(), id.into(), next.into(), why.into(), now.into()]).await
}

/// Notes why nobody could be told.
pub(super) async fn note(
    tx: PlatformTx<Housekeeping>,
    (tenant, id): (TenantId, ComplianceScheduleId),
    why: &str,
) -> Result<(), DbError> {
    tx.settle(ERROR, [tenant.into(), id.into(), why.into()]).await
}

fn uuids(ids: &[UserId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

fn key<K: Kind>(row: &Row) -> Result<(TenantId, Id<K>), DbError> {
    Ok((TenantId(row.get("tenant_id")?), Id::from_uuid(row.get("id")?)))
}

fn stored(row: &Row) -> Result<Stored, DbError> {
    Ok(Stored { schedule: shown(row)?, sealed_secret: row.get("sealed_secret")? })
}

fn shown(row: &Row) -> Result<ComplianceSchedule, DbError> {
    let (frequency, delivery): (String, serde_json::Value) = (row.get("frequency")?, row.get("delivery")?);
    Ok(ComplianceSchedule {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        template_id: Id::from_uuid(row.get("template_id")?),
        frequency: ReportFrequency::named(&frequency).ok_or_else(|| DbError::defect(Unknown(frequency)))?,
        day: row.get("day")?,
        hour: row.get("hour")?,
        time_zone: TimeZone::stored(row.get("time_zone")?),
        delivery: serde_json::from_value(delivery).map_err(DbError::defect)?,
        is_active: row.get("is_active")?,
        owner_id: row.get::<Option<Uuid>>("owner_id")?.map(Id::from_uuid),
        next_run_at: row.get("next_run_at")?,
        last_run_at: row.get("last_run_at")?,
        last_report_id: row.get::<Option<Uuid>>("last_report_id")?.map(Id::from_uuid),
        last_error: row.get("last_error")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The schema lets no other word in.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no frequency")]
struct Unknown(String);

#[cfg(test)]
mod tests;
