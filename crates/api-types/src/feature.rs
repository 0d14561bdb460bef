//! Feature flags: on for all, for a share of the tenants, or as the operator says for one.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A feature flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeatureFlag {
    /// Its name.
    #[schema(example = "new-dashboard")]
    pub name: String,
    /// What it switches.
    pub description: String,
    /// Whether it is on for every tenant that has no value of its own.
    pub is_enabled: bool,
    /// While it is not on for all: the share of tenants for which it is.
    #[schema(minimum = 0, maximum = 100)]
    pub percentage: i32,
    /// When it was defined.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A new feature flag.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeatureFlag {
    /// Its name, for good.
    #[garde(skip)]
    pub name: FlagName,
    /// What it switches. Default: nothing said.
    #[serde(default)]
    #[garde(length(chars, max = 1_000))]
    #[schema(max_length = 1_000)]
    pub description: String,
    /// Whether it is on for all. Default: false.
    #[serde(default)]
    #[garde(skip)]
    pub is_enabled: bool,
    /// The share of tenants. Default: 0.
    #[serde(default)]
    #[garde(range(min = 0, max = 100))]
    #[schema(minimum = 0, maximum = 100)]
    pub percentage: i32,
}

/// What to change of a feature flag (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureFlagPatch {
    /// What it switches.
    #[garde(length(chars, max = 1_000))]
    #[schema(max_length = 1_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is on for all.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_enabled: Option<bool>,
    /// The share of tenants.
    #[garde(range(min = 0, max = 100))]
    #[schema(minimum = 0, maximum = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentage: Option<i32>,
}

/// The value of a flag for one tenant.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTenantFlag {
    /// On, off, or null for what holds for all. Must be given.
    #[garde(skip)]
    // Named, so that serde demands the field: null has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub value: Option<bool>,
}

/// A flag as it is for one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantFlag {
    /// The flag.
    pub name: String,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The tenant's own value.
    pub value: Option<bool>,
    /// Whether it is on.
    pub is_on: bool,
}

/// Which flags are on for the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Features {
    /// Every flag by its name.
    pub features: BTreeMap<String, bool>,
}

/// The name of a flag: a letter, then up to 62 letters, digits, `_`, `.` or `-`, all in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^[a-z][a-z0-9_.-]{0,62}$", example = "new-dashboard")]
pub struct FlagName(String);

/// A text that names no flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a flag's name is a letter and up to 62 of a-z, 0-9, `_`, `.` and `-`")]
pub struct InvalidFlagName;

impl TryFrom<String> for FlagName {
    type Error = InvalidFlagName;

    fn try_from(text: String) -> Result<Self, InvalidFlagName> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        let good =
            text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 63 && text.chars().all(plain);
        good.then_some(Self(text)).ok_or(InvalidFlagName)
    }
}

impl fmt::Display for FlagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_short() {
        let name = |text: &str| FlagName::try_from(text.to_owned()).is_ok();
        assert!(name("a") && name("new-dashboard_2.1") && name(&"a".repeat(63)));
        assert!(!name("") && !name("A") && !name("1a") && !name("a b") && !name(&"a".repeat(64)));
    }
}
