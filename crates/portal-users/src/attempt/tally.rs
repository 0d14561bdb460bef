//! How often a password was guessed wrong, and what that leads to.

use chrono::{DateTime, TimeDelta, Utc};
use elder_tenancy::settings::LockoutSettings;

/// Most failures in a row, whatever time passes between them (NIST SP 800-63B-4 §3.2.2). After them the password is good
/// for nothing until another is set.
pub(crate) const MOST_IN_A_ROW: i32 = 100;

/// The longest lock but that.
const LONGEST_LOCK: TimeDelta = TimeDelta::days(1);

/// The failures of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Those that count together towards a lock.
    pub(super) recent: i32,
    /// When the first of these was.
    pub(super) since: Option<DateTime<Utc>>,
    /// All since the password was last right or set. No lock and no time takes anything from it.
    pub(super) in_a_row: i32,
    /// Until when nothing is evaluated.
    pub(super) locked_until: Option<DateTime<Utc>>,
}

impl Tally {
    /// Whether even the right password is refused now.
    pub(super) fn is_locked(&self, now: DateTime<Utc>) -> bool {
        self.in_a_row >= MOST_IN_A_ROW || self.locked_until.is_some_and(|until| now < until)
    }

    /// The tally after one more failure.
    pub(super) fn after_failure(self, limits: &LockoutSettings, now: DateTime<Utc>) -> Self {
        let window = TimeDelta::seconds(limits.window_seconds.into());
        let since = self.since.filter(|since| now < *since + window);
        let recent = if since.is_some() { self.recent + 1 } else { 1 };
        let in_a_row = self.in_a_row.saturating_add(1);
        let most = i32::try_from(limits.max_failures).unwrap_or(MOST_IN_A_ROW);
        if recent >= most {
            // What comes after a lock counts anew towards the next one.
            let locked_until = Some(now + lock(limits, in_a_row / most));
            return Self { recent: 0, since: None, in_a_row, locked_until };
        }
        let locked_until = pause(recent).map(|pause| now + pause);
        Self { recent, since: since.or(Some(now)), in_a_row, locked_until }
    }
}

/// How long the next attempt must wait: not at all after what may be a slip of the finger.
fn pause(failures: i32) -> Option<TimeDelta> {
    match failures {
        ..=2 => None,
        3..=4 => Some(TimeDelta::seconds(1)),
        5..=6 => Some(TimeDelta::seconds(3)),
        7..=8 => Some(TimeDelta::seconds(5)),
        9.. => Some(TimeDelta::seconds(10)),
    }
}

/// How long the lock lasts that is the `number`th in a row: each twice as long as the one before.
fn lock(limits: &LockoutSettings, number: i32) -> TimeDelta {
    let doublings = u32::try_from(number.saturating_sub(1)).unwrap_or_default();
    let first = TimeDelta::seconds(limits.lock_seconds.into());
    let factor = 2_i32.checked_pow(doublings).unwrap_or(i32::MAX);
    first.checked_mul(factor).map_or(LONGEST_LOCK, |lock| lock.min(LONGEST_LOCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    /// Guesses wrong as soon as it is let, `times` times; how long each had to wait, in seconds.
    fn guess(limits: &LockoutSettings, times: usize) -> (Vec<i64>, Tally) {
        let (mut tally, mut now, mut waits) = (Tally::default(), start(), Vec::new());
        for _ in 0..times {
            tally = tally.after_failure(limits, now);
            let until = tally.locked_until.unwrap_or(now);
            waits.push((until - now).num_seconds());
            now = until;
        }
        (waits, tally)
    }

    #[test]
    fn p_10_each_failure_makes_the_next_attempt_wait_longer_until_the_lock() {
        let (waits, _) = guess(&LockoutSettings::default(), 12);
        assert_eq!(waits, [0, 0, 1, 1, 3, 3, 5, 5, 10, 900, 0, 0]);
    }

    #[test]
    fn p_10_locks_grow_to_a_day_and_the_hundredth_failure_ends_it() {
        let (waits, tally) = guess(&LockoutSettings::default(), 100);
        let locks: Vec<_> = waits.into_iter().filter(|wait| *wait > 10).collect();
        assert_eq!(locks, [900, 1_800, 3_600, 7_200, 14_400, 28_800, 57_600, 86_400, 86_400, 86_400]);
        assert!(tally.is_locked(start() + TimeDelta::days(36_500)));
        let (_, tally) = guess(&LockoutSettings::default(), 99);
        assert!(!tally.is_locked(start() + TimeDelta::days(36_500)));
    }

    #[test]
    fn p_10_slow_guesses_are_never_locked_but_end_all_the_same() {
        let limits = LockoutSettings::default();
        let (mut tally, mut now) = (Tally::default(), start());
        for _ in 0..MOST_IN_A_ROW {
            assert!(!tally.is_locked(now));
            tally = tally.after_failure(&limits, now);
            now += TimeDelta::seconds(900);
        }
        assert_eq!(tally.recent, 1);
        assert!(tally.is_locked(now));
    }

    #[test]
    fn a_lock_may_be_set_as_long_as_it_may_be() {
        let limits = LockoutSettings { max_failures: 3, window_seconds: 60, lock_seconds: 86_400 };
        let (waits, _) = guess(&limits, 99);
        assert!(waits.iter().all(|wait| *wait <= 86_400), "{waits:?}");
    }
}
