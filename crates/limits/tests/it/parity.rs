//! Redis and memory decide alike: whatever is asked of both at the same moments, they answer the same.

use std::{cell::Cell, num::NonZeroU32, time::Duration};

use elder_kernel::TenantId;
use elder_limits::{Bucket, Memory, Quota, Shared, Subject};
use elder_testkit::RedisServer;
use proptest::{prelude::*, test_runner::Config};

/// One request: how long after the one before, and which of the three buckets it names.
type Step = (u64, [bool; 3], u32);

fn quotas() -> impl Strategy<Value = [Quota; 3]> {
    let quota = (1..20u32, 1..500u64, 1..8u32).prop_map(|(rate, millis, burst)| Quota {
        rate: NonZeroU32::new(rate).unwrap(),
        window: Duration::from_millis(millis),
        burst: NonZeroU32::new(burst).unwrap(),
    });
    [quota.clone(), quota.clone(), quota]
}

#[test]
fn memory_and_redis_give_the_same_verdicts() {
    let server = RedisServer::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shared = Shared::at(&server.url()).unwrap();
    runtime.block_on(shared.look()).unwrap();
    let (case, refusals, late) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let steps = prop::collection::vec((0..4u64, any::<[bool; 3]>(), 1..4u32), 1..60);
    proptest!(Config::with_cases(64), |(quotas in quotas(), steps in steps)| {
        case.set(case.get() + 1);
        let tenant = Subject::Tenant(TenantId(case.get()));
        let memory = Memory::new(100);
        for (millis, named, units) in steps as Vec<Step> {
            std::thread::sleep(Duration::from_millis(millis));
            let of = |(policy, quota): (&&'static str, Quota)| Bucket::new(policy, tenant, quota);
            let all = ["a", "b", "c"].iter().zip(quotas).map(of);
            let buckets: Vec<_> = all.zip(named).filter_map(|(bucket, named)| named.then_some(bucket)).collect();
            if buckets.is_empty() {
                continue;
            }
            let Some((verdict, now)) = runtime.block_on(shared.take(&buckets, units)) else {
                // Later than the limiter waits: nobody knows what Redis has counted.
                late.set(late.get() + 1);
                runtime.block_on(shared.look()).unwrap();
                break;
            };
            refusals.set(refusals.get() + u32::from(!verdict.is_allowed()));
            prop_assert_eq!(verdict, memory.take(&buckets, units, now));
        }
    });
    assert!(late.get() < 16, "Redis was late {} times: no test on a machine as busy as this", late.get());
    assert!(refusals.get() > 100, "{} refusals are no test", refusals.get());
}
