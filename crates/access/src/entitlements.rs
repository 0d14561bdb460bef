//! What the licence covers now, as the doors and the budgets ask it.

use chrono::{DateTime, Utc};
use elder_api_types::{
    license::{LicensePhase, Limits},
    permission::Feature,
    tenant::SubscriptionTier,
};
use elder_kernel::{Coded, ErrorCode, TenantId};

/// What this installation's licence covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlements {
    /// The tier.
    pub tier: SubscriptionTier,
    /// The features.
    pub features: Vec<Feature>,
    /// What may be used.
    pub limits: Limits,
    /// The first tenant that is beyond the licence: it and those that were made after it can be read and not changed.
    pub first_beyond: Option<TenantId>,
    /// How the licence stands.
    pub phase: LicensePhase,
    /// When it stops to be in force, unless it is renewed before; none if it does not.
    pub ends_at: Option<DateTime<Utc>>,
    /// What somebody should do something about.
    pub warning: Option<String>,
}

impl Entitlements {
    /// What a tier covers where no licence says anything of its own (licensing.md).
    pub fn of_tier(tier: SubscriptionTier) -> Self {
        Self {
            tier,
            features: tier.features().to_vec(),
            limits: tier.limits(),
            first_beyond: None,
            phase: match tier {
                SubscriptionTier::Community => LicensePhase::None,
                SubscriptionTier::Professional | SubscriptionTier::Enterprise => LicensePhase::Valid,
            },
            ends_at: None,
            warning: None,
        }
    }

    /// Whether `feature` is covered.
    pub fn cover(&self, feature: Feature) -> bool {
        match feature {
            Feature::Sso => self.cover(Feature::SsoSaml) || self.cover(Feature::SsoOidc),
            feature => self.features.contains(&feature),
        }
    }

    /// Whether `tenant` may be changed.
    pub fn let_change(&self, tenant: TenantId) -> bool {
        self.first_beyond.is_none_or(|first| tenant < first)
    }

    /// Demands that `feature` is covered.
    ///
    /// # Errors
    /// [`Unlicensed::Feature`].
    pub fn demand(&self, feature: Feature) -> Result<(), Unlicensed> {
        if self.cover(feature) { Ok(()) } else { Err(Unlicensed::Feature(feature)) }
    }

    /// Demands that `tenant` may be changed.
    ///
    /// # Errors
    /// [`Unlicensed::Tenant`].
    pub fn demand_change(&self, tenant: TenantId) -> Result<(), Unlicensed> {
        let most = self.limits.max_tenants.number();
        if self.let_change(tenant) { Ok(()) } else { Err(Unlicensed::Tenant(most)) }
    }
}

/// What the licence does not cover.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlicensed {
    /// A feature.
    #[error("The licence does not cover `{}`.", .0.name())]
    Feature(Feature),
    /// A tenant beyond those that it covers.
    #[error(
        "The licence covers {0} tenants (`max_tenants`). This one is beyond: it can be read, and not changed."
    )]
    Tenant(i64),
    /// One more of what it limits.
    #[error("The licence allows no more: its `{0}` is reached.")]
    Limit(String),
}

impl Coded for Unlicensed {
    fn code(&self) -> ErrorCode {
        ErrorCode::LicenseRequired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_sign_on_is_covered_with_either_protocol() {
        let mut covered = Entitlements::of_tier(SubscriptionTier::Community);
        assert!(!covered.cover(Feature::Sso));
        covered.features = vec![Feature::SsoSaml];
        assert!(covered.cover(Feature::Sso) && !covered.cover(Feature::SsoOidc));
    }

    #[test]
    fn a_tenant_beyond_the_licence_and_those_after_it_are_not_changed() {
        let mut covered = Entitlements::of_tier(SubscriptionTier::Enterprise);
        assert!(covered.let_change(TenantId(9)));
        covered.first_beyond = Some(TenantId(4));
        assert!(covered.let_change(TenantId(3)));
        assert!(!covered.let_change(TenantId(4)) && !covered.let_change(TenantId(5)));
        assert_eq!(covered.demand_change(TenantId(4)), Err(Unlicensed::Tenant(1)));
    }
}
