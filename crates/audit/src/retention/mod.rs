//! Retention: for how many days events of each category are kept.

pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use elder_access::Entitlements;
use elder_api_types::license::LicensePhase;

pub use elder_api_types::audit_retention::{
    AuditRetention, CategoryDays, NewAuditRetention, PendingRetention, RetentionMonth, RetentionPreview,
    RetentionPreviewQuery,
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

/// What a tenant has said, without who and when.
pub(crate) fn said(retention: &AuditRetention) -> NewAuditRetention {
    let AuditRetention { days, categories, archive_after_days, .. } = retention;
    NewAuditRetention { days: *days, categories: categories.clone(), archive_after_days: *archive_after_days }
}

/// Whether events of some category would be kept for a shorter time than now. What the operator or the licence allows is left
/// out: it may be more one day.
pub(crate) fn shortens(present: &NewAuditRetention, new: &NewAuditRetention) -> bool {
    let kept = |said| days_kept(said, None).map(|(_, days)| days.unwrap_or(u32::MAX));
    kept(new).zip(kept(present)).any(|(new, present)| new < present)
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
    fn fewer_days_of_any_category_are_a_shortening_and_an_archive_is_none() {
        let of = |days, data_access| NewAuditRetention {
            days,
            categories: CategoryDays { data_access, ..CategoryDays::default() },
            archive_after_days: None,
        };
        for (present, new, expected) in [
            (of(None, None), of(Some(36_500), None), true),
            (of(Some(90), None), of(None, None), false),
            (of(Some(90), None), of(Some(91), Some(89)), true),
            (of(Some(90), Some(40)), of(Some(90), Some(60)), false),
            (of(Some(90), Some(100)), of(Some(90), None), true),
            (of(Some(90), Some(40)), of(Some(90), None), false),
            (
                of(Some(90), None),
                NewAuditRetention { archive_after_days: Some(30), ..of(Some(90), None) },
                false,
            ),
        ] {
            assert_eq!(shortens(&present, &new), expected, "{present:?} {new:?}");
        }
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
