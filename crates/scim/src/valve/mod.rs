//! The safety valve: a directory that would take too many people away within an hour is paused instead.

pub(crate) mod service;

use chrono::TimeDelta;

/// For how long those who went are counted. Who came within this time may go again: a provider tries things out, and
/// takes back what it has just done.
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// As many may always go: in a small directory every single one is a large share.
const ALWAYS: u64 = 10;
/// How many pushes may be at it at the same time without having seen each other: each holds a connection to the
/// database, and PostgreSQL lends a hundred unless it is told otherwise.
const AT_ONCE: u64 = 128;
/// After how many seconds a provider may ask again whether the directory is open.
pub(crate) const RETRY_AFTER: u32 = 300;

/// How many people a directory must have for so many of them to go.
const fn enough(removed: u64, percent: u64) -> u64 {
    if removed <= ALWAYS { 0 } else { (removed * 100).div_ceil(percent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_may_always_go_and_of_many_people_a_share() {
        for (removed, people, percent) in
            [(1, 1, 1), (10, 10, 20), (11, 55, 20), (200, 1000, 20), (1000, 1000, 100)]
        {
            assert!(people >= enough(removed, percent), "{removed} of {people} at {percent} %");
        }
        for (removed, people, percent) in [(11, 54, 20), (11, 12, 20), (201, 1000, 20), (999, 1000, 99)] {
            assert!(people < enough(removed, percent), "{removed} of {people} at {percent} %");
        }
    }
}
