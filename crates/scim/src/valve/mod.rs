//! The safety valve: a directory that would take too many people away within an hour is paused instead.

pub(crate) mod service;

use chrono::TimeDelta;

/// For how long those who went are counted. Who came within this time may go again: a provider tries things out, and
/// takes back what it has just done.
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// As many may always go: in a small directory every single one is a large share.
const ALWAYS: u64 = 10;
/// After how many seconds a provider may ask again whether the directory is open.
pub(crate) const RETRY_AFTER: u32 = 300;

/// Whether so many of so many people may go within the time.
const fn may_go(removed: u64, people: u64, percent: u64) -> bool {
    removed <= ALWAYS || removed * 100 <= percent * people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_may_always_go_and_of_many_people_a_share() {
        for (removed, people, percent) in
            [(1, 1, 1), (10, 10, 20), (11, 55, 20), (200, 1000, 20), (1000, 1000, 100)]
        {
            assert!(may_go(removed, people, percent), "{removed} of {people} at {percent} %");
        }
        for (removed, people, percent) in [(11, 54, 20), (11, 12, 20), (201, 1000, 20), (999, 1000, 99)] {
            assert!(!may_go(removed, people, percent), "{removed} of {people} at {percent} %");
        }
    }
}
