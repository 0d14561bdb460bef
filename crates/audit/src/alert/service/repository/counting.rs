//! SQL of the watch: whose turn it is, what was counted, and what was told.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformTx, Row, TenantConn, packed, work::Housekeeping};
use elder_kernel::{Id, TenantId};
use elder_mail::MailId;
use sea_orm::Value;
use uuid::Uuid;

use crate::alert::{
    AuditAlert, AuditAlertFiring, AuditAlertId,
    count::{Firing, Group, Match},
};

/// Alerts whose turn it is: of which the log has something new, or that have something to tell. Those that another node
/// looks at are left to it.
const DUE: &str = "
    select a.tenant_id, a.id from audit_alerts a
    where a.is_active and a.next_look_at <= $1 and (
        exists (select from audit_trees t where t.tenant_id = a.tenant_id and t.size > a.cursor)
        or a.next_notice_at <= $1 and exists (
            select from audit_alert_firings f
            where f.tenant_id = a.tenant_id and f.alert_id = a.id and f.notified_at is null))
    order by a.next_look_at limit $2 for update of a skip locked";
const LEASE: &str = "
    update audit_alerts a set next_look_at = $2
    from jsonb_array_elements($1::jsonb) as packed (v)
    where a.tenant_id = (v->>0)::int and a.id = (v->>1)::uuid";
const WAITING: &str = "
    select group_key, seq, event_id, timestamp from audit_alert_matches
    where tenant_id = $1 and alert_id = $2
      and group_key in (select v #>> '{}' from jsonb_array_elements($3::jsonb) as packed (v)) order by seq";
const LAST_FIRED: &str = "
    select packed.group_key, f.id, f.events, f.first_at, f.fired_at, f.last_at
    from (select v #>> '{}' collate \"C\" as group_key from jsonb_array_elements($3::jsonb) as p (v)) packed
    cross join lateral (
        select id, events, first_at, fired_at, last_at from audit_alert_firings
        where tenant_id = $1 and alert_id = $2 and group_key = packed.group_key order by fired_at desc limit 1
    ) f";
/// Only from where it was read, and only as it was read: what somebody else has looked at or changed meanwhile stays.
const GO_ON: &str = "
    update audit_alerts set cursor = $4, missing = missing + $5, next_look_at = $6
    where tenant_id = $1 and id = $2 and cursor = $3 and version = $7 and is_active";
const CLEAR_GROUPS: &str = "
    delete from audit_alert_matches
    where tenant_id = $1 and alert_id = $2 and (timestamp <= $4
        or group_key in (select v #>> '{}' from jsonb_array_elements($3::jsonb) as packed (v)))";
const ADD_MATCHES: &str = "
    insert into audit_alert_matches (tenant_id, alert_id, seq, group_key, timestamp, event_id)
    select $1, $2, (v->>0)::bigint, v->>1, (v->>2)::timestamptz, (v->>3)::uuid
    from jsonb_array_elements($3::jsonb) as packed (v)";
const ADD_FIRINGS: &str = "
    insert into audit_alert_firings (tenant_id, alert_id, id, group_key, events, event_ids, first_at, fired_at, last_at)
    select $1, $2, (v->>0)::uuid, v->>1, (v->>2)::bigint,
        array(select e::uuid from jsonb_array_elements_text(v->3) with ordinality as event (e, place) order by place),
        (v->>4)::timestamptz, (v->>5)::timestamptz, (v->>6)::timestamptz
    from jsonb_array_elements($3::jsonb) as packed (v)
    on conflict (tenant_id, id) do update set events = excluded.events, last_at = excluded.last_at";
const UNTOLD: &str = "
    select * from audit_alert_firings
    where tenant_id = $1 and alert_id = $2 and notified_at is null order by id limit $3";
const TELL: &str = "
    update audit_alerts set notified_at = $4, next_notice_at = $5, failures = 0, last_error = null, mail_ids = $6
    where tenant_id = $1 and id = $2 and version = $3 and next_notice_at <= $4";
const TOLD: &str = "
    update audit_alert_firings set notified_at = $2
    where tenant_id = $1 and id in (select (v #>> '{}')::uuid from jsonb_array_elements($3::jsonb) as packed (v))";
const FAILED: &str = "
    update audit_alerts set failures = failures + 1, last_error = $3, next_notice_at = $4
    where tenant_id = $1 and id = $2 and version = $5";
const FORGET_MATCHES: &str = "delete from audit_alert_matches where timestamp < $1";
/// What an address was known by again goes; that it was one stays, and the event says which.
const FORGET_MARKS: &str = "
    update audit_alert_firings set group_key = '#' where group_key like '#_%' and fired_at < $1";
const FORGET: &str = "delete from audit_alert_firings where fired_at < $1";

/// A log as far as an alert has looked at it, and what it has counted.
pub(in crate::alert::service) struct Look<'a> {
    pub(in crate::alert::service) tenant: TenantId,
    pub(in crate::alert::service) alert: &'a AuditAlert,
    pub(in crate::alert::service) to: u64,
    pub(in crate::alert::service) missing: u64,
    /// What is older counts no more; none where nothing was there to look at.
    pub(in crate::alert::service) since: Option<DateTime<Utc>>,
    pub(in crate::alert::service) groups: &'a BTreeMap<String, Group>,
}

fn names<'a>(groups: impl Iterator<Item = &'a String>) -> Value {
    groups.map(|name| serde_json::json!(name)).collect::<serde_json::Value>().into()
}

fn number(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// Takes alerts whose turn it is, until `lease`: if this node dies, another takes them then.
pub(in crate::alert::service) async fn take(
    tx: PlatformTx<Housekeeping>,
    most: i64,
    lease: DateTime<Utc>,
) -> Result<Vec<(TenantId, AuditAlertId)>, DbError> {
    let rows = tx.raw_rows(DUE, [tx.seam().now().into(), most.into()]).await?;
    let key = |row: &Row| Ok((TenantId(row.get("tenant_id")?), Id::from_uuid(row.get("id")?)));
    let keys: Vec<(TenantId, AuditAlertId)> = rows.iter().map(key).collect::<Result<_, DbError>>()?;
    if !keys.is_empty() {
        let packed = packed(keys.iter().map(|(tenant, id)| [Value::from(tenant.0), (*id).into()]));
        tx.settle(LEASE, [packed, lease.into()]).await?;
    }
    Ok(keys)
}

/// What waits in these groups, and what each has fired last.
pub(in crate::alert::service) async fn groups(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditAlertId,
    groups: &mut BTreeMap<String, Group>,
) -> Result<(), DbError> {
    if groups.is_empty() {
        return Ok(());
    }
    let key = [tenant.into(), id.into(), names(groups.keys())];
    for row in conn.raw_rows(WAITING, key.clone()).await? {
        let group = groups.entry(row.get("group_key")?).or_default();
        let seq = row.get::<i64>("seq")?.unsigned_abs();
        group.waiting.push(Match { seq, event: row.get("event_id")?, at: row.get("timestamp")? });
    }
    for row in conn.raw_rows(LAST_FIRED, key).await? {
        let group = groups.entry(row.get("group_key")?).or_default();
        group.firings.push(Firing {
            id: Id::from_uuid(row.get("id")?),
            events: row.get("events")?,
            by: Vec::new(),
            first_at: row.get("first_at")?,
            fired_at: row.get("fired_at")?,
            last_at: row.get("last_at")?,
        });
    }
    Ok(())
}

/// Notes what was counted and how far the alert has looked; false if that is not where it stands any more.
pub(in crate::alert::service) async fn go_on(
    tx: PlatformTx<Housekeeping>,
    look: &Look<'_>,
    next: DateTime<Utc>,
) -> Result<bool, DbError> {
    let Look { tenant, alert, to, missing, since, groups } = look;
    let key = || [(*tenant).into(), alert.id.into()];
    let rest = [alert.cursor.into(), number(*to), number(*missing), next.into(), alert.version.into()];
    if tx.run(GO_ON, key().into_iter().chain(rest)).await? != 1 {
        return Ok(false);
    }
    if !groups.is_empty() {
        let which = [names(groups.keys()), Value::ChronoDateTimeUtc(*since)];
        tx.run(CLEAR_GROUPS, key().into_iter().chain(which)).await?;
        let waiting = groups.iter().flat_map(|(name, group)| {
            let row =
                move |new: &Match| [number(new.seq), name.as_str().into(), new.at.into(), new.event.into()];
            group.waiting.iter().map(row)
        });
        tx.run(ADD_MATCHES, key().into_iter().chain([packed(waiting)])).await?;
        let fired = groups.iter().flat_map(|(name, group)| {
            group.firings.iter().map(move |firing| {
                let by: serde_json::Value = firing.by.iter().map(Uuid::to_string).collect();
                [
                    firing.id.uuid().into(),
                    name.as_str().into(),
                    firing.events.into(),
                    by.into(),
                    firing.first_at.into(),
                    firing.fired_at.into(),
                    firing.last_at.into(),
                ]
            })
        });
        tx.run(ADD_FIRINGS, key().into_iter().chain([packed(fired)])).await?;
    }
    tx.settle("select", []).await?;
    Ok(true)
}

/// What was not told yet, the oldest first.
pub(in crate::alert::service) async fn untold(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditAlertId,
    most: i64,
) -> Result<Vec<AuditAlertFiring>, DbError> {
    let rows = conn.raw_rows(UNTOLD, [tenant.into(), id.into(), most.into()]).await?;
    rows.iter().map(super::firing).collect()
}

/// Notes that a notice has gone; false if somebody else was quicker, or has changed the alert.
pub(in crate::alert::service) async fn tell(
    conn: &TenantConn,
    tenant: TenantId,
    alert: &AuditAlert,
    (now, next): (DateTime<Utc>, DateTime<Utc>),
    mails: &[MailId],
) -> Result<bool, DbError> {
    let mails: Vec<Uuid> = mails.iter().map(|id| id.uuid()).collect();
    let values: [Value; 6] =
        [tenant.into(), alert.id.into(), alert.version.into(), now.into(), next.into(), mails.into()];
    Ok(conn.run(TELL, values).await? == 1)
}

/// Notes of which firings it was.
pub(in crate::alert::service) async fn told(
    conn: &TenantConn,
    tenant: TenantId,
    firings: &[AuditAlertFiring],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let ids: serde_json::Value = firings.iter().map(|firing| firing.id.uuid().to_string()).collect();
    conn.run_last(TOLD, [tenant.into(), now.into(), ids.into()]).await
}

pub(in crate::alert::service) async fn failed(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    alert: &AuditAlert,
    why: &str,
    next: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(FAILED, [tenant.into(), alert.id.into(), why.into(), next.into(), alert.version.into()]).await
}

/// Deletes what has fired, and what was counted, before a moment, and the marks of what has fired before another.
pub(in crate::alert::service) async fn forget(
    tx: PlatformTx<Housekeeping>,
    before: DateTime<Utc>,
    marked_before: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.run(FORGET_MARKS, [marked_before.into()]).await?;
    tx.run(FORGET_MATCHES, [before.into()]).await?;
    tx.settle(FORGET, [before.into()]).await
}

#[cfg(test)]
mod tests;
