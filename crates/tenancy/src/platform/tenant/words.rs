//! How operators name tenants, and how they list them.

use elder_access::SubscriptionTier;
use elder_kernel::{
    TenantId,
    collection::{Collection, Field},
};
use serde::Deserialize;

/// How a path names a tenant: by number or by slug, which never is a number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum TenantRef {
    /// By number.
    Id(TenantId),
    /// By slug.
    Slug(String),
}

impl From<String> for TenantRef {
    fn from(text: String) -> Self {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(id) if is_number => Self::Id(TenantId(id)),
            _ => Self::Slug(text),
        }
    }
}

/// The tenants, as they are listed.
#[derive(Debug)]
pub enum Tenants {}

impl Collection for Tenants {
    const NAME: &'static str = "tenants";
    const FIELDS: &'static [Field] = &[
        Field::integer("id").sortable(),
        Field::folded("name").sortable(),
        Field::text("slug").sortable(),
        Field::word("subscription_tier", SubscriptionTier::NAMES),
        Field::opaque("feature_flags"),
        Field::integer("data_retention_days"),
        Field::integer("storage_quota_gb"),
        Field::bool("is_active"),
        Field::bool("legal_hold"),
        Field::time("deletion_scheduled_at"),
        Field::time("created_at").sortable(),
        Field::time("updated_at").sortable(),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_names_a_tenant_by_its_id_and_all_else_by_its_slug() {
        assert_eq!(TenantRef::from("7".to_owned()), TenantRef::Id(TenantId(7)));
        for slug in ["acme", "-7", "+7", "99999999999", ""] {
            assert_eq!(TenantRef::from(slug.to_owned()), TenantRef::Slug(slug.to_owned()));
        }
    }
}
