//! SQL on `audit_logs`.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use elder_access::{DbError, Found, Scope, Source, Stored, TenantConn};
use elder_kernel::{TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::event::{AuditEvent, AuditEventId, columns, read};

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

/// The moment in a `UUIDv7`.
fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

#[cfg(test)]
mod tests;
