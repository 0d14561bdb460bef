//! The plans of tenants.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a tenant is subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionTier {
    /// The smallest.
    #[default]
    Community,
    /// With custom roles.
    Professional,
    /// With everything.
    Enterprise,
}

impl SubscriptionTier {
    /// The names of all of them.
    pub const NAMES: &'static [&'static str] = &["community", "professional", "enterprise"];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Community => "community",
            Self::Professional => "professional",
            Self::Enterprise => "enterprise",
        }
    }

    /// The tier of this name; the smallest for one that is none, so that a mistake never gives more.
    pub fn named(name: &str) -> Self {
        let all = [Self::Community, Self::Professional, Self::Enterprise];
        all.into_iter().find(|tier| tier.name() == name).unwrap_or_default()
    }
}
