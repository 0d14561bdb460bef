//! The words of tenants: what is shown, what is sent, what is counted.

use chrono::{DateTime, Utc};
use elder_access::SubscriptionTier;
use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    name::Name,
    settings::{SettingsPatch, TenantSettings},
};

/// The metric of `usage_days` that counts API calls.
pub const API_CALLS: &str = "api_calls";

/// The tenant of the caller.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
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
    pub settings: TenantSettings,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a tenant changes of itself (RFC 7396).
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantPatch {
    /// Another name.
    #[garde(skip)]
    pub name: Option<Name<200>>,
    /// Settings to change; null takes a setting back to its default.
    #[garde(skip)]
    #[schema(value_type = Option<SettingsPatch>)]
    pub settings: Option<Map<String, Value>>,
}

/// What a tenant uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiCalls {
    /// Today.
    pub day: i64,
    /// Since the first of the month.
    pub month: i64,
}
