//! Feature flags: on for all, for a share of the tenants, or as the operator says for one.

mod error;
pub mod routes;
mod service;

use elder_kernel::{
    TenantId,
    collection::{Collection, Field},
};

pub use elder_api_types::feature::{
    FeatureFlag, FeatureFlagPatch, Features, FlagName, NewFeatureFlag, NewTenantFlag, TenantFlag,
};
pub use error::Error;

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

/// Whether the flag is on for a tenant; `own` is the value that an operator gave this tenant.
///
/// The share is a threshold over a number that is the tenant's for good, so a share that grows takes none back.
fn is_on(flag: &FeatureFlag, tenant: TenantId, own: Option<bool>) -> bool {
    own.unwrap_or(flag.is_enabled || place(&flag.name, tenant) < flag.percentage)
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

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
            (1..=1_000).filter(|tenant| is_on(&flag(percentage), TenantId(*tenant), None)).collect()
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
        assert!(is_on(&flag(0), TenantId(7), Some(true)));
        let everyone = FeatureFlag { is_enabled: true, ..flag(0) };
        assert!(is_on(&everyone, TenantId(7), None));
        assert!(!is_on(&everyone, TenantId(7), Some(false)));
    }
}
