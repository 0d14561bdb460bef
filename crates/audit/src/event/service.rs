//! What is found of events.

mod repository;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{
    Authority, DbError, Found, PlatformTx, TenantTx,
    markers::{AuditRead, ComplianceRead},
    work::Housekeeping,
};
use elder_api_types::UserId;
use elder_kernel::{
    Limit, TenantId,
    collection::{Asked, Condition, Operand, Selection},
    filter::Compare,
    normalise_email,
};
use repository::{Period, Words};
use uuid::Uuid;

use super::{AuditEvent, AuditEventId, AuditEvents, Wanted};
use crate::Error;

/// Events that a search for words may find: so much is read for each page.
const MOST_WITH_WORDS: i32 = 10_000;

/// A page of events; those that have all words, if some are wanted.
pub(crate) async fn found(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
    words: Option<&str>,
) -> Result<Found<AuditEvent>, Error> {
    let mut found = match words {
        Some(words) => with_words(tx, selection, words).await?,
        None => repository::list(tx, tx.tenant(), selection).await?,
    };
    tx.open_personal(&mut found.rows).await?;
    Ok(found)
}

async fn with_words(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
    words: &str,
) -> Result<Found<AuditEvent>, Error> {
    let words = Words { said: words, period: period(selection.condition.as_ref()), most: MOST_WITH_WORDS };
    if repository::are_too_common(tx, &words).await? {
        return Err(Error::TooCommon(MOST_WITH_WORDS));
    }
    Ok(repository::with_words(tx, tx.tenant(), &words, selection).await?)
}

/// Between which moments a condition can hold at all, as far as that is easily seen.
fn period(condition: Option<&Condition>) -> Period {
    match condition {
        Some(Condition::All(parts)) => parts.iter().fold(Period::default(), |period, part| {
            let part = self::period(Some(part));
            Period { since: period.since.max(part.since), before: earlier(period.before, part.before) }
        }),
        Some(Condition::Compare(field, how, Operand::Time(time))) if field.name == "timestamp" => match how {
            Compare::Greater | Compare::GreaterOrEqual => Period { since: Some(*time), before: None },
            // The end itself is not in a period, and may be in what is asked for.
            Compare::Less | Compare::LessOrEqual | Compare::Equal => {
                let since = (*how == Compare::Equal).then_some(*time);
                Period { since, before: time.checked_add_signed(TimeDelta::microseconds(1)) }
            }
            _ => Period::default(),
        },
        _ => Period::default(),
    }
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    [one, other].into_iter().flatten().min()
}

pub(super) async fn get(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<AuditEvent, Error> {
    let (mut event, _) = salted(tx, id).await?;
    tx.open_personal([&mut event]).await?;
    Ok(event)
}

/// An event as it was sealed, with its salt.
pub(crate) async fn salted(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<(AuditEvent, Uuid), Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// A place in a list of events: behind a moment and an id.
type Behind = Option<(DateTime<Utc>, AuditEventId)>;

fn place(behind: Behind) -> (DateTime<Utc>, Uuid) {
    behind.map_or((DateTime::UNIX_EPOCH, Uuid::nil()), |(at, id)| (at, id.uuid()))
}

/// The next events that somebody has done or that were done to them, with what is their own opened: `persons` are the numbers of
/// their keys.
///
/// # Errors
/// [`DbError`].
pub async fn of_person<A: Authority>(
    tx: &TenantTx<A>,
    user: UserId,
    persons: &BTreeSet<Uuid>,
    behind: Behind,
) -> Result<Vec<AuditEvent>, DbError> {
    let mut events = repository::of_person(tx, tx.tenant(), user, place(behind)).await?;
    tx.open_own(persons, &mut events).await?;
    Ok(events)
}

/// What was found in a part of the log.
#[derive(Debug)]
pub struct Looked {
    /// The events that name the person.
    pub events: Vec<AuditEvent>,
    /// Up to where was looked.
    pub behind: (DateTime<Utc>, AuditEventId),
}

/// Looks through the next events of a category for those of others that name somebody: by their id, or by what is sealed under
/// their keys. What is their own is opened. None behind the last event.
///
/// # Errors
/// [`DbError`].
pub async fn naming<A: Authority>(
    tx: &TenantTx<A>,
    user: UserId,
    persons: &BTreeSet<Uuid>,
    category: &str,
    behind: Behind,
) -> Result<Option<Looked>, DbError> {
    let looked = repository::naming(tx, tx.tenant(), (user, persons), category, place(behind)).await?;
    let Some(mut looked) = looked else { return Ok(None) };
    tx.open_own(persons, &mut looked.events).await?;
    Ok(Some(looked))
}

/// The addresses that events tell of somebody, as they are compared: those that were theirs, too.
///
/// # Errors
/// [`DbError`].
pub async fn addresses_of<A: Authority>(
    tx: &PlatformTx<A>,
    tenant: TenantId,
    user: UserId,
) -> Result<BTreeSet<String>, DbError> {
    let mut events = repository::with_address(tx, tenant, user).await?;
    tx.open_personal(events.iter_mut().map(|event| (tenant, event))).await?;
    let told = events.iter().flat_map(|event| {
        let changed = ["before", "after"].map(|side| event.changes.pointer(&format!("/email/{side}")));
        changed.into_iter().flatten().chain(event.metadata.get("email"))
    });
    Ok(told.filter_map(|address| normalise_email(address.as_str()?)).collect())
}

/// The events that a filter lets through, the oldest first.
pub(crate) fn selected(filter: Option<&str>) -> Result<Selection, Error> {
    let asked = Asked {
        filter: filter.map(str::to_owned),
        sort: Some("timestamp".to_owned()),
        limit: Limit::LARGEST,
        ..Asked::default()
    };
    Ok(Selection::read::<AuditEvents>(&asked)?)
}

/// Who reads the log to tell of it elsewhere.
pub trait ReadsLog: Authority {}
impl ReadsLog for Housekeeping {}
impl ReadsLog for ComplianceRead {}

/// The next events of some actions, the oldest first, each with its place in the log if it has one. As many as there are,
/// up to [`Wanted::PAGE`].
///
/// # Errors
/// [`DbError`].
pub async fn of_actions<A: ReadsLog>(
    tx: &TenantTx<A>,
    wanted: &Wanted,
) -> Result<Vec<(Option<u64>, AuditEvent)>, DbError> {
    let mut found = repository::of_actions(tx, tx.tenant(), wanted).await?;
    tx.open_personal(found.iter_mut().map(|(_, event)| event)).await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_as_narrow_as_what_must_hold_and_no_narrower() {
        let (one, two) = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
        let period = |filter: &str| {
            let filter = filter.replace("ONE", one).replace("TWO", two);
            let found = period(selected(Some(&filter)).unwrap().condition.as_ref());
            (found.since.map(|at| at.to_rfc3339()), found.before.map(|at| at.to_rfc3339()))
        };
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap().to_rfc3339());
        let after = |text: &str| {
            Some((text.parse::<DateTime<Utc>>().unwrap() + TimeDelta::microseconds(1)).to_rfc3339())
        };
        assert_eq!(period("timestamp ge \"ONE\" and timestamp lt \"TWO\""), (at(one), after(two)));
        let nested =
            "action pr and (timestamp gt \"ONE\" and (timestamp ge \"TWO\" and timestamp le \"TWO\"))";
        assert_eq!(period(nested), (at(two), after(two)));
        assert_eq!(period("timestamp eq \"ONE\""), (at(one), after(one)));
        for open in
            ["timestamp ge \"TWO\" or action pr", "not (timestamp ge \"TWO\")", "timestamp ne \"ONE\""]
        {
            assert_eq!(period(open), (None, None), "{open}");
        }
    }
}
