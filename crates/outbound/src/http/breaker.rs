//! A host that is down is left alone for a while, so that nobody waits for it again and again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::Clock;

/// So many failures in a row close a host.
const FAILURES: u32 = 5;
/// How long it is left alone.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// So many hosts are remembered before those that are not paused any more are forgotten.
const MOST_HOSTS: usize = 4096;

struct Failing {
    times: u32,
    since: DateTime<Utc>,
}

/// The hosts that have failed last, by host and port.
pub(super) struct Breaker {
    clock: Clock,
    failing: Mutex<HashMap<String, Failing>>,
}

impl Breaker {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, failing: Mutex::default() }
    }

    /// Whether a host may be called. After a pause one call may try, and the others wait for what becomes of it.
    pub(super) fn admits(&self, host: &str) -> bool {
        let now = self.clock.now();
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match failing.get_mut(host) {
            Some(failed) if failed.times >= FAILURES => {
                let admits = now - failed.since >= PAUSE;
                if admits {
                    failed.since = now;
                }
                admits
            }
            _ => true,
        }
    }

    /// What became of a call.
    pub(super) fn record(&self, host: &str, is_down: bool) {
        let now = self.clock.now();
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_down {
            failing.remove(host);
            return;
        }
        if failing.len() >= MOST_HOSTS {
            failing.retain(|_, failed| now - failed.since < PAUSE);
        }
        let failed = failing.entry(host.to_owned()).or_insert(Failing { times: 0, since: now });
        failed.times = failed.times.saturating_add(1);
        failed.since = now;
    }
}

#[cfg(test)]
mod tests {
    use elder_kernel::ManualClock;

    use super::*;

    #[test]
    fn a_host_that_failed_five_times_in_a_row_is_left_alone_for_half_a_minute() {
        let time = ManualClock::new(DateTime::UNIX_EPOCH);
        let breaker = Breaker::new(Clock::new(time.clone()));
        for _ in 0..4 {
            breaker.record("a:443", true);
        }
        breaker.record("a:443", false);
        for _ in 0..5 {
            assert!(breaker.admits("a:443"), "not five in a row yet");
            breaker.record("a:443", true);
        }
        assert!(!breaker.admits("a:443"));
        assert!(breaker.admits("b:443"), "another host");
        time.advance(PAUSE);
        assert!(breaker.admits("a:443"), "one call tries");
        assert!(!breaker.admits("a:443"), "the others wait for it");
        breaker.record("a:443", true);
        time.advance(PAUSE - TimeDelta::seconds(1));
        assert!(!breaker.admits("a:443"), "it has failed again");
        time.advance(TimeDelta::seconds(1));
        assert!(breaker.admits("a:443"));
        breaker.record("a:443", false);
        assert!(breaker.admits("a:443") && breaker.admits("a:443"));
    }

    #[test]
    fn hosts_that_nobody_calls_any_more_are_forgotten() {
        let time = ManualClock::new(DateTime::UNIX_EPOCH);
        let breaker = Breaker::new(Clock::new(time.clone()));
        (0..MOST_HOSTS).for_each(|host| breaker.record(&host.to_string(), true));
        time.advance(PAUSE);
        breaker.record("last", true);
        assert_eq!(breaker.failing.lock().unwrap().len(), 1);
    }
}
