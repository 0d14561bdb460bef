//! The buckets that a node keeps for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{Bucket, Subject, Verdict};

type Key = (&'static str, Subject);

/// Arrival times by bucket. A bucket that is not there is full.
#[derive(Debug)]
pub struct Memory {
    arrivals: Mutex<HashMap<Key, i64>>,
    most: usize,
}

impl Memory {
    /// Room for so many buckets.
    pub fn new(most: usize) -> Self {
        Self { arrivals: Mutex::default(), most }
    }

    /// Takes so many units of each bucket, or nothing of any. `now` is in microseconds since 1970.
    pub fn take(&self, buckets: &[Bucket], units: u32, now: i64) -> Verdict {
        let mut kept = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        let key = |bucket: &Bucket| (bucket.policy, bucket.subject);
        let arrival =
            |bucket: &Bucket| bucket.quota.within(kept.get(&key(bucket)).copied().unwrap_or(now), now);
        let arrivals: Vec<i64> = buckets.iter().map(arrival).collect();
        let verdict = Verdict::judge(buckets, units, &arrivals, now);
        if verdict.is_allowed() {
            if kept.len() + buckets.len() > self.most {
                forget(&mut kept, now);
            }
            let spent = buckets.iter().zip(arrivals);
            kept.extend(spent.map(|(bucket, arrival)| (key(bucket), arrival + bucket.quota.worth(units))));
        }
        verdict
    }
}

/// Makes room: buckets that are full again tell nothing, and of the others the half that will be full first goes.
/// Who fills the memory with names of their own thereby forgets those before those of a caller who is held back.
fn forget(kept: &mut HashMap<Key, i64>, now: i64) {
    let mut arrivals: Vec<i64> = kept.values().copied().collect();
    let middle = arrivals.len() / 2;
    if middle < arrivals.len() {
        let (_, median, _) = arrivals.select_nth_unstable(middle);
        let bound = now.max(*median);
        kept.retain(|_, arrival| *arrival > bound);
    }
}

#[cfg(test)]
mod tests;
