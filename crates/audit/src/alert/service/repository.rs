//! SQL on `audit_alerts`, and what they have counted.

pub(super) mod counting;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored as Column, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    alert::{
        AuditAlert, AuditAlertFiring, AuditAlertFiringId, AuditAlertGroup, AuditAlertHealth, AuditAlertId,
    },
    event::{self, AuditEvent, read},
};

macro_rules! columns {
    () => {
        "audit_alerts.*,
            coalesce((select t.size from audit_trees t where t.tenant_id = audit_alerts.tenant_id), 0) as sealed,
            exists (select from mails m where m.tenant_id = audit_alerts.tenant_id
                and m.id = any (audit_alerts.mail_ids) and m.status = 'dead') as is_given_up"
    };
}

const ALERTS: Source = Source {
    table: "audit_alerts",
    joins: &[],
    columns: columns!(),
    stored: &[("name", Column::As("name_folded"))],
};
const FIRINGS: Source = Source {
    table: "audit_alert_firings",
    joins: &[],
    columns: "*",
    stored: &[("group", Column::As("group_key"))],
};
/// The first event of each firing: it has the time of the firing's beginning.
const FIRST_EVENTS: &str = concat!(
    "select f.id as firing_id, e.* from audit_alert_firings f
     cross join lateral (select ",
    event::columns!(),
    " from audit_logs l
         where l.tenant_id = $1 and l.timestamp = f.first_at and l.event_id = any (f.event_ids) limit 1) e
     where f.tenant_id = $1 and f.id = any ($2::uuid[])"
);
/// With the filter by which it counts now.
const FIND: &str = concat!(
    "select ",
    columns!(),
    ", coalesce(audit_alerts.filter, s.filter) as counted
     from audit_alerts left join audit_searches s on s.tenant_id = audit_alerts.tenant_id and s.id = audit_alerts.search_id
     where audit_alerts.tenant_id = $1 and audit_alerts.id = $2"
);
const LOCK: &str = concat!(
    "select ",
    columns!(),
    ", filter as counted from audit_alerts where tenant_id = $1 and id = $2 for update"
);
const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_alerts'), $1)::text";
const COUNT: &str = "select count(*) from audit_alerts where tenant_id = $1";
const SEALED: &str = "select coalesce(max(size), 0) as size from audit_trees where tenant_id = $1";
const INSERT: &str = "
    insert into audit_alerts (tenant_id, id, name, name_folded, search_id, filter, threshold, window_minutes, group_by,
        channel, sealed_secret, cursor, next_look_at, next_notice_at, created_at, created_by, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13, $14, $13)";
const UPDATE: &str = "
    update audit_alerts set name = $3, name_folded = $4, search_id = $5, filter = $6, threshold = $7, window_minutes = $8,
        group_by = $9, channel = $10, sealed_secret = $11, is_active = $12, cursor = $13, version = $14, updated_at = $15,
        next_look_at = $15, next_notice_at = case when failures > 0 then $15 else next_notice_at end,
        failures = 0, last_error = null, mail_ids = '{}'
    where tenant_id = $1 and id = $2";
const FORGET_MATCHES: &str = "delete from audit_alert_matches where tenant_id = $1 and alert_id = $2";
const DELETE: &str = "delete from audit_alerts where tenant_id = $1 and id = $2";
/// What an alert says whose last mail was not taken by any server.
const GIVEN_UP: &str = "a mail of the last notice was given up: GET /api/v2/mails tells why";

/// An alert with what it keeps to itself.
pub(super) struct Stored {
    pub(super) alert: AuditAlert,
    pub(super) sealed_secret: Option<Vec<u8>>,
    /// The filter by which it counts now; none where a lock was wanted of an alert with a search.
    pub(super) counted: Option<String>,
    /// When the next notice may go.
    pub(super) next_notice_at: DateTime<Utc>,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<AuditAlert>, DbError> {
    conn.list(&ALERTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

pub(super) async fn firings(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditAlertId,
    selection: &Selection,
) -> Result<Found<AuditAlertFiring>, DbError> {
    let scope = Scope::of("tenant_id = $1 and alert_id = $2", [tenant.into(), id.into()]);
    conn.list(&FIRINGS, &scope, selection, firing).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditAlertId,
) -> Result<Option<Stored>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(stored).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditAlertId,
) -> Result<Option<Stored>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(stored).transpose()
}

pub(super) async fn one_at_a_time(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(ONE_AT_A_TIME, [tenant.into()]).await.map(drop)
}

pub(super) async fn count(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(COUNT, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("count"))
}

/// How much of the log is sealed.
pub(super) async fn sealed(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(SEALED, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("size"))
}

/// What `insert` and `update` have in common.
fn said(tenant: TenantId, alert: &AuditAlert, sealed_secret: Option<Vec<u8>>) -> [Value; 11] {
    [
        tenant.into(),
        alert.id.into(),
        alert.name.as_str().into(),
        fold(&alert.name).into(),
        Value::Uuid(alert.search_id.map(Id::uuid)),
        Value::String(alert.filter.clone()),
        alert.threshold.into(),
        alert.window_minutes.into(),
        Value::String(alert.group_by.map(|group| group.name().to_owned())),
        serde_json::json!(alert.channel).into(),
        Value::Bytes(sealed_secret),
    ]
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    alert: &AuditAlert,
    sealed_secret: Option<Vec<u8>>,
) -> Result<u64, DbError> {
    let rest: [Value; 3] =
        [alert.cursor.into(), alert.created_at.into(), Value::Uuid(alert.created_by.map(Id::uuid))];
    conn.run(INSERT, said(tenant, alert, sealed_secret).into_iter().chain(rest)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    alert: &AuditAlert,
    sealed_secret: Option<Vec<u8>>,
) -> Result<u64, DbError> {
    let rest: [Value; 4] =
        [alert.is_active.into(), alert.cursor.into(), alert.version.into(), alert.updated_at.into()];
    conn.run(UPDATE, said(tenant, alert, sealed_secret).into_iter().chain(rest)).await
}

pub(super) async fn forget_matches(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditAlertId,
) -> Result<u64, DbError> {
    conn.run(FORGET_MATCHES, [tenant.into(), id.into()]).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: AuditAlertId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

/// How a group is stored that is an address: by its mark.
pub(super) fn marked(mark: Uuid) -> String {
    format!("#{}", mark.simple())
}

/// Whether a group is stored so.
pub(super) fn is_marked(group: &str) -> bool {
    group.starts_with('#')
}

/// The first event of each of these firings that is still in the log, sealed.
pub(super) async fn first_events(
    conn: &TenantConn,
    tenant: TenantId,
    firings: impl Iterator<Item = AuditAlertFiringId>,
) -> Result<Vec<(AuditAlertFiringId, AuditEvent)>, DbError> {
    let ids: Vec<Uuid> = firings.map(Id::uuid).collect();
    let first = |row: &Row| Ok((Id::from_uuid(row.get("firing_id")?), read(row)?));
    conn.raw_rows(FIRST_EVENTS, [tenant.into(), ids.into()]).await?.iter().map(first).collect()
}

fn stored(row: &Row) -> Result<Stored, DbError> {
    let (sealed_secret, counted) = (row.get("sealed_secret")?, row.get("counted")?);
    Ok(Stored { alert: shown(row)?, sealed_secret, counted, next_notice_at: row.get("next_notice_at")? })
}

fn shown(row: &Row) -> Result<AuditAlert, DbError> {
    let channel: serde_json::Value = row.get("channel")?;
    let (cursor, sealed): (i64, i64) = (row.get("cursor")?, row.get("sealed")?);
    let (is_active, failures): (bool, i32) = (row.get("is_active")?, row.get("failures")?);
    let is_given_up: bool = row.get("is_given_up")?;
    let last_error: Option<String> = row.get("last_error")?;
    Ok(AuditAlert {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        search_id: row.get::<Option<Uuid>>("search_id")?.map(Id::from_uuid),
        filter: row.get("filter")?,
        threshold: row.get("threshold")?,
        window_minutes: row.get("window_minutes")?,
        group_by: row.get::<Option<&str>>("group_by")?.and_then(AuditAlertGroup::named),
        channel: serde_json::from_value(channel).map_err(DbError::defect)?,
        is_active,
        health: match (is_active, failures > 0 || is_given_up) {
            (false, _) => AuditAlertHealth::Paused,
            (true, false) => AuditAlertHealth::Ok,
            (true, true) => AuditAlertHealth::Failing,
        },
        cursor,
        lag: (sealed - cursor).max(0),
        missing: row.get("missing")?,
        failures,
        last_error: last_error.or_else(|| is_given_up.then(|| GIVEN_UP.to_owned())),
        notified_at: row.get("notified_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}

fn firing(row: &Row) -> Result<AuditAlertFiring, DbError> {
    let group: String = row.get("group_key")?;
    Ok(AuditAlertFiring {
        id: Id::from_uuid(row.get("id")?),
        group: (!group.is_empty()).then_some(group),
        events: row.get("events")?,
        event_ids: row.get::<Vec<Uuid>>("event_ids")?.into_iter().map(Id::from_uuid).collect(),
        first_at: row.get("first_at")?,
        fired_at: row.get("fired_at")?,
        last_at: row.get("last_at")?,
        notified_at: row.get("notified_at")?,
    })
}
