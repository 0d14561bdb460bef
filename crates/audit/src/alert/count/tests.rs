//! What fires, and when.

use elder_kernel::Id;
use proptest::prelude::*;

use super::*;

const RULE: Rule = Rule { threshold: 3, window: TimeDelta::minutes(5) };

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

/// A group that has counted an event at each of these seconds.
fn counted(seconds: &[i64]) -> Group {
    let mut group = Group::default();
    for (seq, second) in (0..).zip(seconds) {
        let event = Uuid::from_u128(u128::from(seq));
        group.count(RULE, Match { seq, event, at: at(*second) }, || Id::from_uuid(event));
    }
    group
}

/// The number of events of each firing.
fn fired(group: &Group) -> Vec<i64> {
    group.firings.iter().map(|firing| firing.events).collect()
}

#[test]
fn as_many_as_it_takes_within_the_window_fire_and_name_themselves() {
    let group = counted(&[0, 100, 299]);
    let [firing] = group.firings.as_slice() else { panic!("{group:?}") };
    assert_eq!(firing.by, [0, 1, 2].map(Uuid::from_u128));
    assert_eq!((firing.first_at, firing.fired_at), (at(0), at(299)));
    assert!(group.waiting.is_empty());
}

#[test]
fn what_is_a_window_apart_does_not_fire() {
    let group = counted(&[0, 100, 300]);
    assert_eq!((fired(&group), group.waiting.len()), (vec![], 2));
    assert_eq!(fired(&counted(&[0, 300, 600, 900])), Vec::<i64>::new());
}

#[test]
fn what_follows_within_the_window_is_added_and_what_comes_later_counts_anew() {
    let group = counted(&[0, 1, 2, 3, 301]);
    assert_eq!((fired(&group), group.firings[0].last_at), (vec![5], at(301)));
    let group = counted(&[0, 1, 2, 302, 303]);
    assert_eq!((fired(&group), group.waiting.len()), (vec![3], 2));
    assert_eq!(fired(&counted(&[0, 1, 2, 302, 303, 304])), [3, 3]);
}

#[test]
fn an_event_that_was_sealed_late_counts_by_its_own_time() {
    assert_eq!(fired(&counted(&[100, 0, 50])), [3]);
    let group = counted(&[1_000, 0, 50]);
    assert_eq!((fired(&group), group.waiting.len()), (vec![], 1));
}

proptest! {
    #[test]
    fn no_event_is_counted_twice_and_no_two_firings_begin_within_a_window(
        mut seconds in prop::collection::vec(0_i64..4_000, 0..60),
    ) {
        seconds.sort_unstable();
        let group = counted(&seconds);
        let counted = fired(&group).iter().sum::<i64>() + i64::try_from(group.waiting.len()).unwrap();
        prop_assert!(counted <= i64::try_from(seconds.len()).unwrap());
        for pair in group.firings.windows(2) {
            prop_assert!(pair[1].fired_at >= pair[0].fired_at + RULE.window);
        }
        // Three within a window are in one firing at least.
        let has_three = seconds.windows(3).any(|three| three[2] - three[0] < 300);
        prop_assert_eq!(has_three, !group.firings.is_empty());
    }
}
