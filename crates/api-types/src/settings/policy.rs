//! Settings about signing in: sessions, passwords, second factors, lockout.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::role::Role;

/// How long people stay signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// After how many seconds without use a session ends. Default: 43,200 (12 hours).
    #[garde(range(min = 60, max = 31_536_000))]
    #[schema(minimum = 60, maximum = 31_536_000)]
    pub idle_seconds: u32,
    /// After how many seconds a session ends whatever happens. Default: 2,592,000 (30 days).
    #[garde(range(min = 300, max = 31_536_000), custom(not_before_idle(&self.idle_seconds)))]
    #[schema(minimum = 300, maximum = 31_536_000)]
    pub absolute_seconds: u32,
    /// How many sessions a person may have at once. Default: null, any number.
    #[garde(range(min = 1, max = 1_000))]
    #[schema(minimum = 1, maximum = 1_000)]
    pub most_concurrent: Option<u32>,
    /// What happens to a sign-in past that number. Default: `end_oldest`.
    #[garde(skip)]
    pub beyond_limit: BeyondLimit,
    /// For how many days a device is remembered that passed a second factor; 0 remembers none. Default: 30.
    #[garde(range(max = 365))]
    #[schema(maximum = 365)]
    pub remember_device_days: u32,
}

/// What happens to a sign-in past the number of concurrent sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BeyondLimit {
    /// The oldest session ends.
    #[default]
    EndOldest,
    /// The sign-in is refused.
    Refuse,
}

fn not_before_idle(idle: &u32) -> impl FnOnce(&u32, &()) -> garde::Result + '_ {
    move |absolute, &()| {
        if absolute >= idle {
            return Ok(());
        }
        Err(garde::Error::new("lower than idle_seconds: a session would end before it can be idle"))
    }
}

impl SessionSettings {
    /// How long a session lasts without use.
    pub const fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds as u64)
    }

    /// How long a session lasts at most.
    pub const fn absolute(&self) -> Duration {
        Duration::from_secs(self.absolute_seconds as u64)
    }
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle_seconds: 12 * 3_600,
            absolute_seconds: 30 * 86_400,
            most_concurrent: None,
            beyond_limit: BeyondLimit::default(),
            remember_device_days: 30,
        }
    }
}

/// What a password must be (NIST SP 800-63B-4 §3.1.1.2: long, not composed by rules, not changed by the calendar).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordSettings {
    /// The fewest characters. Default: 15; no less than 8, and no less than 15 unless `mfa.required` is `everyone`: where a
    /// password is all that somebody must have, it must be long.
    #[garde(range(min = 8, max = 64))]
    #[schema(minimum = 8, maximum = 64)]
    pub min_length: u32,
    /// Whether passwords are refused that hold nothing but one or two of the 30,000 commonest, keyboard rows and
    /// repetitions. Default: true.
    #[garde(skip)]
    pub refuse_common: bool,
    /// How hard a password must be to guess by zxcvbn's estimate: 0 (asks for nothing) to 4. Default: 3, from 100
    /// million guesses on.
    #[garde(range(max = 4))]
    #[schema(maximum = 4)]
    pub min_score: u8,
    /// Whether a password may not hold the name or address of the person or the tenant. Default: true.
    #[garde(skip)]
    pub refuse_own_names: bool,
    /// How many kinds of characters (lower, upper, digit, other) it must have. Default: 0, which asks for none.
    #[garde(range(max = 4))]
    #[schema(maximum = 4)]
    pub character_classes: u32,
    /// How many of the last passwords, the present one among them, may not come again. Default: 0. What came before this
    /// was set is not known.
    #[garde(range(max = 24))]
    #[schema(maximum = 24)]
    pub history: u32,
    /// After how many days a sign-in demands another password. Default: null, never.
    #[garde(range(min = 1, max = 3_650))]
    #[schema(minimum = 1, maximum = 3_650)]
    pub max_age_days: Option<u32>,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            min_length: 15,
            refuse_common: true,
            min_score: 3,
            refuse_own_names: true,
            character_classes: 0,
            history: 0,
            max_age_days: None,
        }
    }
}

/// Who needs a second factor, and which are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MfaSettings {
    /// Who needs one. Default: `optional`.
    #[garde(skip)]
    pub required: MfaRequirement,
    /// Of whom it is demanded besides: the holders of these built-in roles, over the tenant or over an organization. A
    /// custom role says so itself, by `requires_mfa`. Default: none.
    #[garde(length(max = 3))]
    #[schema(max_items = 3)]
    pub required_roles: Vec<Role>,
    /// Which are taken; one that is not is as good as none. Backup codes stand in for another: `totp` or `webauthn` must
    /// be among them. Default: all.
    #[garde(length(min = 1, max = 3), custom(can_be_set_up))]
    #[schema(min_items = 1, max_items = 3)]
    pub factors: Vec<SecondFactor>,
    /// For how many days somebody who needs one may still sign in without, from the first such sign-in on. Then the
    /// sign-in goes on only after one is set up. Default: 7.
    #[garde(range(max = 90))]
    #[schema(maximum = 90)]
    pub grace_days: u32,
}

fn can_be_set_up(factors: &[SecondFactor], &(): &()) -> garde::Result {
    let refused = || garde::Error::new("neither totp nor webauthn: nobody could set up a second factor");
    factors.iter().any(|kind| *kind != SecondFactor::BackupCode).then_some(()).ok_or_else(refused)
}

/// Who needs a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MfaRequirement {
    /// Nobody, whatever their roles: no second factor is asked for, set up or taken. Those that are there rest.
    Off,
    /// Who wants one has one.
    #[default]
    Optional,
    /// The admins of the tenant, and who has a role on the platform.
    Admins,
    /// Everybody.
    Everyone,
}

/// A kind of second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Codes of an authenticator application (RFC 6238).
    Totp,
    /// Passkeys and security keys.
    Webauthn,
    /// Codes on paper.
    BackupCode,
}

impl SecondFactor {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Totp, Self::Webauthn, Self::BackupCode];

    /// The name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Webauthn => "webauthn",
            Self::BackupCode => "backup_code",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl MfaSettings {
    /// Which kinds of factors are taken.
    pub fn taken(&self) -> &[SecondFactor] {
        if self.required == MfaRequirement::Off { &[] } else { &self.factors }
    }

    /// Whether factors of a kind are taken.
    pub fn takes(&self, kind: SecondFactor) -> bool {
        self.taken().contains(&kind)
    }
}

impl Default for MfaSettings {
    fn default() -> Self {
        Self {
            required: MfaRequirement::default(),
            required_roles: Vec::new(),
            factors: SecondFactor::ALL.to_vec(),
            grace_days: 7,
        }
    }
}

/// What a sign-in leads to that looks unlike its owner's. `docs/guides/sessions.md` says what scores how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RiskSettings {
    /// From which score on a second factor is asked for, of remembered devices too; who has none that is taken is
    /// refused. Default: null, never.
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub second_factor_at: Option<u32>,
    /// From which score on a sign-in is refused, as if its password were wrong. Default: null, never.
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub refuse_at: Option<u32>,
    /// After how many days without a sign-in an account counts as dormant. Default: 90.
    #[garde(range(min = 1, max = 3_650))]
    #[schema(minimum = 1, maximum = 3_650)]
    pub dormant_days: u32,
}

impl Default for RiskSettings {
    fn default() -> Self {
        Self { second_factor_at: None, refuse_at: None, dormant_days: 90 }
    }
}

/// What failed sign-ins lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LockoutSettings {
    /// After how many failures an account is locked, but for devices that have signed in to it before. Default: 10. After
    /// 90 in a row, whatever came between them but a sign-in, such devices alone get in; after 100 the password is good for
    /// nothing until another is set (NIST SP 800-63B-4 §3.2.2).
    #[garde(range(min = 3, max = 100))]
    #[schema(minimum = 3, maximum = 100)]
    pub max_failures: u32,
    /// Within how many seconds they count together. Default: 900 (15 minutes).
    #[garde(range(min = 60, max = 86_400))]
    #[schema(minimum = 60, maximum = 86_400)]
    pub window_seconds: u32,
    /// After how many seconds the lock goes by itself. Default: 900 (15 minutes). Each further lock in a row lasts twice
    /// as long as the one before, a day at the most.
    #[garde(range(min = 60, max = 86_400))]
    #[schema(minimum = 60, maximum = 86_400)]
    pub lock_seconds: u32,
}

impl Default for LockoutSettings {
    fn default() -> Self {
        Self { max_failures: 10, window_seconds: 900, lock_seconds: 900 }
    }
}
