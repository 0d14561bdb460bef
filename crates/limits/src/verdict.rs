//! What becomes of a request: how its buckets stand, and which of them refuses it.

use std::time::Duration;

use crate::{Bucket, Quota};

/// How a bucket stands once the request was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The policy.
    pub policy: &'static str,
    /// How large the bucket is.
    pub quota: Quota,
    /// Requests that may come at once.
    pub remaining: u64,
    /// When the bucket is full again; of one that refuses, when it gives again.
    pub reset: Duration,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The policy whose bucket gives last.
    pub policy: &'static str,
    /// How large the bucket is.
    pub quota: Quota,
    /// When it gives again.
    pub retry_after: Duration,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Every bucket, in the order in which they were named.
    pub standings: Vec<Standing>,
    /// None if the request may go on.
    pub refusal: Option<Refusal>,
}

impl Verdict {
    /// Judges by the arrival times that the buckets had before.
    pub(crate) fn judge(buckets: &[Bucket], units: u32, arrivals: &[i64], now: i64) -> Self {
        let judged = || buckets.iter().zip(arrivals).map(|(bucket, arrival)| (bucket, *arrival));
        let missing = judged().filter_map(|(bucket, arrival)| {
            bucket.quota.spend(units, arrival, now).err().map(|missing| (bucket, missing))
        });
        let refusal = missing.max_by_key(|(_, missing)| *missing).map(|(bucket, missing)| Refusal {
            policy: bucket.policy,
            quota: bucket.quota,
            retry_after: duration(missing),
        });
        let standing = |(bucket, arrival): (&Bucket, i64)| {
            let (arrival, reset) = match bucket.quota.spend(units, arrival, now) {
                Ok(spent) if refusal.is_none() => (spent, spent - now),
                Ok(_) => (arrival, arrival - now),
                Err(missing) => (arrival, missing),
            };
            let remaining = bucket.quota.remaining(arrival, now);
            Standing { policy: bucket.policy, quota: bucket.quota, remaining, reset: duration(reset) }
        };
        Self { standings: judged().map(standing).collect(), refusal }
    }

    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        self.refusal.is_none()
    }
}

fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
