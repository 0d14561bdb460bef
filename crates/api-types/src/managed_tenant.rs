//! Tenants as operators see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use elder_kernel::{Patch, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{name::Name, tenant::SubscriptionTier};

/// A tenant as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ManagedTenant {
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
    /// The feature flags that it has a value of its own for.
    pub feature_flags: BTreeMap<String, bool>,
    /// For how many days its data is kept; null for as long as it lives.
    pub data_retention_days: Option<i32>,
    /// How much it may store; null without a bound.
    pub storage_quota_gb: Option<i32>,
    /// Whether its people and tokens are let in.
    pub is_active: bool,
    /// Whether nothing of it may be deleted.
    pub legal_hold: bool,
    /// When it will be removed.
    pub deletion_scheduled_at: Option<DateTime<Utc>>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The name of a tenant in paths and headers: 2 to 63 of `a-z`, `0-9` and `-`, and no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[a-z0-9-]{2,63}$", example = "acme")]
pub struct Slug(String);

/// A text that is no slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a slug has 2 to 63 characters of a-z, 0-9 and `-`, and is not a number")]
pub struct InvalidSlug;

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;

    fn try_from(text: String) -> Result<Self, InvalidSlug> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let good = (2..=63).contains(&text.len()) && text.bytes().all(plain) && !is_number;
        good.then_some(Self(text)).ok_or(InvalidSlug)
    }
}

impl Slug {
    /// The text itself.
    pub fn into_inner(self) -> String {
        self.0
    }
}

/// A new tenant. It begins with the settings of the template.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Its name.
    #[garde(skip)]
    pub name: Name<200>,
    /// Its name in paths and headers.
    #[garde(skip)]
    pub slug: Slug,
    /// Its plan. Default: `community`.
    #[serde(default)]
    #[garde(skip)]
    pub subscription_tier: SubscriptionTier,
    /// For how many days its data is kept. Default: null, for as long as it lives.
    #[serde(default)]
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_retention_days: Option<i32>,
    /// How much it may store. Default: null, without a bound.
    #[serde(default)]
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_quota_gb: Option<i32>,
}

/// What an operator changes of a tenant (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagedTenantPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<200>>,
    /// Another slug; the former one is free at once.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
    /// Another plan.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_tier: Option<SubscriptionTier>,
    /// For how many days its data is kept; null for as long as it lives.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(custom(positive))]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub data_retention_days: Patch<i32>,
    /// How much it may store; null without a bound.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(custom(positive))]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub storage_quota_gb: Patch<i32>,
    /// Whether nothing of it may be deleted.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_hold: Option<bool>,
}

fn positive(value: &Patch<i32>, &(): &()) -> garde::Result {
    match value.value() {
        Some(value) if *value < 1 => Err(garde::Error::new("lower than 1")),
        _ => Ok(()),
    }
}

/// When a tenant is to be removed.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleDeletion {
    /// After how many days. Default: what the platform's settings say.
    #[garde(range(max = 365))]
    #[schema(maximum = 365)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_days: Option<u32>,
}

/// Which tenants to list, beside the filter.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TenantSearch {
    /// Those whose name or slug has this in it, whatever the case.
    #[garde(length(chars, min = 1, max = 200))]
    #[param(min_length = 1, max_length = 200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_short_plain_and_no_number() {
        let slug = |text: &str| Slug::try_from(text.to_owned()).is_ok();
        assert!(slug("acme") && slug("a-1") && slug("1a") && slug(&"a".repeat(63)));
        for bad in ["", "a", "42", "Acme", "a_b", "a.b", "a b", "ä-b", &"a".repeat(64)] {
            assert!(!slug(bad), "{bad:?}");
        }
    }
}
