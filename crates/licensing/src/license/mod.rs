//! A licence: for whom it is, what it covers, and for how long.

mod refusal;
mod signed;
mod terms;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use refusal::Refusal;
pub use signed::{DEVELOPMENT_KEY, NoKey, PublicKey, SigningKey};
pub use terms::{Given, Terms};

/// For how long everything works on after a licence has ended, where it does not say otherwise (licensing.md).
pub const GRACE_DAYS: u32 = 14;

/// What stands in a signed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// Its name.
    pub id: String,
    /// For whom it was made.
    pub licensee: String,
    /// What it covers: the same content as in the licence server's answer.
    #[serde(flatten)]
    pub terms: Terms,
    /// When it was made: an older one never takes the place of a newer one.
    pub issued_at: DateTime<Utc>,
    /// From when it is in force.
    pub not_before: DateTime<Utc>,
    /// When it ends; none if it does not.
    pub expires_at: Option<DateTime<Utc>>,
    /// For how many days everything works on after that.
    #[serde(default = "grace_days")]
    pub grace_days: u32,
    /// The one installation that it is for; none if it is for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<Uuid>,
    /// Whether it is for a server alone that nobody else can reach.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loopback_only: bool,
}

const fn grace_days() -> u32 {
    GRACE_DAYS
}

/// Where a licence is to be in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What the installation is called.
    pub installation: Uuid,
    /// Whether its server can be reached from this machine alone.
    pub is_loopback: bool,
}

impl License {
    /// When it stops to be in force: its grace is over. None if it never does.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        // A time that no calendar has is one that does not come.
        self.expires_at?.checked_add_signed(TimeDelta::days(self.grace_days.into()))
    }

    /// Whether it is for this place.
    ///
    /// # Errors
    /// [`Refusal::Foreign`], [`Refusal::NotLoopback`].
    pub fn admit_place(&self, place: Place) -> Result<(), Refusal> {
        match self.installation {
            Some(meant) if meant != place.installation => Err(Refusal::Foreign(meant)),
            _ if self.loopback_only && !place.is_loopback => Err(Refusal::NotLoopback),
            _ => Ok(()),
        }
    }

    /// Whether it can be installed here and now.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn admit(&self, place: Place, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.admit_place(place)?;
        if now < self.not_before {
            return Err(Refusal::NotYetValid(self.not_before));
        }
        match self.expires_at {
            Some(end) if end <= now => Err(Refusal::Expired(end)),
            _ => Ok(()),
        }
    }
}
