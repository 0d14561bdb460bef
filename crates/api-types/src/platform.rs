//! The platform as its operators see it: its settings, maintenance, its health.

use chrono::{DateTime, Utc};
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::name::Name;

/// The platform is closed for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// What people are told.
    #[schema(min_length = 1, max_length = 500)]
    pub message: String,
    /// When they may try again, in seconds.
    #[schema(minimum = 1, maximum = 86_400)]
    pub retry_after_seconds: u32,
}

/// The platform's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlatformSettings {
    /// The platform's name. Default: `Elder`.
    pub name: String,
    /// Who may register: the most that a tenant may allow by its own `registration`. Default: `invitation`.
    pub registration: Registration,
    /// After how many days a scheduled deletion of a tenant takes place. Default: 30.
    #[schema(minimum = 0, maximum = 365)]
    pub deletion_days: i32,
    /// Set while the platform is closed to all but global admins. Default: null.
    #[serde(deserialize_with = "elder_kernel::known")]
    pub maintenance: Option<Maintenance>,
}

/// Who may register; each allows what stands before it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Nobody: accounts are made by admins.
    Off,
    /// Who was invited.
    #[default]
    Invitation,
    /// Who has an address at a verified domain.
    Domain,
    /// Anyone.
    Open,
}

impl Registration {
    /// The name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Invitation => "invitation",
            Self::Domain => "domain",
            Self::Open => "open",
        }
    }

    /// The policy of this name; the default for one that is none.
    pub fn named(name: &str) -> Self {
        let all = [Self::Off, Self::Invitation, Self::Domain, Self::Open];
        all.into_iter().find(|policy| policy.name() == name).unwrap_or_default()
    }
}

/// What to change of the platform's settings (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlatformSettingsPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<200>>,
    /// Who may register.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// After how many days a scheduled deletion of a tenant takes place.
    #[garde(range(min = 0, max = 365))]
    #[schema(minimum = 0, maximum = 365)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletion_days: Option<i32>,
    /// Closes the platform to all but global admins; null opens it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(custom(bounded))]
    #[schema(value_type = Option<Maintenance>)]
    pub maintenance: Patch<Maintenance>,
}

fn bounded(patch: &Patch<Maintenance>, &(): &()) -> garde::Result {
    let Some(maintenance) = patch.value() else { return Ok(()) };
    if !(1..=500).contains(&maintenance.message.chars().count()) {
        return Err(garde::Error::new("the message has 1 to 500 characters"));
    }
    if !(1..=86_400).contains(&maintenance.retry_after_seconds) {
        return Err(garde::Error::new("retry_after_seconds is from 1 to 86400"));
    }
    Ok(())
}

/// The health of the platform, as this node sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// For how many seconds this node has been running.
    pub uptime_seconds: i64,
    /// The database.
    pub database: DatabaseHealth,
    /// The outbox.
    pub outbox: OutboxHealth,
}

/// The health of the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DatabaseHealth {
    /// How long it took to answer, in milliseconds.
    pub ping_milliseconds: f64,
    /// The pools of this node.
    pub pools: Vec<PoolHealth>,
}

/// One pool of connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolHealth {
    /// `app` or `platform`.
    pub name: String,
    /// Open connections.
    pub size: usize,
    /// Those that are idle.
    pub idle: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// Events that are still to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutboxHealth {
    /// How many; counted no further than 100,000.
    pub backlog: i64,
    /// Since when the oldest waits.
    pub oldest_at: Option<DateTime<Utc>>,
}
