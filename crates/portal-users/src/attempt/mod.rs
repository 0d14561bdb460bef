//! Attempts to prove a password or a second factor: one counter an account, whichever door they come through, and beside
//! it one for each device of its owner, so that strangers who guess keep nobody out.

mod decision;
pub(crate) mod service;
mod tally;

use chrono::{DateTime, Utc};
use elder_access::{Authority, Event, Outcome, OwnWrite, Write, flows};
use elder_kernel::{Id, Secret, Session};
use elder_mfa::{Method, Presented, ProvesFactors};

pub(crate) use tally::MOST_BY_STRANGERS;

use tally::{Tallies, Tally};

use crate::{
    account::Account,
    device::{DeviceId, DeviceToken},
    risk::{Assessment, Circumstances, Places},
};

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
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// Whether more sign-ins with unknown devices came to its tenant than it takes.
    pub(crate) is_beyond_budget: bool,
}

/// Where an attempt comes from.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// Anywhere: a sign-in begins, and how unlike its owner's it looks counts too.
    Anywhere {
        /// What its device showed.
        device: Option<DeviceToken>,
        /// By which it is known where that is.
        places: Places,
    },
    /// A sign-in that goes on, from the device of the account that it began with, if that was one.
    Flow(Option<DeviceId>),
    /// A session of the account, which stands for the device that it was started with: strangers who guess at the
    /// password take nothing from who is signed in (P-12).
    Session(Id<Session>),
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

/// A second factor that is believed.
#[derive(Debug)]
pub(crate) struct Proved {
    /// Whose.
    pub(crate) account: Account,
    /// Of which kind it is.
    pub(crate) method: Method,
    /// The device of the account that it comes from.
    pub(crate) device: Option<DeviceId>,
    /// How unlike its owner's the sign-in looks that begins with it.
    pub(crate) risk: Assessment,
}

/// An attempt that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Since when the account has this password.
    pub(crate) password_changed_at: Option<DateTime<Utc>>,
    /// The device of the account that it comes from.
    pub(crate) device: Option<DeviceId>,
    /// Until when that device stands for the second factor that was proven with it.
    pub(crate) remembered_until: Option<DateTime<Utc>>,
    /// How unlike its owner's it looks.
    pub(crate) risk: Assessment,
    /// Whether that demands a second factor, whatever was remembered.
    pub(crate) is_doubted: bool,
}

/// An account as an attempt finds it.
#[derive(Debug, Clone)]
struct Attempted {
    password_hash: Option<String>,
    password_changed_at: Option<DateTime<Utc>>,
    is_active: bool,
    tenant_is_active: bool,
    tallies: Tallies,
    /// Whether it has a second factor that the tenant takes.
    has_factor: bool,
    circumstances: Circumstances,
    /// Of the device that it comes from.
    remembered_until: Option<DateTime<Utc>>,
}

impl Attempted {
    /// Takes in what is known of the device that the attempt comes from.
    fn come_from(&mut self, device: Option<KnownDevice>) {
        self.circumstances.is_known_device = device.is_some();
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Too many came to the tenant with unknown devices.
    BeyondBudget,
    /// All is right, but it looks too unlike its owner's.
    Risk(Assessment),
    /// The second factor is another one.
    WrongFactor {
        /// Why.
        why: &'static str,
        /// Until when strangers are locked out from now on, if they are.
        locks_until: Option<DateTime<Utc>>,
    },
}

impl Refusal {
    /// The reason in the audit log.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown_account",
            Self::Network => "network_forbidden",
            Self::WrongPassword { .. } => "wrong_password",
            Self::Inactive => "inactive",
            Self::TenantInactive => "tenant_inactive",
            Self::Locked => "locked",
            Self::BeyondBudget => "beyond_budget",
            Self::Risk(_) => "risk",
            Self::WrongFactor { why, .. } => why,
        }
    }

    /// Until when strangers are locked out from now on, if this was one failure too many.
    pub(crate) const fn locks_until(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::WrongPassword { locks_until } | Self::WrongFactor { locks_until, .. } => *locks_until,
            _ => None,
        }
    }

    /// Explains itself in the event that tells of it.
    pub(crate) fn explain(&self, event: Event) -> Event {
        let event = event.ended(Outcome::Failure, self.reason());
        if let Self::Risk(assessment) = self { assessment.explain(event) } else { event }
    }
}
