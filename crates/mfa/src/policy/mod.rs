//! What a tenant demands of a sign-in, and what a sign-in still lacks: asked at the one place where sessions start.

pub mod service;

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{GlobalRole, Role};
use elder_api_types::settings::{MfaRequirement, SecondFactor};
use elder_kernel::{Id, User};

pub use elder_api_types::settings::MfaSettings;
pub use service::{Admission, Cleared, admit};

use crate::Method;

/// Who signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub user: Id<User>,
    /// The role on the platform.
    pub global_role: Option<GlobalRole>,
    /// The role in the tenant.
    pub tenant_role: Option<Role>,
    /// Whether a second factor was proven with this device lately enough.
    pub is_remembered: bool,
}

/// What somebody has besides a password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Held {
    /// The kinds of their factors.
    factors: Vec<SecondFactor>,
    /// Whether a backup code is unused.
    has_codes: bool,
    /// Whether one of their roles demands a factor.
    by_role: bool,
    /// Since when they are asked for a factor.
    asked_at: Option<DateTime<Utc>>,
}

/// What comes next in a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision {
    /// A session may start. By then a factor must be set up, if one must.
    Clear { due_at: Option<DateTime<Utc>> },
    /// One of these proofs.
    SecondFactor(Vec<SecondFactor>),
    /// The set-up of one of these factors.
    Enrolment(Vec<SecondFactor>),
}

/// Whether a second factor is demanded of somebody: by the tenant, or by any of their roles. What is off is off for all.
fn requires(policy: &MfaSettings, person: &Person, by_role: bool) -> bool {
    match policy.required {
        MfaRequirement::Off => false,
        MfaRequirement::Optional => by_role,
        MfaRequirement::Admins => {
            by_role || person.global_role.is_some() || person.tenant_role == Some(Role::Admin)
        }
        MfaRequirement::Everyone => true,
    }
}

/// Who has a factor that is taken proves it, demanded or not: it was set up so that a password alone opens nothing.
fn decide(
    policy: &MfaSettings,
    person: &Person,
    methods: &[Method],
    held: &Held,
    now: DateTime<Utc>,
) -> Decision {
    if methods.iter().any(|method| method.is_second()) {
        return Decision::Clear { due_at: None };
    }
    let mut usable = held.factors.clone();
    usable.retain(|kind| policy.takes(*kind));
    if !usable.is_empty() && person.is_remembered {
        return Decision::Clear { due_at: None };
    }
    if !usable.is_empty() {
        let with_codes = held.has_codes && policy.takes(SecondFactor::BackupCode);
        usable.extend(with_codes.then_some(SecondFactor::BackupCode));
        return Decision::SecondFactor(usable);
    }
    if !requires(policy, person, held.by_role) {
        return Decision::Clear { due_at: None };
    }
    let due_at = held.asked_at.unwrap_or(now) + TimeDelta::days(policy.grace_days.into());
    if now < due_at {
        return Decision::Clear { due_at: Some(due_at) };
    }
    let can_be_set_up = policy.taken().iter().copied().filter(|kind| *kind != SecondFactor::BackupCode);
    Decision::Enrolment(can_be_set_up.collect())
}

#[cfg(test)]
mod tests {
    use elder_kernel::Seam;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn person(tenant_role: Option<Role>, global_role: Option<GlobalRole>) -> Person {
        Person { user: Seam::system().id(), global_role, tenant_role, is_remembered: false }
    }

    fn policy(required: MfaRequirement, grace_days: u32) -> MfaSettings {
        MfaSettings { required, grace_days, ..MfaSettings::default() }
    }

    fn by_password(policy: &MfaSettings, person: &Person, held: &Held) -> Decision {
        decide(policy, person, &[Method::Password], held, NOW)
    }

    #[test]
    fn whom_the_policy_names_needs_a_second_factor() {
        use MfaRequirement::{Admins, Everyone, Off, Optional};
        let (nobody, admin) = (person(None, None), person(Some(Role::Admin), None));
        let (maintainer, support) =
            (person(Some(Role::Maintainer), None), person(None, Some(GlobalRole::Support)));
        for (required, expected, by_role) in [
            (Off, [false; 4], false),
            (Optional, [false; 4], true),
            (Admins, [false, true, false, true], true),
            (Everyone, [true; 4], true),
        ] {
            let (policy, people) = (policy(required, 0), [nobody, admin, maintainer, support]);
            assert_eq!(people.map(|who| requires(&policy, &who, false)), expected);
            assert_eq!(people.map(|who| requires(&policy, &who, true)), [by_role; 4]);
        }
    }

    #[test]
    fn p_17_who_has_a_factor_is_asked_for_it_even_where_it_is_optional() {
        let held = Held { factors: vec![SecondFactor::Totp], has_codes: true, ..Held::default() };
        let policy = policy(MfaRequirement::Optional, 7);
        let asked = Decision::SecondFactor(vec![SecondFactor::Totp, SecondFactor::BackupCode]);
        assert_eq!(by_password(&policy, &person(None, None), &held), asked);
        for proof in [Method::Totp, Method::BackupCode, Method::Passkey { is_synced: true }] {
            let decision = decide(&policy, &person(None, None), &[Method::Password, proof], &held, NOW);
            assert_eq!(decision, Decision::Clear { due_at: None });
        }
    }

    #[test]
    fn with_a_remembered_device_the_factor_is_not_asked_for_but_its_set_up_is() {
        let who = Person { is_remembered: true, ..person(None, None) };
        let policy = policy(MfaRequirement::Everyone, 0);
        let held = Held { factors: vec![SecondFactor::Totp], ..Held::default() };
        assert_eq!(by_password(&policy, &who, &held), Decision::Clear { due_at: None });
        assert!(matches!(by_password(&policy, &who, &Held::default()), Decision::Enrolment(_)));
    }

    #[test]
    fn a_factor_that_the_tenant_does_not_take_is_as_good_as_none() {
        let held = Held { factors: vec![SecondFactor::Totp], has_codes: true, ..Held::default() };
        let only_keys =
            MfaSettings { factors: vec![SecondFactor::Webauthn], ..policy(MfaRequirement::Everyone, 0) };
        let enrolment = Decision::Enrolment(vec![SecondFactor::Webauthn]);
        assert_eq!(by_password(&only_keys, &person(None, None), &held), enrolment);
    }

    #[test]
    fn where_factors_are_off_nobody_is_asked_for_theirs() {
        let held = Held { factors: vec![SecondFactor::Totp], by_role: true, ..Held::default() };
        let admin = person(Some(Role::Admin), Some(GlobalRole::Admin));
        let decision = by_password(&policy(MfaRequirement::Off, 0), &admin, &held);
        assert_eq!(decision, Decision::Clear { due_at: None });
    }

    #[test]
    fn backup_codes_alone_are_no_factor() {
        let held = Held { has_codes: true, ..Held::default() };
        let decision = by_password(&policy(MfaRequirement::Everyone, 0), &person(None, None), &held);
        assert_eq!(decision, Decision::Enrolment(vec![SecondFactor::Totp, SecondFactor::Webauthn]));
    }

    #[test]
    fn the_days_of_grace_begin_with_the_first_sign_in_that_lacks_a_factor() {
        let (policy, who) = (policy(MfaRequirement::Everyone, 7), person(None, None));
        let due_at = Some(NOW + TimeDelta::days(7));
        assert_eq!(by_password(&policy, &who, &Held::default()), Decision::Clear { due_at });
        let asked = |days| Held { asked_at: Some(NOW - TimeDelta::days(days)), ..Held::default() };
        let due_at = Some(NOW + TimeDelta::days(1));
        assert_eq!(by_password(&policy, &who, &asked(6)), Decision::Clear { due_at });
        assert!(matches!(by_password(&policy, &who, &asked(7)), Decision::Enrolment(_)));
    }
}
