//! SQL on `audit_logs`.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::event::{About, AuditEvent, AuditEventId, Wanted, columns, read};

const EVENTS: Source = Source {
    table: "audit_logs",
    joins: &[],
    columns: columns!(),
    stored: &[("id", Stored::As("event_id"))],
};
const FIND: &str = concat!(
    "select ",
    columns!(),
    ", salt from audit_logs where tenant_id = $1 and event_id = $2 and timestamp between $3 and $4"
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
