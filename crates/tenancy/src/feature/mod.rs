//! Feature flags: on for all, for a share of the tenants, or as the operator says for one.

mod error;
pub mod routes;
mod service;

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use elder_kernel::{
    TenantId,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use error::Error;

/// A feature flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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

/// The feature flags, as they are listed.
#[derive(Debug)]
pub(crate) enum FeatureFlags {}

impl Collection for FeatureFlags {
    const NAME: &'static str = "feature_flags";
    const FIELDS: &'static [Field] = &[
        Field::text("name").sortable(),
        Field::text("description"),
        Field::bool("is_enabled"),
        Field::integer("percentage").sortable(),
        Field::time("created_at").sortable(),
        Field::time("updated_at").sortable(),
    ];
    const DEFAULT_SORT: &'static str = "name";
    const KEY: &'static str = "name";
}

impl FeatureFlag {
    /// Whether the flag is on for a tenant; `own` is the value that an operator gave this tenant.
    ///
    /// The share is a threshold over a number that is the tenant's for good, so a share that grows takes none back.
    pub fn is_on(&self, tenant: TenantId, own: Option<bool>) -> bool {
        own.unwrap_or(self.is_enabled || place(&self.name, tenant) < self.percentage)
    }
}

/// The place of a tenant in the order in which a flag is rolled out: 0 to 99 (FNV-1a, then mixed).
fn place(flag: &str, tenant: TenantId) -> i32 {
    let bytes = flag.bytes().chain([0]).chain(tenant.0.to_be_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    i32::try_from((mixed ^ (mixed >> 32)) % 100).unwrap_or(0)
}

/// A new feature flag.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
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
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureFlagPatch {
    /// What it switches.
    #[garde(length(chars, max = 1_000))]
    #[schema(max_length = 1_000)]
    pub description: Option<String>,
    /// Whether it is on for all.
    #[garde(skip)]
    pub is_enabled: Option<bool>,
    /// The share of tenants.
    #[garde(range(min = 0, max = 100))]
    #[schema(minimum = 0, maximum = 100)]
    pub percentage: Option<i32>,
}

/// The value of a flag for one tenant.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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

    fn flag(percentage: i32) -> FeatureFlag {
        FeatureFlag {
            name: "new-dashboard".to_owned(),
            description: String::new(),
            is_enabled: false,
            percentage,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_share_that_grows_takes_nobody_out_and_ends_at_all() {
        let on = |percentage| -> Vec<i32> {
            (1..=1_000).filter(|tenant| flag(percentage).is_on(TenantId(*tenant), None)).collect()
        };
        assert!(on(0).is_empty());
        assert_eq!(on(100).len(), 1_000);
        for percentage in 0..100 {
            let (now, next) = (on(percentage), on(percentage + 1));
            assert!(now.iter().all(|tenant| next.contains(tenant)), "{percentage}");
        }
        assert!((200..300).contains(&on(25).len()), "{}", on(25).len());
    }

    #[test]
    fn two_flags_begin_with_different_tenants() {
        let first =
            |name: &str| (1..=200).filter(|tenant| place(name, TenantId(*tenant)) < 10).collect::<Vec<_>>();
        assert_ne!(first("one"), first("two"));
    }

    #[test]
    fn the_value_of_the_tenant_goes_before_all() {
        assert!(flag(0).is_on(TenantId(7), Some(true)));
        let everyone = FeatureFlag { is_enabled: true, ..flag(0) };
        assert!(everyone.is_on(TenantId(7), None));
        assert!(!everyone.is_on(TenantId(7), Some(false)));
    }

    #[test]
    fn a_name_is_plain_and_short() {
        let name = |text: &str| FlagName::try_from(text.to_owned()).is_ok();
        assert!(name("a") && name("new-dashboard_2.1") && name(&"a".repeat(63)));
        assert!(!name("") && !name("A") && !name("1a") && !name("a b") && !name(&"a".repeat(64)));
    }
}
