//! Each check, where it is met, in part, and not.

use elder_api_types::networks::Networks;

use super::*;

/// A check, what is changed of a good tenant, and what follows.
type Case = (Check, fn(&mut Facts), EvidenceState);

fn state(check: Check, facts: &Facts) -> EvidenceState {
    measure(check, facts).0
}

/// A tenant in which everything is as it should be.
fn good() -> Facts {
    let mut facts = Facts {
        people: 100,
        with_factor: 100,
        admins: 2,
        admins_with_factor: 2,
        providers: 1,
        enforced: 1,
        directories: 1,
        active_directories: 1,
        conflicts: 1,
        was_reviewed: true,
        sealed: 9,
        has_key: true,
        streams: 1,
        fewest_days: Some(2_200),
        most_days: Some(4_000),
        tables: 60,
        ..Facts::default()
    };
    facts.settings.mfa.required = MfaRequirement::Everyone;
    facts.settings.notification.security_contacts = vec!["security@acme.example".to_owned()];
    facts.settings.ip_allowlist = serde_json::from_value(serde_json::json!(["192.0.2.0/24"])).unwrap();
    facts
}

#[test]
fn all_is_met_where_everything_is_as_it_should_be() {
    for check in Check::ALL {
        assert_eq!(state(*check, &good()), EvidenceState::Met, "{check:?}: {}", measure(*check, &good()).1);
    }
}

#[test]
fn what_is_missing_is_not_met_and_what_is_half_there_is_in_part() {
    use EvidenceState::{NotMet, Partly};
    let with = |change: fn(&mut Facts)| {
        let mut facts = good();
        change(&mut facts);
        facts
    };
    let cases: &[Case] = &[
        (Check::SecondFactorRequired, |f| f.settings.mfa.required = MfaRequirement::Admins, Partly),
        (Check::SecondFactorRequired, |f| f.settings.mfa.required = MfaRequirement::Optional, NotMet),
        (Check::SecondFactorPresent, |f| f.with_factor = 2, Partly),
        (Check::SecondFactorPresent, |f| (f.with_factor, f.admins_with_factor) = (1, 1), NotMet),
        (Check::ProviderEnforced, |f| f.enforced = 0, Partly),
        (Check::ProviderEnforced, |f| (f.enforced, f.providers) = (0, 0), NotMet),
        (Check::PasswordsStrong, |f| f.settings.password.refuse_common = false, Partly),
        (
            Check::PasswordsStrong,
            |f| {
                f.settings.mfa.required = MfaRequirement::Optional;
                f.settings.password.min_length = 8;
                f.settings.password.min_score = 1;
            },
            NotMet,
        ),
        (Check::LockoutOn, |f| f.settings.lockout.max_failures = 50, Partly),
        (Check::SessionsLimited, |f| f.settings.session.idle_seconds = 86_400, Partly),
        (
            Check::SessionsLimited,
            |f| (f.settings.session.idle_seconds, f.settings.session.absolute_seconds) = (86_400, 31_536_000),
            NotMet,
        ),
        (Check::AccountsInUse, |f| f.dormant = 10, Partly),
        (Check::AccountsInUse, |f| f.dormant = 11, NotMet),
        (Check::AccessReviewed, |f| (f.was_reviewed, f.is_scheduled) = (false, true), Partly),
        (Check::AccessReviewed, |f| f.was_reviewed = false, NotMet),
        (Check::AdminsFew, |f| f.admins = 10, Partly),
        (Check::AdminsFew, |f| f.admins = 11, NotMet),
        (Check::DutiesSeparated, |f| f.conflicts = 0, NotMet),
        (Check::LeaversAutomated, |f| f.active_directories = 0, Partly),
        (Check::CredentialsEnd, |f| f.endless = 1, NotMet),
        (Check::LogAppendOnly, |f| f.can_rewrite = true, NotMet),
        (Check::LogAppendOnly, |f| f.triggers_off = 1, NotMet),
        (Check::LogSealed, |f| f.is_behind = true, NotMet),
        (Check::LogSealed, |f| f.sealed = 0, NotMet),
        (Check::CallsLogged, |f| f.settings.audit_api_calls = AuditedCalls::Changes, Partly),
        (Check::CallsLogged, |f| f.settings.audit_api_calls = AuditedCalls::Off, NotMet),
        (Check::LogRetained, |f| f.fewest_days = Some(364), NotMet),
        (Check::LogRetainedSixYears, |f| f.fewest_days = Some(2_000), NotMet),
        (Check::LogElsewhere, |f| f.failing = 1, Partly),
        (Check::LogElsewhere, |f| f.streams = 0, NotMet),
        (Check::HoldsEnforced, |f| f.hold_triggers_off = 1, NotMet),
        (Check::StorageLimited, |f| f.most_days = None, Partly),
        (Check::StorageLimited, |f| (f.most_days, f.fewest_days) = (None, None), NotMet),
        (Check::TenantsIsolated, |f| f.open_tables = 1, NotMet),
        (Check::KeysCurrent, |f| f.ending = 1, Partly),
        (Check::KeysCurrent, |f| f.has_key = false, NotMet),
        (Check::NetworksLimited, |f| f.settings.ip_allowlist = Networks::default(), NotMet),
        (Check::SupportClosed, |f| f.settings.support_access = true, NotMet),
        (Check::ContactsNamed, |f| f.settings.notification.security_contacts.clear(), NotMet),
    ];
    for (check, change, expected) in cases {
        let facts = with(*change);
        assert_eq!(state(*check, &facts), *expected, "{check:?}: {}", measure(*check, &facts).1);
    }
    for check in Check::ALL {
        assert!(cases.iter().any(|(tried, ..)| tried == check), "{check:?} is never bad");
    }
}
