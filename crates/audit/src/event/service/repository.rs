//! SQL on `audit_logs`.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use elder_access::{DbError, Found, PlatformConn, Row, Scope, Source, Stored, TenantConn};
use elder_api_types::UserId;
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::event::{About, AuditEvent, AuditEventId, Looked, Wanted, columns, read};

const EVENTS: Source = Source {
    table: "audit_logs",
    joins: &[],
    columns: columns!(),
    stored: &[("id", Stored::As("event_id"))],
};
const WITH_WORDS: &str = "tenant_id = $1
    and (timestamp, event_id) in (select at, id from search_audit_logs($2, $3::text::timestamptz, $4::text::timestamptz, $5))";
const COUNT_WORDS: &str = "
    select count(*) > $4::int as are_more from search_audit_logs($1, $2::text::timestamptz, $3::text::timestamptz, $4::int + 1)";
const FIND: &str = concat!(
    "select ",
    columns!(),
    ", salt from audit_logs where tenant_id = $1 and event_id = $2 and timestamp between $3 and $4"
);
/// What somebody has done and what was done to them, each by its index, together by time.
const OF_PERSON: &str = concat!(
    "select * from (
        (select ",
    columns!(),
    " from audit_logs
         where tenant_id = $1 and actor_user_id = $2 and (timestamp, event_id) > ($4, $5)
         order by timestamp, event_id limit 500)
        union all
        (select ",
    columns!(),
    " from audit_logs
         where tenant_id = $1 and resource_id = $3 and actor_user_id is distinct from $2
           and (timestamp, event_id) > ($4, $5)
         order by timestamp, event_id limit 500)
    ) e order by timestamp, event_id limit 500"
);
/// Part after part by the index of categories. No index says whom an event names: it would cost every change, and this is asked a few
/// times a year.
const NAMING: &str = concat!(
    "with part as materialized (select ",
    columns!(),
    " from audit_logs
         where tenant_id = $1 and category = $2 and (timestamp, event_id) > ($3, $4)
         order by timestamp, event_id limit 5000),
     last as (select timestamp as last_at, event_id as last_id from part order by timestamp desc, event_id desc limit 1)
     select last_at, last_id, part.* from last
     left join part on part.actor_user_id is distinct from $5 and part.resource_id is distinct from $6
         and concat_ws(' ', part.actor_ip, part.actor_user_agent, part.reason, part.changes, part.metadata) ~ $7
     order by part.timestamp, part.event_id"
);
const WITH_ADDRESS: &str = concat!(
    "select ",
    columns!(),
    " from audit_logs where tenant_id = $1 and resource_id = $2 and (changes ? 'email' or metadata ? 'email')"
);
/// Each action is read by its index as far as the page can reach: what else the time is full of, such as calls, costs nothing.
const OF_ACTIONS: &str = concat!(
    "select page.*, (select l.seq from audit_leaves l where l.tenant_id = page.tenant_id and l.event_id = page.event_id)
        as seq
    from (
        select found.* from unnest($2::text[]) as wanted (name)
        cross join lateral (
            select ",
    columns!(),
    " from audit_logs
            where tenant_id = $1 and action = wanted.name
              and (timestamp, event_id) > ($3::timestamptz, $4::uuid) and timestamp < $5::timestamptz
              and ($6::boolean or actor_user_id = any ($7::uuid[]) or impersonator_id = any ($7::uuid[])
                or organization_id = any ($8::uuid[]) or resource_id = any ($9::text[]))
            order by timestamp, event_id limit $10
        ) found
        order by found.timestamp, found.event_id limit $10
    ) page
    order by page.timestamp, page.event_id"
);
/// An event's id has its own reading of the clock, just after that of the event.
const APART: TimeDelta = TimeDelta::seconds(2);

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<AuditEvent>, DbError> {
    conn.list(&EVENTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

/// What is asked for by words.
pub(super) struct Words<'a> {
    pub(super) said: &'a str,
    pub(super) period: Period,
    /// How many events may have them.
    pub(super) most: i32,
}

/// Between which moments events are looked for; without an end where none is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) before: Option<DateTime<Utc>>,
}

impl Words<'_> {
    fn values(&self) -> [Value; 4] {
        let moment = |at: Option<DateTime<Utc>>, open: &str| {
            at.map_or_else(|| open.to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Micros, true)).into()
        };
        let Period { since, before } = self.period;
        [self.said.into(), moment(since, "-infinity"), moment(before, "infinity"), self.most.into()]
    }
}

/// Whether more events have the words than may.
pub(super) async fn are_too_common(conn: &TenantConn, words: &Words<'_>) -> Result<bool, DbError> {
    let row = conn.raw_row(COUNT_WORDS, words.values()).await?;
    row.map_or(Ok(false), |row| row.get("are_more"))
}

/// The same list of those events that have all words.
pub(super) async fn with_words(
    conn: &TenantConn,
    tenant: TenantId,
    words: &Words<'_>,
    selection: &Selection,
) -> Result<Found<AuditEvent>, DbError> {
    let values = [Value::from(tenant)].into_iter().chain(words.values());
    conn.list(&EVENTS, &Scope::of(WITH_WORDS, values), selection, read).await
}

/// Finds an event in the days that its id tells: no index over ids is needed.
pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: AuditEventId,
) -> Result<Option<(AuditEvent, Uuid)>, DbError> {
    let Some(made) = made_at(id.uuid()) else { return Ok(None) };
    let (from, to) = (made - APART, made + APART);
    let row = conn.raw_row(FIND, [tenant.into(), id.into(), from.into(), to.into()]).await?;
    row.map(|row| Ok((read(&row)?, row.get("salt")?))).transpose()
}

/// The next events by and about somebody.
pub(super) async fn of_person(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
    (at, id): (DateTime<Utc>, Uuid),
) -> Result<Vec<AuditEvent>, DbError> {
    let values = [tenant.into(), user.into(), user.to_string().into(), at.into(), id.into()];
    conn.raw_rows(OF_PERSON, values).await?.iter().map(read).collect()
}

/// What names somebody among the next events of a category.
pub(super) async fn naming(
    conn: &TenantConn,
    tenant: TenantId,
    (user, persons): (UserId, &BTreeSet<Uuid>),
    category: &str,
    (at, id): (DateTime<Utc>, Uuid),
) -> Result<Option<Looked>, DbError> {
    let keys: Vec<_> = persons.iter().map(|person| person.simple().to_string()).collect();
    let words = format!("sealed:({}):|{user}", keys.join("|"));
    let values: [Value; 7] = [
        tenant.into(),
        category.into(),
        at.into(),
        id.into(),
        user.into(),
        user.to_string().into(),
        words.into(),
    ];
    let rows = conn.raw_rows(NAMING, values).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let behind = (first.get("last_at")?, Id::from_uuid(first.get("last_id")?));
    let mut events = Vec::new();
    for row in &rows {
        // A part that names nobody has one row without an event.
        if row.get::<Option<Uuid>>("event_id")?.is_some() {
            events.push(read(row)?);
        }
    }
    Ok(Some(Looked { events, behind }))
}

/// The events about somebody that tell of an address.
pub(super) async fn with_address(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Vec<AuditEvent>, DbError> {
    conn.raw_rows(WITH_ADDRESS, [tenant.into(), user.to_string().into()]).await?.iter().map(read).collect()
}

/// The next events of some actions, with their places.
pub(super) async fn of_actions(
    conn: &TenantConn,
    tenant: TenantId,
    wanted: &Wanted,
) -> Result<Vec<(Option<u64>, AuditEvent)>, DbError> {
    let everybody = About::default();
    let About { people, organizations } = wanted.about.as_ref().unwrap_or(&everybody);
    let ids = people.iter().map(ToString::to_string).chain(organizations.iter().map(ToString::to_string));
    let names: Vec<String> = wanted.actions.iter().map(|name| (*name).to_owned()).collect();
    let values: [Value; 10] = [
        tenant.into(),
        names.into(),
        wanted.after.0.into(),
        wanted.after.1.into(),
        wanted.to.into(),
        wanted.about.is_none().into(),
        people.iter().copied().map(Id::uuid).collect::<Vec<_>>().into(),
        organizations.iter().copied().map(Id::uuid).collect::<Vec<_>>().into(),
        ids.collect::<Vec<String>>().into(),
        i64::try_from(Wanted::PAGE).unwrap_or(i64::MAX).into(),
    ];
    let placed = |row: &Row| {
        let seq: Option<i64> = row.get("seq")?;
        Ok((seq.map(i64::unsigned_abs), read(row)?))
    };
    conn.raw_rows(OF_ACTIONS, values).await?.iter().map(placed).collect()
}

/// The moment in a `UUIDv7`.
fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

#[cfg(test)]
mod tests;
