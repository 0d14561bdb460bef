//! What is in force at a moment: of the file and of the licence server's last answer, the better one.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{Entitlements, SubscriptionTier};
use elder_api_types::license::{LicensePhase, LicenseSource};
use serde::{Deserialize, Serialize};

use crate::license::{GRACE_DAYS, License, Place, Terms};

/// How long the licence server may be silent before anybody is warned: it is asked each hour.
const SILENCE: TimeDelta = TimeDelta::hours(3);

/// What the licence server has answered, as far as it was good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What it covers.
    #[serde(flatten)]
    pub terms: Terms,
    /// The licence's name, if the server tells it.
    #[serde(default)]
    pub id: Option<String>,
    /// For whom it was made, if the server tells it.
    #[serde(default)]
    pub licensee: Option<String>,
    /// When it ends, if the server tells it.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// For how many days everything works on without an answer, or after the end.
    #[serde(default = "grace_days")]
    pub grace_days: u32,
}

const fn grace_days() -> u32 {
    GRACE_DAYS
}

/// What this installation has been given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// The signed licence, verified.
    pub license: Option<License>,
    /// The last good answer of the licence server, and when it came.
    pub answer: Option<(Answer, DateTime<Utc>)>,
}

/// What is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What may be done.
    pub entitlements: Entitlements,
    /// Where it comes from; none in the community tier.
    pub source: Option<LicenseSource>,
    /// The licence's name.
    pub id: Option<String>,
    /// For whom it was made.
    pub licensee: Option<String>,
    /// When it ends, grace not counted.
    pub expires_at: Option<DateTime<Utc>>,
}

/// One of the two, and how it stands.
struct Candidate {
    phase: LicensePhase,
    source: LicenseSource,
    terms: Terms,
    id: Option<String>,
    licensee: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    is_silent: bool,
}

impl Holdings {
    /// What is in force at `now` in `place`.
    pub fn standing(&self, now: DateTime<Utc>, place: Place) -> Standing {
        let license = self.license.as_ref().filter(|license| license.admit_place(place).is_ok());
        let license =
            license.filter(|license| license.not_before <= now).map(|license| of_file(license, now));
        let answer = self.answer.as_ref().map(|(answer, at)| of_server(answer, *at, now));
        let candidates: Vec<_> = [license, answer].into_iter().flatten().collect();
        let best = candidates.into_iter().min_by_key(|candidate| {
            let (is_over, is_grace) =
                (candidate.phase == LicensePhase::Lapsed, candidate.phase == LicensePhase::Grace);
            (is_over, Reverse(candidate.terms.tier), is_grace)
        });
        best.map_or_else(Standing::none, Candidate::standing)
    }
}

fn phase(
    now: DateTime<Utc>,
    warns_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
) -> LicensePhase {
    let is_past = |time: Option<DateTime<Utc>>| time.is_some_and(|time| time <= now);
    match (is_past(ends_at), is_past(warns_at)) {
        (true, _) => LicensePhase::Lapsed,
        (false, true) => LicensePhase::Grace,
        (false, false) => LicensePhase::Valid,
    }
}

fn of_file(license: &License, now: DateTime<Utc>) -> Candidate {
    Candidate {
        phase: phase(now, license.expires_at, license.ends_at()),
        source: LicenseSource::File,
        terms: license.terms.clone(),
        id: Some(license.id.clone()),
        licensee: Some(license.licensee.clone()),
        expires_at: license.expires_at,
        ends_at: license.ends_at(),
        is_silent: false,
    }
}

fn of_server(answer: &Answer, at: DateTime<Utc>, now: DateTime<Utc>) -> Candidate {
    let grace = TimeDelta::days(answer.grace_days.into());
    let silent_at = at.checked_add_signed(SILENCE.min(grace));
    let soonest = |one: Option<DateTime<Utc>>, other| [one, other].into_iter().flatten().min();
    let ends_at = soonest(
        at.checked_add_signed(grace),
        answer.expires_at.and_then(|end| end.checked_add_signed(grace)),
    );
    Candidate {
        phase: phase(now, soonest(silent_at, answer.expires_at), ends_at),
        source: LicenseSource::Server,
        terms: answer.terms.clone(),
        id: answer.id.clone(),
        licensee: answer.licensee.clone(),
        expires_at: answer.expires_at,
        ends_at,
        is_silent: silent_at.is_some_and(|silent| silent <= now),
    }
}

impl Candidate {
    fn standing(self) -> Standing {
        let warning = self.warning();
        let entitlements = match self.phase {
            LicensePhase::Lapsed => Entitlements::of_tier(SubscriptionTier::Community),
            _ => self.terms.entitlements(),
        };
        let entitlements = Entitlements { phase: self.phase, ends_at: self.ends_at, warning, ..entitlements };
        Standing {
            entitlements,
            source: Some(self.source),
            id: self.id,
            licensee: self.licensee,
            expires_at: self.expires_at,
        }
    }

    fn warning(&self) -> Option<String> {
        let day = |time: Option<DateTime<Utc>>| time.map(|time| time.format("%Y-%m-%d").to_string());
        let why = if self.is_silent {
            "The licence server has not confirmed the licence for hours".to_owned()
        } else {
            format!("The licence ended on {}", day(self.expires_at).unwrap_or_default())
        };
        match self.phase {
            LicensePhase::Grace => {
                let end = day(self.ends_at).unwrap_or_default();
                Some(format!("{why}. Everything works until {end}."))
            }
            LicensePhase::Lapsed => Some(format!(
                "{why}, and its grace is over. Nothing is deleted; what the community tier does not cover is read alone \
                 until there is another licence."
            )),
            LicensePhase::None | LicensePhase::Valid => None,
        }
    }
}

impl Standing {
    /// The community tier.
    fn none() -> Self {
        let entitlements = Entitlements::of_tier(SubscriptionTier::Community);
        Self { entitlements, source: None, id: None, licensee: None, expires_at: None }
    }

    /// Whether a licence is in force.
    pub fn is_in_force(&self) -> bool {
        matches!(self.entitlements.phase, LicensePhase::Valid | LicensePhase::Grace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const PLACE: Place = Place { installation: Uuid::from_u128(7), is_loopback: false };

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}Z").parse().unwrap()
    }

    fn file(tier: &str, ends: Option<&str>) -> License {
        License {
            id: "lic-1".to_owned(),
            licensee: "Acme Ltd".to_owned(),
            terms: serde_json::from_value(serde_json::json!({ "tier": tier })).unwrap(),
            issued_at: at("2026-01-01T00:00:00"),
            not_before: at("2026-01-01T00:00:00"),
            expires_at: ends.map(at),
            grace_days: 14,
            installation: None,
            loopback_only: false,
        }
    }

    fn answer(tier: &str) -> Answer {
        serde_json::from_value(serde_json::json!({ "valid": true, "tier": tier })).unwrap()
    }

    fn of(holdings: &Holdings, now: &str) -> (LicensePhase, SubscriptionTier, bool) {
        let standing = holdings.standing(at(now), PLACE);
        let covered = standing.entitlements;
        (covered.phase, covered.tier, covered.warning.is_some())
    }

    #[test]
    fn a_file_is_in_force_then_warns_and_then_lapses() {
        use {LicensePhase as Phase, SubscriptionTier as Tier};
        let holdings =
            Holdings { license: Some(file("enterprise", Some("2026-06-01T00:00:00"))), answer: None };
        assert_eq!(of(&holdings, "2025-12-31T23:59:59"), (Phase::None, Tier::Community, false));
        assert_eq!(of(&holdings, "2026-05-31T23:59:59"), (Phase::Valid, Tier::Enterprise, false));
        assert_eq!(of(&holdings, "2026-06-01T00:00:00"), (Phase::Grace, Tier::Enterprise, true));
        assert_eq!(of(&holdings, "2026-06-14T23:59:59"), (Phase::Grace, Tier::Enterprise, true));
        assert_eq!(of(&holdings, "2026-06-15T00:00:00"), (Phase::Lapsed, Tier::Community, true));
        assert_eq!(of(&Holdings::default(), "2026-06-15T00:00:00"), (Phase::None, Tier::Community, false));
    }

    #[test]
    fn a_silent_server_is_warned_of_and_its_answer_lasts_for_the_days_that_it_told() {
        use {LicensePhase as Phase, SubscriptionTier as Tier};
        let told = (Answer { grace_days: 3, ..answer("enterprise") }, at("2026-06-01T00:00:00"));
        let holdings = Holdings { license: None, answer: Some(told) };
        assert_eq!(of(&holdings, "2026-06-01T02:59:59"), (Phase::Valid, Tier::Enterprise, false));
        assert_eq!(of(&holdings, "2026-06-01T03:00:00"), (Phase::Grace, Tier::Enterprise, true));
        assert_eq!(of(&holdings, "2026-06-03T23:59:59"), (Phase::Grace, Tier::Enterprise, true));
        assert_eq!(of(&holdings, "2026-06-04T00:00:00"), (Phase::Lapsed, Tier::Community, true));
        assert_eq!(answer("enterprise").grace_days, 14, "if it tells none");
    }

    #[test]
    fn of_two_licences_the_better_one_in_force_counts() {
        let told = Some((answer("enterprise"), at("2026-06-01T00:00:00")));
        let both = Holdings { license: Some(file("professional", None)), answer: told };
        let now = both.standing(at("2026-06-01T01:00:00"), PLACE);
        assert_eq!(
            (now.entitlements.tier, now.source),
            (SubscriptionTier::Enterprise, Some(LicenseSource::Server))
        );
        let later = both.standing(at("2026-07-01T01:00:00"), PLACE);
        let counts = (later.entitlements.tier, later.source, later.entitlements.warning);
        assert_eq!(counts, (SubscriptionTier::Professional, Some(LicenseSource::File), None));
    }

    #[test]
    fn a_licence_for_another_place_is_none() {
        let holdings = Holdings {
            license: Some(License { loopback_only: true, ..file("enterprise", None) }),
            answer: None,
        };
        assert_eq!(of(&holdings, "2026-06-01T00:00:00").1, SubscriptionTier::Community);
        let here = holdings.standing(at("2026-06-01T00:00:00"), Place { is_loopback: true, ..PLACE });
        assert_eq!(here.entitlements.tier, SubscriptionTier::Enterprise);
    }
}
