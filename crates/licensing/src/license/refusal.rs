//! Why a licence is not taken.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Why a licence is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no licence at all.
    #[error("This is no licence: {0}.")]
    Malformed(&'static str),
    /// Nobody has signed it who may.
    #[error("The licence was signed by a key that is not among `license.public_keys`.")]
    Forged,
    /// It is not as it was signed.
    #[error("The licence is not as it was signed.")]
    Altered,
    /// It is for later.
    #[error("The licence begins on {}.", day(.0))]
    NotYetValid(DateTime<Utc>),
    /// It is over.
    #[error("The licence ended on {}.", day(.0))]
    Expired(DateTime<Utc>),
    /// It is for another installation.
    #[error("The licence is for the installation {0}; `elder license status` shows what this one is called.")]
    Foreign(Uuid),
    /// It is for development.
    #[error(
        "This is a development licence: it holds only where `http.bind` and `http.public_url` name this very machine."
    )]
    NotLoopback,
    /// A newer one is in force.
    #[error("The licence is older than the one in force, which was made on {}.", day(.0))]
    Older(DateTime<Utc>),
    /// The licence server says that there is none.
    #[error("The licence server does not know this licence as valid: {0}.")]
    Denied(String),
    /// The licence server answers what cannot be read.
    #[error("The licence server does not answer as it should: {0}.")]
    Unreadable(String),
}

impl Refusal {
    /// The reason in a word, for the audit log and for programs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Forged => "forged",
            Self::Altered => "altered",
            Self::NotYetValid(_) => "not_yet_valid",
            Self::Expired(_) => "expired",
            Self::Foreign(_) => "foreign",
            Self::NotLoopback => "not_loopback",
            Self::Older(_) => "older",
            Self::Denied(_) => "denied",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// A time as people read it.
pub(crate) fn day(time: &DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}
