//! Tenants as their own people see them: what is shown, what is changed, what is counted.

use chrono::{DateTime, Utc};
use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    name::Name,
    settings::{SettingsPatch, TenantSettings},
};

/// What a tenant is subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema)]
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

/// The tenant of the caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tenant {
    /// Its number.
    pub id: TenantId,
    /// Its name.
    #[schema(example = "Acme Corporation")]
    pub name: String,
    /// Its name in paths and headers.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its plan.
    pub subscription_tier: SubscriptionTier,
    /// For how many days its data is kept; null for as long as it lives.
    pub data_retention_days: Option<i32>,
    /// How much it may store; null without a bound.
    pub storage_quota_gb: Option<i32>,
    /// Its settings, with every default filled in.
    #[serde(deserialize_with = "elder_kernel::known")]
    pub settings: TenantSettings,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a tenant changes of itself (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<200>>,
    /// Settings to change; null takes a setting back to its default.
    #[garde(skip)]
    #[schema(value_type = Option<SettingsPatch>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Map<String, Value>>,
}

/// What a tenant uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Its users, active or not.
    pub users: i64,
    /// Its organizations.
    pub organizations: i64,
    /// Sessions that have not ended.
    pub active_sessions: i64,
    /// Calls of the API.
    pub api_calls: ApiCalls,
    /// Audit events that are kept.
    pub audit_events: i64,
    /// Bytes that are stored; null, since tenants share tables whose bytes are not told apart.
    pub storage_bytes: Option<i64>,
}

/// Calls of the API, by days in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiCalls {
    /// Today.
    pub day: i64,
    /// Since the first of the month.
    pub month: i64,
}
