//! How unlike its owner a sign-in looks: what is known of it beside its proofs, scored by rules that everybody can read.

mod place;

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::Event;
use elder_tenancy::settings::RiskSettings;
use serde::Serialize;

use place::Place;
pub use place::{Places, UnreadableFile};

/// Most points that a sign-in has.
const MOST_POINTS: u32 = 100;
/// From how many failures since the last sign-in on somebody may be guessing. Fewer are slips of the finger.
const GUESSING: i32 = 3;
/// What an airliner does not reach, in kilometres an hour.
const FASTEST: f64 = 1_000.0;
/// Nearer places, in kilometres, are no journey: files of places are not exact.
const NEAR: f64 = 500.0;

/// What is known of a sign-in beside its proofs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Circumstances {
    /// Whether it comes from a device of the account.
    pub(crate) is_known_device: bool,
    /// How many have failed since the last one that did not.
    pub(crate) failures: i32,
    /// When that was.
    pub(crate) last_login_at: Option<DateTime<Utc>>,
    /// Where the account's devices were.
    pub(crate) seen: Vec<Seen>,
}

/// Where a device was when it was used last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) from: IpAddr,
    pub(crate) at: DateTime<Utc>,
}

/// What makes a sign-in unlike its owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The device was not seen before.
    NewDevice,
    /// Nor was the network: the provider's, if a file tells it, else the range of the address.
    NewNetwork,
    /// Nor was the country.
    NewCountry,
    /// Nobody gets here so fast from where the account was used last.
    ImpossibleTravel,
    /// Somebody may have guessed.
    RecentFailures,
    /// The account was not used for long.
    DormantAccount,
}

impl Reason {
    /// What it adds to the score. One alone is part of everybody's life; several at once are not.
    const fn points(self) -> u32 {
        match self {
            Self::ImpossibleTravel => 50,
            Self::NewCountry | Self::DormantAccount => 25,
            Self::NewDevice | Self::NewNetwork => 20,
            Self::RecentFailures => 15,
        }
    }
}

/// What speaks against a sign-in, as the audit event tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Assessment {
    score: u32,
    reasons: Vec<Reason>,
}

/// What a score leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    Nothing,
    SecondFactor,
    Refusal,
}

impl Assessment {
    fn of(reasons: Vec<Reason>) -> Self {
        let score = reasons.iter().map(|reason| reason.points()).sum::<u32>().min(MOST_POINTS);
        Self { score, reasons }
    }

    /// What the tenant wants to be done about it.
    pub(crate) fn demand(&self, settings: &RiskSettings) -> Demand {
        let reaches = |threshold: Option<u32>| threshold.is_some_and(|least| self.score >= least);
        if reaches(settings.refuse_at) {
            Demand::Refusal
        } else if reaches(settings.second_factor_at) {
            Demand::SecondFactor
        } else {
            Demand::Nothing
        }
    }

    /// Writes it into the event of what it led to, if there is anything to be said.
    pub(crate) fn explain(&self, event: Event) -> Event {
        if self.reasons.is_empty() { event } else { event.with("risk", self) }
    }
}

impl Circumstances {
    /// Scores a sign-in that comes `from` somewhere.
    pub(crate) fn assess(
        &self,
        places: &Places,
        from: Option<IpAddr>,
        settings: &RiskSettings,
        now: DateTime<Utc>,
    ) -> Assessment {
        let mut reasons = Vec::new();
        if let Some(from) = from.filter(|_| !self.seen.is_empty()) {
            let seen: Vec<_> = self.seen.iter().map(|seen| (places.find(seen.from), seen.at)).collect();
            compare(&places.find(from), &seen, now, &mut reasons);
        }
        // The first device of an account is not new: there is nothing that it could be unlike.
        let checks = [
            (!self.is_known_device && !self.seen.is_empty(), Reason::NewDevice),
            (self.failures >= GUESSING, Reason::RecentFailures),
            (self.is_dormant(settings, now), Reason::DormantAccount),
        ];
        reasons.extend(checks.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason));
        Assessment::of(reasons)
    }

    fn is_dormant(&self, settings: &RiskSettings, now: DateTime<Utc>) -> bool {
        let days = TimeDelta::days(settings.dormant_days.into());
        self.last_login_at.is_some_and(|last| last + days <= now)
    }
}

/// Compares a place with those at which the account was used before.
fn compare(here: &Place, seen: &[(Place, DateTime<Utc>)], now: DateTime<Utc>, reasons: &mut Vec<Reason>) {
    if seen.iter().all(|(place, _)| place.network != here.network) {
        reasons.push(Reason::NewNetwork);
    }
    // A country that is not known is no other country.
    let is_another = |place: &Place| place.country.is_some() && place.country != here.country;
    if here.country.is_some() && seen.iter().all(|(place, _)| is_another(place)) {
        reasons.push(Reason::NewCountry);
    }
    let last = seen.iter().max_by_key(|(_, at)| *at);
    if last.is_some_and(|(place, at)| is_too_far(place, here, now - *at)) {
        reasons.push(Reason::ImpossibleTravel);
    }
}

fn is_too_far(from: &Place, to: &Place, within: TimeDelta) -> bool {
    let (Some(from), Some(to)) = (from.point, to.point) else { return false };
    let hours = within.to_std().unwrap_or_default().as_secs_f64() / 3_600.0;
    let distance = from.kilometres_to(to);
    distance > NEAR && distance > FASTEST * hours
}

#[cfg(test)]
mod tests;
