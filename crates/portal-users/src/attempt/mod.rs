//! Attempts to prove a password or a second factor: one counter an account, whichever door they come through, and beside
//! it one for each device of its owner, so that strangers who guess keep nobody out.

mod decision;
pub(crate) mod service;
mod tally;

use chrono::{DateTime, Utc};
use elder_access::{Authority, OwnWrite, Write, flows};
use elder_kernel::Secret;
use elder_mfa::{Presented, ProvesFactors};

pub(crate) use tally::MOST_BY_STRANGERS;

use tally::{Tallies, Tally};

use crate::device::{DeviceId, DeviceToken};

/// Rights under which a password is proven.
pub(crate) trait ProvesPassword: ProvesFactors + Authority<Mode = Write> {}
impl ProvesPassword for flows::SignIn {}
impl ProvesPassword for OwnWrite {}

/// What was found out about a password, before anything of it is believed.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    /// The hash that it was compared with.
    pub(crate) stored: Option<Secret<String>>,
    /// Whether it matched.
    pub(crate) matches: bool,
    /// The same password hashed with today's parameters, if that is due.
    pub(crate) rehash: Option<Secret<String>>,
    /// What the device showed from which it comes.
    pub(crate) device: Option<DeviceToken>,
}

/// How a second factor is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guess {
    /// It could be hit upon by trying, as a code can: it counts, and a lock keeps it out.
    Possible,
    /// Nobody hits upon a signature: strangers who have locked the account do not keep it out (P-12).
    Impossible,
}

impl Guess {
    /// Of what was sent.
    pub(crate) const fn of(presented: &Presented) -> Self {
        match presented {
            Presented::Code(_) | Presented::BackupCode(_) => Self::Possible,
            Presented::Credential { .. } => Self::Impossible,
        }
    }
}

/// An attempt that is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Since when the account has this password.
    pub(crate) password_changed_at: Option<DateTime<Utc>>,
    /// The device of the account that it comes from.
    pub(crate) device: Option<DeviceId>,
    /// Until when that device stands for the second factor that was proven with it.
    pub(crate) remembered_until: Option<DateTime<Utc>>,
}

/// An account as an attempt finds it.
#[derive(Debug, Clone)]
struct Attempted {
    password_hash: Option<String>,
    password_changed_at: Option<DateTime<Utc>>,
    is_active: bool,
    tenant_is_active: bool,
    tallies: Tallies,
    /// Of the device that it comes from.
    remembered_until: Option<DateTime<Utc>>,
}

impl Attempted {
    /// Takes in what is known of the device that the attempt comes from.
    fn come_from(&mut self, device: Option<KnownDevice>) {
        self.remembered_until = device.and_then(|device| device.remembered_until);
        self.tallies.device = device.map(|device| (device.id, device.tally));
    }
}

/// A device of the account, as an attempt finds it.
#[derive(Debug, Clone, Copy)]
struct KnownDevice {
    id: DeviceId,
    tally: Tally,
    remembered_until: Option<DateTime<Utc>>,
}

/// Why an attempt counts for nothing. The audit log alone learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No account has the address.
    UnknownAccount,
    /// The tenant does not let this network in.
    Network,
    /// The password is another one.
    WrongPassword {
        /// Until when strangers are locked out from now on, if they are.
        locks_until: Option<DateTime<Utc>>,
    },
    /// The account may not sign in.
    Inactive,
    /// The tenant may not be used.
    TenantInactive,
    /// Too many attempts failed before.
    Locked,
    /// The second factor is not right, and why.
    WrongFactor(&'static str),
}

impl Refusal {
    /// The reason in the audit log.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown_account",
            Self::Network => "network_forbidden",
            Self::WrongPassword { .. } => "wrong_password",
            Self::Inactive => "inactive",
            Self::TenantInactive => "tenant_inactive",
            Self::Locked => "locked",
            Self::WrongFactor(why) => why,
        }
    }
}
