//! Which calls of the API a tenant wants in its audit log, and which of their bodies it wants kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which calls leave an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditedCalls {
    /// Every one.
    #[default]
    All,
    /// Those by another method than GET and HEAD.
    Changes,
    /// None. What they change leaves its own events.
    Off,
}

impl AuditedCalls {
    /// Whether a call is among them that reads, or one that may change something.
    pub const fn cover(self, may_change: bool) -> bool {
        match self {
            Self::All => true,
            Self::Changes => may_change,
            Self::Off => false,
        }
    }
}

/// Which bodies are kept for a while of the calls that leave an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditedBodies {
    /// None.
    #[default]
    Off,
    /// What was sent.
    Requests,
    /// What was sent and what was answered.
    All,
}

impl AuditedBodies {
    /// Whether what was sent is kept.
    pub const fn cover_requests(self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Whether what was answered is kept.
    pub const fn cover_answers(self) -> bool {
        matches!(self, Self::All)
    }
}
