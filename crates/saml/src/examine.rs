//! Looks at a provider as it is configured, for whoever sets it up: nobody has to sign in for that.

use chrono::{DateTime, Utc};

use crate::Idp;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// How long the provider's description counts.
    Metadata,
    /// The addresses, and how messages get there.
    Endpoints,
    /// The certificates: when they end.
    Certificates,
    /// The keys in them: their kinds and sizes.
    Keys,
    /// Whether a logout can be told to the provider.
    Logout,
}

impl Topic {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Endpoints => "endpoints",
            Self::Certificates => "certificates",
            Self::Keys => "keys",
            Self::Logout => "logout",
        }
    }
}

/// How it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Good.
    Passed,
    /// It works, but somebody should see to it.
    Warning,
    /// Nobody can sign in.
    Failed,
}

impl Outcome {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// What one look has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub topic: Topic,
    /// How it looks.
    pub outcome: Outcome,
    /// What there is to say, in a sentence.
    pub words: String,
}

/// Examines a provider: one finding for each topic, in their order.
pub fn examine(idp: &Idp, now: DateTime<Utc>) -> Vec<Finding> {
    let _ = (idp, now);
    Vec::new()
}
