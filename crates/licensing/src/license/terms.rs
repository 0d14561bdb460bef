//! What a licence covers, in the words that its file and the licence server share.

use elder_access::{Entitlements, Feature, SubscriptionTier};
use elder_api_types::license::{FeatureEntry, Limits, Most};
use serde::{Deserialize, Serialize};

/// Tier, features and limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The tier, whose defaults hold for all that is not named.
    pub tier: SubscriptionTier,
    /// Features that are covered, or not, otherwise than by the tier. A name that this version does not know covers nothing.
    #[serde(default)]
    pub features: Vec<FeatureEntry>,
    /// Limits other than the tier's.
    #[serde(default)]
    pub limits: Given,
}

/// The limits that a licence names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Tenants, System among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tenants: Option<Most>,
    /// People.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_users: Option<Most>,
    /// People, organizations, custom roles and directories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_entities: Option<Most>,
    /// Days of audit events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_retention_days: Option<Most>,
    /// Requests a minute of a tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_requests_per_minute: Option<Most>,
}

impl Terms {
    /// What the installation may do under these terms.
    pub fn entitlements(&self) -> Entitlements {
        let mut covered = Entitlements::of_tier(self.tier);
        for entry in &self.features {
            let Some(feature) = Feature::named(&entry.name) else { continue };
            covered.features.retain(|known| *known != feature);
            if entry.entitled {
                covered.features.push(feature);
            }
        }
        covered.limits = self.limits.over(covered.limits);
        covered
    }
}

impl Given {
    fn over(self, default: Limits) -> Limits {
        Limits {
            max_tenants: self.max_tenants.unwrap_or(default.max_tenants),
            max_users: self.max_users.unwrap_or(default.max_users),
            max_entities: self.max_entities.unwrap_or(default.max_entities),
            audit_retention_days: self.audit_retention_days.unwrap_or(default.audit_retention_days),
            api_requests_per_minute: self.api_requests_per_minute.unwrap_or(default.api_requests_per_minute),
        }
    }
}
