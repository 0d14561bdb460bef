//! Retention: for how many days events of each category are kept.

pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use elder_access::Entitlements;
use elder_api_types::license::LicensePhase;

pub use elder_api_types::audit_retention::{
    AuditRetention, CategoryDays, NewAuditRetention, RetentionMonth, RetentionPreview, RetentionPreviewQuery,
};

pub use service::kept;

/// The type of what tells of the log itself: it stays, because it says why other events are gone.
pub(crate) const KEPT_TYPE: &str = "audit_log";

/// For how many days the licence lets events be kept; none without a bound. Once it has ended nothing is deleted on its
/// account, however little the community tier allows.
/// Statements take the lesser of it and of what the operator has set for a tenant.
pub(crate) fn licensed_days(covered: &Entitlements) -> Option<i32> {
    let days = match covered.phase {
        LicensePhase::None | LicensePhase::Valid => covered.limits.audit_retention_days.0,
        LicensePhase::Grace | LicensePhase::Lapsed => None,
    };
    days.map(|days| i32::try_from(days).unwrap_or(i32::MAX))
}

/// Until when the events of each category are past their time: whole days in UTC, so that what happened on one day goes
/// together. A category without a bound has no line.
pub(crate) fn cut_offs(
    asked: &NewAuditRetention,
    maximum: Option<u32>,
    now: DateTime<Utc>,
) -> Vec<(&'static str, DateTime<Utc>)> {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let cut_off = |(category, days): (&'static str, Option<u32>)| {
        Some((category, midnight.checked_sub_signed(TimeDelta::days(days?.into()))?))
    };
    days_kept(asked, maximum).filter_map(cut_off).collect()
}

/// For how many days the events of each category are kept; none for ever.
pub(crate) fn days_kept(
    asked: &NewAuditRetention,
    maximum: Option<u32>,
) -> impl Iterator<Item = (&'static str, Option<u32>)> {
    let of_all = asked.days;
    let days = move |own: Option<u32>| [own.or(of_all), maximum].into_iter().flatten().min();
    asked.categories.each().map(move |(category, own)| (category, days(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(days: Option<u32>, authentication: Option<u32>, maximum: Option<u32>) -> Vec<(String, i64)> {
        let categories = CategoryDays { authentication, ..CategoryDays::default() };
        let now: DateTime<Utc> = "2026-11-22T13:14:15Z".parse().unwrap();
        let midnight: DateTime<Utc> = "2026-11-22T00:00:00Z".parse().unwrap();
        let found = cut_offs(&NewAuditRetention { days, categories, archive_after_days: None }, maximum, now);
        let kept = found.into_iter().map(|(name, until)| (name.to_owned(), (midnight - until).num_days()));
        kept.filter(|(name, _)| name.starts_with("auth")).collect()
    }

    #[test]
    fn a_category_is_kept_by_its_own_days_else_by_those_of_all_and_never_past_the_maximum() {
        let both = |authentication, authorization| {
            vec![("authentication".to_owned(), authentication), ("authorization".to_owned(), authorization)]
        };
        assert_eq!(kept(None, None, None), []);
        assert_eq!(kept(None, Some(40), None), both(40, 0)[..1]);
        assert_eq!(kept(Some(90), Some(40), None), both(40, 90));
        assert_eq!(kept(Some(90), Some(400), None), both(400, 90));
        assert_eq!(kept(Some(90), Some(400), Some(60)), both(60, 60));
        assert_eq!(kept(None, None, Some(60)), both(60, 60));
    }

    #[test]
    fn a_licence_bounds_while_there_is_none_or_it_is_in_force_and_not_once_it_has_ended() {
        use elder_access::SubscriptionTier::{Community, Enterprise, Professional};
        let of = |tier, phase| licensed_days(&Entitlements { phase, ..Entitlements::of_tier(tier) });
        assert_eq!(of(Community, LicensePhase::None), Some(30));
        assert_eq!(of(Professional, LicensePhase::Valid), Some(365));
        assert_eq!(of(Enterprise, LicensePhase::Valid), None);
        assert_eq!(of(Professional, LicensePhase::Grace), None);
        assert_eq!(of(Community, LicensePhase::Lapsed), None);
    }

    #[test]
    fn every_category_of_events_can_have_days_of_its_own() {
        let named: Vec<_> = CategoryDays::default().each().map(|(name, _)| name).collect();
        assert_eq!(named, elder_access::Category::NAMES);
    }
}
