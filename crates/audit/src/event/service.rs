//! What is found of events.

mod repository;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{Found, TenantTx, markers::AuditRead};
use elder_kernel::{
    Limit,
    collection::{Asked, Condition, Operand, Selection},
    filter::Compare,
};
use repository::{Period, Words};
use uuid::Uuid;

use super::{AuditEvent, AuditEventId, AuditEvents};
use crate::Error;

/// Events that a search for words may find: so much is read for each page.
const MOST_WITH_WORDS: i32 = 10_000;

/// A page of events; those that have all words, if some are wanted.
pub(crate) async fn found(
    tx: &TenantTx<AuditRead>,
    selection: &Selection,
    words: Option<&str>,
) -> Result<Found<AuditEvent>, Error> {
    let Some(words) = words else { return Ok(repository::list(tx, tx.tenant(), selection).await?) };
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
    Ok(salted(tx, id).await?.0)
}

/// An event with its salt.
pub(crate) async fn salted(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<(AuditEvent, Uuid), Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
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
