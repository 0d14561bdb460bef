//! The score table.

use super::place::{Network, Point};
use super::*;

const BERLIN: Point = Point { latitude: 52.52, longitude: 13.40 };
const SYDNEY: Point = Point { latitude: -33.87, longitude: 151.21 };
const HOME: &str = "192.0.2.7";
const AWAY: &str = "198.51.100.9";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn assess(circumstances: &Circumstances, from: &str) -> Assessment {
    let settings = RiskSettings::default();
    circumstances.assess(&Places::default(), Some(from.parse().unwrap()), &settings, now())
}

/// An account that was used at home yesterday.
fn used() -> Circumstances {
    let yesterday = now() - TimeDelta::days(1);
    let seen = vec![Seen { from: HOME.parse().unwrap(), at: yesterday }];
    Circumstances { is_known_device: true, failures: 0, last_login_at: Some(yesterday), seen }
}

fn place(network: u32, country: &str, point: Point) -> Place {
    Place { network: Network::System(network), country: Some(country.to_owned()), point: Some(point) }
}

fn compared(here: &Place, seen: &[(Place, DateTime<Utc>)]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    compare(here, seen, now(), &mut reasons);
    reasons
}

#[test]
fn what_is_as_ever_scores_nothing() {
    assert_eq!(assess(&used(), HOME), Assessment::default());
    assert_eq!(assess(&used(), "192.0.2.99"), Assessment::default(), "the same range");
}

#[test]
fn each_thing_that_is_new_adds_to_the_score() {
    let strange = Circumstances { is_known_device: false, ..used() };
    assert_eq!(assess(&strange, HOME), Assessment { score: 20, reasons: vec![Reason::NewDevice] });
    assert_eq!(assess(&used(), AWAY), Assessment { score: 20, reasons: vec![Reason::NewNetwork] });
    let both = vec![Reason::NewNetwork, Reason::NewDevice];
    assert_eq!(assess(&strange, AWAY), Assessment { score: 40, reasons: both });
}

#[test]
fn guessing_and_long_silence_add_to_the_score() {
    let guessed = |failures| Circumstances { failures, ..used() };
    assert_eq!(assess(&guessed(GUESSING - 1), HOME).score, 0);
    assert_eq!(assess(&guessed(GUESSING), HOME).reasons, [Reason::RecentFailures]);
    let silent = |days| Circumstances { last_login_at: Some(now() - TimeDelta::days(days)), ..used() };
    assert_eq!(assess(&silent(89), HOME).score, 0);
    assert_eq!(assess(&silent(90), HOME), Assessment { score: 25, reasons: vec![Reason::DormantAccount] });
}

#[test]
fn the_first_sign_in_is_unlike_nothing() {
    assert_eq!(assess(&Circumstances::default(), AWAY), Assessment::default());
}

#[test]
fn a_provider_is_one_network_and_a_country_one_country() {
    let home = [(place(1, "DE", BERLIN), now() - TimeDelta::days(3))];
    assert_eq!(compared(&place(1, "DE", BERLIN), &home), []);
    assert_eq!(compared(&place(2, "DE", BERLIN), &home), [Reason::NewNetwork]);
    let abroad = compared(&place(2, "AU", SYDNEY), &home);
    assert_eq!(abroad, [Reason::NewNetwork, Reason::NewCountry]);
    let unknown = Place { country: None, ..place(1, "", BERLIN) };
    assert_eq!(compared(&unknown, &home), [], "what is not known is nothing new");
    assert_eq!(compared(&place(1, "DE", BERLIN), &[(unknown, home[0].1)]), []);
}

#[test]
fn nobody_is_in_two_places_at_once() {
    let distance = BERLIN.kilometres_to(SYDNEY);
    assert!((16_000.0..16_200.0).contains(&distance), "{distance}");
    let there = |hours| {
        compared(&place(1, "DE", SYDNEY), &[(place(1, "DE", BERLIN), now() - TimeDelta::hours(hours))])
    };
    assert_eq!(there(0), [Reason::ImpossibleTravel]);
    assert_eq!(there(16), [Reason::ImpossibleTravel]);
    assert_eq!(there(17), []);
    let near = Point { latitude: 53.55, longitude: 9.99 };
    assert_eq!(
        compared(&place(1, "DE", near), &[(place(1, "DE", BERLIN), now())]),
        [],
        "a file is not exact"
    );
}

#[test]
fn where_the_account_was_used_last_a_journey_begins() {
    let seen = [
        (place(1, "DE", BERLIN), now() - TimeDelta::hours(1)),
        (place(1, "AU", SYDNEY), now() - TimeDelta::minutes(1)),
    ];
    assert_eq!(compared(&place(1, "AU", SYDNEY), &seen), []);
    assert_eq!(compared(&place(1, "DE", BERLIN), &seen), [Reason::ImpossibleTravel]);
}

#[test]
fn a_score_leads_to_what_the_tenant_wants() {
    let assessment = Assessment::of(vec![Reason::NewDevice, Reason::NewNetwork]);
    let demand = |second_factor_at, refuse_at| {
        assessment.demand(&RiskSettings { second_factor_at, refuse_at, ..RiskSettings::default() })
    };
    assert_eq!(demand(None, None), Demand::Nothing);
    assert_eq!(demand(Some(41), Some(41)), Demand::Nothing);
    assert_eq!(demand(Some(40), Some(41)), Demand::SecondFactor);
    assert_eq!(demand(Some(40), Some(40)), Demand::Refusal);
    let all = Assessment::of(vec![
        Reason::ImpossibleTravel,
        Reason::NewCountry,
        Reason::DormantAccount,
        Reason::NewDevice,
    ]);
    assert_eq!(all.score, MOST_POINTS);
}
