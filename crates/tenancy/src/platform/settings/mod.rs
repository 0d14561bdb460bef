//! The platform's settings: its name, who may register, the template of tenants, maintenance.

mod error;
pub mod routes;
mod service;

use elder_access::Maintenance;
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::name::Name;

pub use error::Error;

/// The platform's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlatformSettings {
    /// The platform's name. Default: `Elder`.
    pub name: String,
    /// Who may register. Default: `invitation`.
    pub registration: Registration,
    /// After how many days a scheduled deletion of a tenant takes place. Default: 30.
    #[schema(minimum = 0, maximum = 365)]
    pub deletion_days: i32,
    /// Set while the platform is closed to all but global admins. Default: null.
    pub maintenance: Option<Maintenance>,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
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
    const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Invitation => "invitation",
            Self::Domain => "domain",
            Self::Open => "open",
        }
    }

    fn named(name: &str) -> Self {
        let all = [Self::Off, Self::Invitation, Self::Domain, Self::Open];
        all.into_iter().find(|policy| policy.name() == name).unwrap_or_default()
    }
}

/// What to change of the platform's settings (RFC 7396).
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlatformSettingsPatch {
    /// Another name.
    #[garde(skip)]
    pub name: Option<Name<200>>,
    /// Who may register.
    #[garde(skip)]
    pub registration: Option<Registration>,
    /// After how many days a scheduled deletion of a tenant takes place.
    #[garde(range(min = 0, max = 365))]
    #[schema(minimum = 0, maximum = 365)]
    pub deletion_days: Option<i32>,
    /// Closes the platform to all but global admins; null opens it.
    #[serde(default)]
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
