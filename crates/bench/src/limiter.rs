//! What the rate limit costs in a node's memory, beside the look-ups that no limiter can do without.

use std::{collections::HashMap, hint::black_box, num::NonZeroU32, time::Duration, time::Instant};

use elder_kernel::{Clock, TenantId};
use elder_limits::{Bucket, Limiter, Quota, Subject};
use uuid::Uuid;

use crate::fault::Fault;

/// Users who call, each with a bucket of their own beside that of their tenant.
const CALLERS: u32 = 50_000;
/// Users of one tenant.
const COLLEAGUES: u32 = 100;
/// Requests in a measurement.
const REQUESTS: u32 = 500_000;

/// Microseconds for one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// A decision over two buckets.
    pub(crate) decision_us: f64,
    /// Two look-ups and two stores in a plain map as large, with the time read once: the limit.
    pub(crate) look_ups_us: f64,
}

/// Measures both on this thread.
pub(crate) fn cost() -> Result<Cost, Fault> {
    let limiter = Limiter::new(Clock::system(), None).map_err(|error| Fault::broken(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let decision_us = each(|buckets| {
        let verdict = runtime.block_on(limiter.take(&buckets, 1));
        black_box(verdict.is_allowed())
    })?;
    let (clock, mut map) = (Clock::system(), HashMap::new());
    let look_ups_us = each(|buckets| {
        let now = clock.now().timestamp_micros();
        buckets.into_iter().all(|bucket| {
            let arrival = map.entry((bucket.policy, bucket.subject)).or_insert(now);
            *arrival = now.max(*arrival);
            black_box(*arrival) > 0
        })
    })?;
    Ok(Cost { decision_us, look_ups_us })
}

/// The microseconds of one request, once every caller is known.
fn each(mut request: impl FnMut([Bucket; 2]) -> bool) -> Result<f64, Fault> {
    let mut run = |numbers: std::ops::Range<u32>| numbers.map(buckets).filter(|both| request(*both)).count();
    run(0..CALLERS);
    let begin = Instant::now();
    let allowed = run(0..REQUESTS);
    let taken = begin.elapsed();
    if allowed != usize::try_from(REQUESTS).unwrap_or_default() {
        return Err(Fault::broken("the rate limit refused a request of its benchmark"));
    }
    Ok(taken.as_secs_f64() * 1e6 / f64::from(REQUESTS))
}

/// A standard request: its tenant's bucket and its user's. The callers come in no order of the map's.
fn buckets(request: u32) -> [Bucket; 2] {
    let quota = Quota { rate: NonZeroU32::MAX, window: Duration::from_secs(1), burst: NonZeroU32::MAX };
    let caller = request.wrapping_mul(2_654_435_761) % CALLERS;
    let tenant = TenantId(i32::try_from(caller / COLLEAGUES).unwrap_or_default());
    let user = Uuid::from_u128(u128::from(caller));
    [Bucket::new("tenant", Subject::Tenant(tenant), quota), Bucket::new("user", Subject::Id(user), quota)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_do_all_that_is_asked() {
        let cost = cost().unwrap();
        assert!(cost.decision_us > 0.0 && cost.look_ups_us > 0.0, "{cost:?}");
    }
}
