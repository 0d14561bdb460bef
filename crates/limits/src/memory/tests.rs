//! The node's own buckets, on a clock that the test moves.

use std::{num::NonZeroU32, time::Duration};

use elder_kernel::TenantId;

use super::*;
use crate::Quota;

const SECOND: i64 = 1_000_000;
const NOW: i64 = 1_800_000_000 * SECOND;

fn bucket(policy: &'static str, tenant: i32, rate: u32, burst: u64) -> Bucket {
    let quota = Quota::per_minute(NonZeroU32::new(rate).unwrap(), Duration::from_secs(burst));
    Bucket::new(policy, Subject::Tenant(TenantId(tenant)), quota)
}

#[test]
fn a_spent_bucket_refuses_until_a_unit_has_come_back() {
    let (memory, bucket) = (Memory::new(10), bucket("tenant", 1, 60, 2));
    let take = |now| memory.take(&[bucket], 1, now);
    assert_eq!(take(NOW).standings[0].remaining, 1);
    assert_eq!(take(NOW).standings[0].remaining, 0);
    let refused = take(NOW);
    assert_eq!(refused.refusal.unwrap().retry_after, Duration::from_secs(1));
    assert_eq!(refused.standings[0].reset, Duration::from_secs(1));
    assert!(!take(NOW + SECOND - 1).is_allowed());
    assert!(take(NOW + SECOND).is_allowed());
    assert!(!take(NOW + SECOND).is_allowed());
}

#[test]
fn who_is_refused_by_one_bucket_spends_nothing_in_the_others() {
    let memory = Memory::new(10);
    let (tenant, user) = (bucket("tenant", 1, 60, 5), bucket("user", 1, 60, 1));
    assert!(memory.take(&[tenant, user], 1, NOW).is_allowed());
    for _ in 0..50 {
        let refused = memory.take(&[tenant, user], 1, NOW);
        assert_eq!(refused.refusal.unwrap().policy, "user");
        assert_eq!(refused.standings[0].remaining, 4);
    }
    let verdict = memory.take(&[tenant], 1, NOW);
    assert_eq!(verdict.standings[0].remaining, 3);
}

#[test]
fn the_bucket_that_gives_last_is_the_one_that_is_named() {
    let memory = Memory::new(10);
    let (slow, fast) = (bucket("slow", 1, 1, 1), bucket("fast", 1, 60, 1));
    assert!(memory.take(&[slow, fast], 1, NOW).is_allowed());
    let refusal = memory.take(&[fast, slow], 1, NOW).refusal.unwrap();
    assert_eq!((refusal.policy, refusal.retry_after), ("slow", Duration::from_mins(1)));
}

#[test]
fn buckets_of_other_policies_and_other_subjects_are_apart() {
    let memory = Memory::new(10);
    assert!(memory.take(&[bucket("tenant", 1, 1, 1)], 1, NOW).is_allowed());
    assert!(memory.take(&[bucket("tenant", 2, 1, 1)], 1, NOW).is_allowed());
    assert!(memory.take(&[bucket("user", 1, 1, 1)], 1, NOW).is_allowed());
    assert!(!memory.take(&[bucket("tenant", 1, 1, 1)], 1, NOW).is_allowed());
}

#[test]
fn memory_is_bounded_and_the_emptiest_buckets_stay() {
    let memory = Memory::new(1_000);
    let guesser = bucket("auth-ip", -1, 30, 60);
    while memory.take(&[guesser], 1, NOW).is_allowed() {}
    for stranger in 0..100_000 {
        memory.take(&[bucket("auth-ip", stranger, 30, 60)], 1, NOW);
        assert!(memory.arrivals.lock().unwrap().len() <= 1_000);
    }
    assert!(!memory.take(&[guesser], 1, NOW).is_allowed());
}
