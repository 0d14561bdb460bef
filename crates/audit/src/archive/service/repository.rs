//! SQL on `audit_archives`, the keys of archives, and what is read back from them.

mod restored;

use std::{collections::HashSet, ops::Range};

use chrono::{DateTime, Months, Utc};
use elder_access::{
    DbError, Found, PlatformConn, PlatformTx, Row, Scope, Source, Stored, TenantConn, work::Housekeeping,
};
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

pub(super) use restored::{forget_restored, restore, set_restored};

use crate::{
    archive::{AuditArchive, policy::Policy},
    retention::{KEPT_TYPE, NewAuditRetention},
};

macro_rules! shown {
    () => {
        "id, to_char(month, 'YYYY-MM') as month, categories, status, events, bytes, created_at, verified_at, \
         archived_at, expired_at, restored_until"
    };
}
macro_rules! open {
    () => {
        "select tenant_id, id, to_char(month, 'YYYY-MM') as month, month::timestamp at time zone 'UTC' as begins,
            categories, status, events, first_seq, last_seq, seqs::text as places
        from audit_archives where "
    };
}
const ARCHIVES: Source = Source {
    table: "audit_archives",
    joins: &[],
    columns: shown!(),
    stored: &[("month", Stored::As("to_char(month, 'YYYY-MM')"))],
};
const ALL: &str =
    concat!("select ", shown!(), " from audit_archives where tenant_id = $1 order by month, id");
const IS_ALONE: &str = "select pg_try_advisory_xact_lock(hashtext('elder.audit_archive')) as is_alone";
const UNFINISHED: &str =
    concat!(open!(), "status in ('planned', 'written', 'verified') order by tenant_id, month, id");
const ARCHIVED: &str = concat!(open!(), "status = 'archived' order by tenant_id, month, id");
const OPEN: &str = concat!(open!(), "tenant_id = $1 and id = $2");
const READABLE: &str = concat!(
    open!(),
    "tenant_id = $1 and to_char(month, 'YYYY-MM') = $2 and status in ('verified', 'archived') order by id"
);
const POLICIES: &str = "
    select t.id, least(t.data_retention_days, $1) as maximum_days, r.days, r.categories, r.archive_after_days
    from tenants t left join audit_retention r on r.tenant_id = t.id
    where least(t.data_retention_days, $1) is not null or r.tenant_id is not null order by t.id";
/// What of a log can leave it: sealed, and not held.
macro_rules! can_go {
    () => {
        "from audit_logs e
        join audit_leaves l on l.tenant_id = e.tenant_id and l.event_id = e.event_id and l.timestamp = e.timestamp
        where e.tenant_id = $1 and e.category = any (string_to_array($2, ',')) and e.resource_type <> $3
          and not is_held(e.tenant_id, e.actor_user_id, e.impersonator_id, e.resource_id, e.organization_id)"
    };
}
const OLDEST: &str =
    concat!("select e.timestamp ", can_go!(), " and e.timestamp < $4 order by e.timestamp limit 1");
const PLAN: &str = concat!(
    "insert into audit_archives (tenant_id, id, month, categories, events, first_seq, last_seq, seqs, created_at)
    select $1, $6, ($4::timestamptz at time zone 'UTC')::date, string_to_array($2, ','), count(*), min(seq), max(seq),
        range_agg(int8range(seq, seq + 1)), $7
    from (select l.seq ",
    can_go!(),
    " and e.timestamp >= $4 and e.timestamp < $5) planned having count(*) > 0"
);
const KEY: &str = "select sealed from audit_archive_keys where tenant_id = $1";
const ADD_KEY: &str = "
    insert into audit_archive_keys (tenant_id, sealed, created_at) values ($1, $2, $3) on conflict do nothing";
const COVERING: &str = "
    select size, note from audit_checkpoints where tenant_id = $1 and size > $2 order by size limit 1";
const PLACES: &str = "
    select lower(places) as first, upper(places) as behind
    from audit_archives a, unnest(a.seqs * int8multirange(int8range($3, $4))) as places
    where a.tenant_id = $1 and a.id = $2";
const SET_WRITTEN: &str = "update audit_archives set status = $3, bytes = $4 where tenant_id = $1 and id = $2 and status = 'planned'";
const SET_PLANNED: &str =
    "update audit_archives set status = 'planned' where tenant_id = $1 and id = $2 and status = 'written'";
const SET_VERIFIED: &str = "
    update audit_archives set status = 'verified', verified_at = $3
    where tenant_id = $1 and id = $2 and status = 'written'";
const SET_ARCHIVED: &str = "
    update audit_archives set status = 'archived', archived_at = $3
    where tenant_id = $1 and id = $2 and status = 'verified'";
const SET_EXPIRED: &str = "
    update audit_archives set status = 'expired', expired_at = $3 where tenant_id = $1 and id = $2";
/// A batch of one category between two places: what is in the archive, still in the log, and not held since.
const RECORD: &str = "
    insert into audit_removals (tenant_id, id, archive_id, category, until, events, first_seq, last_seq, seqs, removed_at)
    select $1, $2, $3, category, max(timestamp) + interval '1 us', count(*), min(seq), max(seq),
        range_agg(int8range(seq, seq + 1)), $4
    from (
        select l.seq, e.category, e.timestamp
        from audit_archives a cross join unnest(a.seqs * int8multirange(int8range($6, $7))) as places
        cross join lateral (
            select l.seq, l.timestamp, l.event_id from audit_leaves l
            where l.tenant_id = $1 and l.seq >= lower(places) and l.seq < upper(places) offset 0
        ) l
        cross join lateral (
            select e.category, e.timestamp from audit_logs e
            where e.tenant_id = $1 and e.timestamp = l.timestamp and e.event_id = l.event_id
              and not is_held(e.tenant_id, e.actor_user_id, e.impersonator_id, e.resource_id, e.organization_id)
            offset 0
        ) e
        where a.tenant_id = $1 and a.id = $3
        order by e.category, l.seq limit $5
    ) here group by category order by category limit 1
    returning category, events, encode(sha256(convert_to(seqs::text, 'UTF8')), 'base64') as digest";
const HAS_HOLD: &str = "
    select exists (select from tenants where id = $1 and legal_hold)
        or exists (select from legal_holds where tenant_id = $1 and released_at is null) as has_hold";

/// An archive on its way.
pub(super) struct Open {
    pub(super) tenant: TenantId,
    pub(super) id: Uuid,
    pub(super) month: String,
    /// The end of the month.
    pub(super) end: DateTime<Utc>,
    pub(super) categories: Vec<String>,
    pub(super) status: String,
    pub(super) events: u64,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) places: String,
}

impl Open {
    /// The name of the object.
    pub(super) fn object(&self) -> String {
        format!("{}/{}/{}.ndjson.zst.sealed", self.tenant, self.month, self.id)
    }
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<AuditArchive>, DbError> {
    conn.list(&ARCHIVES, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

pub(super) async fn all(conn: &PlatformConn, tenant: TenantId) -> Result<Vec<AuditArchive>, DbError> {
    conn.raw_rows(ALL, [tenant.into()]).await?.iter().map(shown).collect()
}

fn shown(row: &Row) -> Result<AuditArchive, DbError> {
    Ok(AuditArchive {
        id: Id::from_uuid(row.get("id")?),
        month: row.get("month")?,
        categories: row.get("categories")?,
        status: row.get("status")?,
        events: row.get("events")?,
        bytes: row.get("bytes")?,
        created_at: row.get("created_at")?,
        verified_at: row.get("verified_at")?,
        archived_at: row.get("archived_at")?,
        expired_at: row.get("expired_at")?,
        restored_until: row.get("restored_until")?,
    })
}

/// Lets one process at a time archive, until the end of the transaction.
pub(super) async fn is_alone(conn: &PlatformConn) -> Result<bool, DbError> {
    conn.raw_row(IS_ALONE, []).await?.map_or(Ok(false), |row| row.get("is_alone"))
}

pub(super) async fn unfinished(conn: &PlatformConn) -> Result<Vec<Open>, DbError> {
    conn.raw_rows(UNFINISHED, []).await?.iter().map(read_open).collect()
}

pub(super) async fn archived(conn: &PlatformConn) -> Result<Vec<Open>, DbError> {
    conn.raw_rows(ARCHIVED, []).await?.iter().map(read_open).collect()
}

pub(super) async fn open(conn: &PlatformConn, tenant: TenantId, id: Uuid) -> Result<Option<Open>, DbError> {
    conn.raw_row(OPEN, [tenant.into(), id.into()]).await?.as_ref().map(read_open).transpose()
}

/// The archives of a month that can be read.
pub(super) async fn readable(
    conn: &PlatformConn,
    tenant: TenantId,
    month: &str,
) -> Result<Vec<Open>, DbError> {
    conn.raw_rows(READABLE, [tenant.into(), month.into()]).await?.iter().map(read_open).collect()
}

fn number(row: &Row, column: &str) -> Result<u64, DbError> {
    Ok(row.get::<i64>(column)?.unsigned_abs())
}

fn read_open(row: &Row) -> Result<Open, DbError> {
    let begins: DateTime<Utc> = row.get("begins")?;
    Ok(Open {
        tenant: TenantId(row.get("tenant_id")?),
        id: row.get("id")?,
        month: row.get("month")?,
        end: begins.checked_add_months(Months::new(1)).unwrap_or(begins),
        categories: row.get("categories")?,
        status: row.get("status")?,
        events: number(row, "events")?,
        first: number(row, "first_seq")?,
        last: number(row, "last_seq")?,
        places: row.get("places")?,
    })
}

/// How long the events of those tenants are kept that have said something, or of whom the operator or the
/// licence has.
pub(super) async fn policies(conn: &PlatformConn, licensed: Option<i32>) -> Result<Vec<Policy>, DbError> {
    let days = |row: &Row, column: &str| -> Result<Option<u32>, DbError> {
        Ok(row.get::<Option<i32>>(column)?.and_then(|days| u32::try_from(days).ok()))
    };
    let policy = |row: &Row| {
        let categories: Option<serde_json::Value> = row.get("categories")?;
        let categories =
            categories.map_or(Ok(<_>::default()), serde_json::from_value).map_err(DbError::defect)?;
        Ok(Policy {
            tenant: TenantId(row.get("id")?),
            after_days: days(row, "archive_after_days")?,
            asked: NewAuditRetention { days: days(row, "days")?, categories, archive_after_days: None },
            maximum: days(row, "maximum_days")?,
        })
    };
    conn.raw_rows(POLICIES, [licensed.into()]).await?.iter().map(policy).collect()
}

/// When the oldest event of before `due` happened that can be archived.
pub(super) async fn oldest(
    conn: &PlatformConn,
    tenant: TenantId,
    categories: &[&str],
    due: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbError> {
    let values = [tenant.into(), categories.join(",").into(), KEPT_TYPE.into(), due.into()];
    conn.raw_row(OLDEST, values).await?.map(|row| row.get("timestamp")).transpose()
}

pub(super) async fn plan(
    tx: PlatformTx<Housekeeping>,
    (tenant, id): (TenantId, Uuid),
    categories: &[&str],
    month: Range<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let values: [Value; 7] = [
        tenant.into(),
        categories.join(",").into(),
        KEPT_TYPE.into(),
        month.start.into(),
        month.end.into(),
        id.into(),
        now.into(),
    ];
    tx.settle(PLAN, values).await
}

/// The key of a tenant's archives, sealed.
pub(super) async fn key(conn: &PlatformConn, tenant: TenantId) -> Result<Option<Vec<u8>>, DbError> {
    conn.raw_row(KEY, [tenant.into()]).await?.map(|row| row.get("sealed")).transpose()
}

pub(super) async fn add_key(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    sealed: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(ADD_KEY, [tenant.into(), sealed.into(), now.into()]).await
}

/// The first checkpoint over all events of an archive.
pub(super) async fn covering(conn: &PlatformConn, open: &Open) -> Result<Option<(u64, String)>, DbError> {
    let row = conn.raw_row(COVERING, [open.tenant.into(), signed(open.last).into()]).await?;
    row.map(|row| Ok((number(&row, "size")?, row.get("note")?))).transpose()
}

/// Which of some leaves are planned.
pub(super) async fn places(
    conn: &PlatformConn,
    open: &Open,
    leaves: Range<u64>,
) -> Result<HashSet<u64>, DbError> {
    let values = [open.tenant.into(), open.id.into(), signed(leaves.start).into(), signed(leaves.end).into()];
    let mut places = HashSet::new();
    for row in conn.raw_rows(PLACES, values).await? {
        places.extend(number(&row, "first")?..number(&row, "behind")?);
    }
    Ok(places)
}

pub(super) async fn set_written(
    tx: PlatformTx<Housekeeping>,
    open: &Open,
    bytes: usize,
) -> Result<(), DbError> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let values = [open.tenant.into(), open.id.into(), open.status.as_str().into(), bytes.into()];
    tx.settle(SET_WRITTEN, values).await
}

pub(super) async fn set_planned(tx: PlatformTx<Housekeeping>, open: &Open) -> Result<(), DbError> {
    tx.settle(SET_PLANNED, [open.tenant.into(), open.id.into()]).await
}

pub(super) async fn set_verified(
    tx: PlatformTx<Housekeeping>,
    open: &Open,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(SET_VERIFIED, [open.tenant.into(), open.id.into(), now.into()]).await
}

pub(super) async fn set_archived(
    tx: PlatformTx<Housekeeping>,
    open: &Open,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(SET_ARCHIVED, [open.tenant.into(), open.id.into(), now.into()]).await
}

pub(super) async fn set_expired(conn: &PlatformConn, open: &Open, now: DateTime<Utc>) -> Result<(), DbError> {
    conn.run_last(SET_EXPIRED, [open.tenant.into(), open.id.into(), now.into()]).await
}

/// Records a batch of what leaves the log for an archive: its category, how many, the hash over the places.
pub(super) async fn record(
    conn: &PlatformConn,
    removal: Uuid,
    open: &Open,
    (now, most): (DateTime<Utc>, i64),
    places: Range<u64>,
) -> Result<Option<(String, i64, String)>, DbError> {
    let values = [open.tenant.into(), removal.into(), open.id.into(), now.into(), most.into()];
    let places = [signed(places.start).into(), signed(places.end).into()];
    let row = conn.raw_row(RECORD, values.into_iter().chain(places)).await?;
    row.map(|row| Ok((row.get("category")?, row.get("events")?, row.get("digest")?))).transpose()
}

/// Whether anything in a tenant is on hold: without opening an archive nobody knows of whom it tells.
pub(super) async fn has_hold(conn: &PlatformConn, tenant: TenantId) -> Result<bool, DbError> {
    conn.raw_row(HAS_HOLD, [tenant.into()]).await?.map_or(Ok(false), |row| row.get("has_hold"))
}

/// Numbers of leaves are far from the end of either type.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
