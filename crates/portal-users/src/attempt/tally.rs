//! How often a password was guessed wrong, and what that leads to.

use chrono::{DateTime, TimeDelta, Utc};
use elder_api_types::DeviceId;
use elder_tenancy::settings::LockoutSettings;

/// Most failures in a row, whatever time passes between them (NIST SP 800-63B-4 §3.2.2). After them the password is good
/// for nothing until another is set.
const MOST_IN_A_ROW: i32 = 100;

/// Most of these that devices may cause with which nobody has signed in to the account. The rest is left to those of its
/// owner, so that no stranger can keep them out for good.
pub(crate) const MOST_BY_STRANGERS: i32 = 90;

/// The longest lock but that.
const LONGEST_LOCK: TimeDelta = TimeDelta::days(1);

/// The failures that an attempt is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tallies {
    /// Those of the account: what strangers failed at, but `in_a_row` counts all.
    pub(super) account: Tally,
    /// The device of the account that the attempt comes from, and what failed there.
    pub(super) device: Option<(DeviceId, Tally)>,
}

/// The failures of an account, or of one of its devices.
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

impl Tallies {
    /// Whether even the right password is refused now. A lock that strangers have caused does not bind a device of the
    /// account.
    pub(super) fn are_locked(&self, now: DateTime<Utc>) -> bool {
        match self.device {
            Some((_, device)) => self.account.in_a_row >= MOST_IN_A_ROW || device.waits(now),
            None => self.account.in_a_row >= MOST_BY_STRANGERS || self.account.waits(now),
        }
    }

    /// The tallies after one more failure. One on a device of the account locks that device alone, but counts in the row
    /// of all: else whoever got hold of the device could guess on past the most.
    pub(super) fn after_failure(self, limits: &LockoutSettings, now: DateTime<Utc>) -> Self {
        let Self { account, device } = self;
        let Some((id, device)) = device else {
            return Self { account: account.after_failure(limits, now), device: None };
        };
        Self {
            account: Tally { in_a_row: account.in_a_row.saturating_add(1), ..account },
            device: Some((id, device.after_failure(limits, now))),
        }
    }

    /// Until when strangers are locked out by the failure that was just counted, if it was the last that was too many.
    pub(super) fn lock_begun(&self) -> Option<DateTime<Utc>> {
        self.account.locked_until.filter(|_| self.device.is_none() && self.account.recent == 0)
    }
}

impl Tally {
    fn waits(&self, now: DateTime<Utc>) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// The tally after one more failure.
    fn after_failure(self, limits: &LockoutSettings, now: DateTime<Utc>) -> Self {
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
    fn guess(limits: &LockoutSettings, tallies: Tallies, times: usize) -> (Vec<i64>, Tallies) {
        let (mut tallies, mut now, mut waits) = (tallies, start(), Vec::new());
        for _ in 0..times {
            tallies = tallies.after_failure(limits, now);
            let tally = tallies.device.map_or(tallies.account, |(_, device)| device);
            let until = tally.locked_until.unwrap_or(now);
            waits.push((until - now).num_seconds());
            now = until;
        }
        (waits, tallies)
    }

    fn by_strangers(limits: &LockoutSettings, times: usize) -> (Vec<i64>, Tallies) {
        guess(limits, Tallies::default(), times)
    }

    /// The same account, as an attempt from a device of its owner finds it.
    fn with_device(tallies: Tallies) -> Tallies {
        Tallies { device: Some((DeviceId::from_uuid(uuid::Uuid::nil()), Tally::default())), ..tallies }
    }

    fn far_off() -> DateTime<Utc> {
        start() + TimeDelta::days(36_500)
    }

    #[test]
    fn p_10_each_failure_makes_the_next_attempt_wait_longer_until_the_lock() {
        let (waits, _) = by_strangers(&LockoutSettings::default(), 12);
        assert_eq!(waits, [0, 0, 1, 1, 3, 3, 5, 5, 10, 900, 0, 0]);
    }

    #[test]
    fn p_10_locks_grow_to_a_day_and_the_ninetieth_failure_ends_it_for_strangers() {
        let (waits, tallies) = by_strangers(&LockoutSettings::default(), 90);
        let locks: Vec<_> = waits.into_iter().filter(|wait| *wait > 10).collect();
        assert_eq!(locks, [900, 1_800, 3_600, 7_200, 14_400, 28_800, 57_600, 86_400, 86_400]);
        assert!(tallies.are_locked(far_off()));
        let (_, tallies) = by_strangers(&LockoutSettings::default(), 89);
        assert!(!tallies.are_locked(far_off()));
    }

    #[test]
    fn p_10_slow_guesses_are_never_locked_but_end_all_the_same() {
        let limits = LockoutSettings::default();
        let (mut tallies, mut now) = (Tallies::default(), start());
        for _ in 0..MOST_BY_STRANGERS {
            assert!(!tallies.are_locked(now));
            tallies = tallies.after_failure(&limits, now);
            now += TimeDelta::seconds(900);
        }
        assert_eq!(tallies.account.recent, 1);
        assert!(tallies.are_locked(now));
    }

    #[test]
    fn p_12_strangers_lock_no_device_of_the_owner_out() {
        let limits = LockoutSettings::default();
        for failures in [10, 90] {
            let (_, tallies) = by_strangers(&limits, failures);
            assert!(tallies.are_locked(start()) && !with_device(tallies).are_locked(start()), "{failures}");
        }
    }

    #[test]
    fn p_10_no_device_is_a_way_past_the_hundred() {
        let limits = LockoutSettings::default();
        let (_, tallies) = by_strangers(&limits, 90);
        let (waits, tallies) = guess(&limits, with_device(tallies), 10);
        assert_eq!(waits, [0, 0, 1, 1, 3, 3, 5, 5, 10, 900], "a device is slowed down like a stranger");
        assert!(tallies.are_locked(far_off()));
        assert!(with_device(tallies).are_locked(far_off()), "nor is another device");
        let (_, tallies) = guess(&limits, with_device(Tallies::default()), 100);
        assert!(tallies.are_locked(far_off()));
    }

    #[test]
    fn failures_on_a_device_lock_no_other() {
        let (_, tallies) = guess(&LockoutSettings::default(), with_device(Tallies::default()), 10);
        assert!(tallies.are_locked(start() + TimeDelta::seconds(60)));
        assert!(!Tallies { device: None, ..tallies }.are_locked(start() + TimeDelta::seconds(60)));
    }

    #[test]
    fn a_lock_begins_once() {
        let limits = LockoutSettings::default();
        let begun = |failures| by_strangers(&limits, failures).1.lock_begun().is_some();
        assert_eq!([9, 10, 11].map(begun), [false, true, false]);
    }

    #[test]
    fn a_lock_may_be_set_as_long_as_it_may_be() {
        let limits = LockoutSettings { max_failures: 3, window_seconds: 60, lock_seconds: 86_400 };
        let (waits, _) = by_strangers(&limits, 99);
        assert!(waits.iter().all(|wait| *wait <= 86_400), "{waits:?}");
    }
}
