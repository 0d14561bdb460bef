//! How much a bucket holds and how fast it refills: the generic cell rate algorithm (ITU-T I.371, annex A).
//!
//! A bucket is one number, its theoretical arrival time: the moment at which it is full again. Times are whole
//! microseconds since 1970, which Lua's numbers hold exactly until the year 2255.

use std::{num::NonZeroU32, time::Duration};

/// So many requests in a window, of which a part may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests in a window.
    pub rate: NonZeroU32,
    /// The window.
    pub window: Duration,
    /// What a full bucket holds: requests that may come at once.
    pub burst: NonZeroU32,
}

impl Quota {
    /// So many requests a minute; `burst` is for how long a silent caller's budget is saved up.
    pub fn per_minute(rate: NonZeroU32, burst: Duration) -> Self {
        let saved = u128::from(rate.get()) * burst.as_millis() / 60_000;
        let saved = NonZeroU32::new(u32::try_from(saved).unwrap_or(u32::MAX));
        Self { rate, window: Duration::from_mins(1), burst: saved.unwrap_or(NonZeroU32::MIN) }
    }

    /// The same, but at no more than this rate.
    #[must_use]
    pub fn at_most(self, rate: NonZeroU32) -> Self {
        Self { rate: self.rate.min(rate), burst: self.burst.min(rate), ..self }
    }

    /// The time in which one unit comes back.
    pub(crate) fn unit(&self) -> i64 {
        (micros(self.window) / i64::from(self.rate.get())).max(1)
    }

    /// The time in which an empty bucket becomes full.
    pub(crate) fn full(&self) -> i64 {
        self.worth(self.burst.get())
    }

    /// The arrival time as it may be: not past, and no later than an empty bucket's, should a clock have been put
    /// back or the quota been made smaller.
    pub(crate) fn within(&self, arrival: i64, now: i64) -> i64 {
        arrival.clamp(now, now + self.full())
    }

    /// What so many units are worth.
    pub(crate) fn worth(&self, units: u32) -> i64 {
        self.unit() * i64::from(units)
    }

    /// The arrival time once the units are spent, or the time until they are there to spend. More than a full bucket
    /// holds is never there.
    pub(crate) fn spend(&self, units: u32, arrival: i64, now: i64) -> Result<i64, i64> {
        let spent = arrival + self.worth(units);
        let missing = spent - now - self.full();
        if missing > 0 { Err(missing) } else { Ok(spent) }
    }

    /// The units in the bucket.
    pub(crate) fn remaining(&self, arrival: i64, now: i64) -> u64 {
        u64::try_from((self.full() - (arrival - now)) / self.unit()).unwrap_or_default()
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn quota(rate: u32, burst: u64) -> Quota {
        Quota::per_minute(NonZeroU32::new(rate).unwrap(), Duration::from_secs(burst))
    }

    #[test]
    fn a_burst_is_the_budget_of_its_time_and_never_nothing() {
        assert_eq!(quota(1_000, 60).burst.get(), 1_000);
        assert_eq!(quota(1_000, 12).burst.get(), 200);
        assert_eq!(quota(1, 12).burst.get(), 1);
        assert_eq!(quota(u32::MAX, 3_600).burst.get(), u32::MAX);
    }

    #[test]
    fn a_full_bucket_gives_its_burst_at_once_and_then_one_unit_at_a_time() {
        let (quota, now) = (quota(60, 3), 100 * SECOND);
        let mut arrival = now;
        for left in [2, 1, 0] {
            arrival = quota.spend(1, arrival, now).unwrap();
            assert_eq!(quota.remaining(arrival, now), left);
        }
        assert_eq!(quota.spend(1, arrival, now), Err(SECOND));
        assert_eq!(quota.spend(1, arrival, now + SECOND - 1), Err(1));
        assert_eq!(quota.spend(1, arrival, now + SECOND), Ok(arrival + SECOND));
    }

    #[test]
    fn several_units_are_spent_together_or_not_at_all() {
        let (quota, now) = (quota(60, 3), 100 * SECOND);
        assert_eq!(quota.spend(3, now, now), Ok(now + 3 * SECOND));
        assert_eq!(quota.spend(4, now, now), Err(SECOND));
        assert_eq!(quota.spend(2, now + 2 * SECOND, now), Err(SECOND));
    }

    #[test]
    fn what_was_not_used_is_saved_up_to_the_burst_and_no_further() {
        let (quota, now) = (quota(60, 3), 100 * SECOND);
        assert_eq!(quota.within(5, now), now);
        assert_eq!(quota.remaining(quota.within(5, now), now), 3);
    }

    #[test]
    fn a_clock_that_is_put_back_locks_nobody_out_for_longer_than_an_empty_bucket() {
        let (quota, now) = (quota(60, 3), 100 * SECOND);
        let arrival = quota.within(now + 3_600 * SECOND, now);
        assert_eq!(quota.spend(1, arrival, now), Err(SECOND));
    }
}
