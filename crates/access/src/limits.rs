//! Which budgets a request draws on.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use elder_api_types::tenant::SubscriptionTier;
use elder_kernel::TenantId;
use elder_limits::{Bucket, Limiter, Quota, Subject};
use ipnet::IpNet;

use crate::{
    entitlements::Entitlements,
    permissions::RateClass,
    principal::{Principal, Who},
};

/// The rate limits of a node.
pub struct Limits {
    /// Keeps the budgets.
    pub limiter: Limiter,
    /// How large they are.
    pub quotas: Quotas,
    /// Whether answers have the older headers too.
    pub legacy_headers: bool,
}

/// How large each budget is.
#[derive(Debug, Clone)]
pub struct Quotas {
    /// A tenant of the smallest plan, with all its users and keys.
    pub community: Quota,
    /// A tenant of the middle plan.
    pub professional: Quota,
    /// A tenant of the largest plan.
    pub enterprise: Quota,
    /// A user.
    pub user: Quota,
    /// A key or a SCIM token.
    pub key: Quota,
    /// A SCIM directory.
    pub scim: Quota,
    /// An operator, over all tenants.
    pub operator: Quota,
    /// Whoever shows no valid credential, by address.
    pub anonymous: Quota,
    /// Tries to prove something, by address.
    pub auth_address: Quota,
    /// Tries to prove something, by the network around the address.
    pub auth_network: Quota,
    /// Sign-ins to a tenant with devices that their accounts do not know.
    pub auth_tenant: Quota,
}

impl Quotas {
    /// The budgets of a request: that of its class and its caller's own, or those of its address.
    pub(crate) fn buckets(
        &self,
        class: RateClass,
        caller: Option<&Principal>,
        ip: Option<IpAddr>,
        covered: &Entitlements,
    ) -> Vec<Bucket> {
        match (class, caller) {
            // A guesser may have an account of their own.
            (RateClass::Auth, _) => vec![
                Bucket::new("auth-ip", network(ip, 32, 64), self.auth_address),
                Bucket::new("auth-network", network(ip, 24, 48), self.auth_network),
            ],
            (_, None) => vec![Bucket::new("anonymous", network(ip, 32, 64), self.anonymous)],
            (_, Some(caller)) => vec![self.of_class(class, caller, covered), self.own(caller)],
        }
    }

    /// The budget of sign-ins with unknown devices, of a tenant or of accounts that nobody has.
    pub(crate) fn sign_in(&self, tenant: Option<TenantId>) -> Bucket {
        Bucket::new("auth-tenant", tenant.map_or(Subject::Unknown, Subject::Tenant), self.auth_tenant)
    }

    fn of_class(&self, class: RateClass, caller: &Principal, covered: &Entitlements) -> Bucket {
        match (class, &caller.who) {
            (RateClass::Scim, Who::Directory(directory)) => {
                Bucket::new("scim", Subject::Id(directory.directory.uuid()), self.scim)
            }
            (RateClass::Operator, Who::User(user)) => {
                Bucket::new("operator", Subject::Id(user.user.uuid()), self.operator)
            }
            _ => Bucket::new("tenant", Subject::Tenant(caller.tenant), self.of_tier(caller.tier, covered)),
        }
    }

    fn own(&self, caller: &Principal) -> Bucket {
        match &caller.who {
            Who::User(user) => Bucket::new("user", Subject::Id(user.user.uuid()), self.user),
            Who::Key(key) => Bucket::new("key", Subject::Id(key.key.uuid()), self.key),
            Who::Directory(directory) => Bucket::new("key", Subject::Id(directory.token.uuid()), self.key),
        }
    }

    /// No tenant has more than the installation is licensed for.
    fn of_tier(&self, tier: SubscriptionTier, covered: &Entitlements) -> Quota {
        let quota = match tier.min(covered.tier) {
            SubscriptionTier::Community => self.community,
            SubscriptionTier::Professional => self.professional,
            SubscriptionTier::Enterprise => self.enterprise,
        };
        let most = covered.limits.api_requests_per_minute.0.and_then(NonZeroU32::new);
        most.map_or(quota, |most| quota.at_most(most))
    }
}

/// The network around an address, of so many bits: within 64 bits of IPv6, a single caller has every address.
fn network(ip: Option<IpAddr>, bits_v4: u8, bits_v6: u8) -> Subject {
    let around = ip.and_then(|ip| {
        let bits = if ip.is_ipv4() { bits_v4 } else { bits_v6 };
        IpNet::new(ip, bits).ok()
    });
    around.map_or(Subject::Unknown, |network| Subject::Network(network.trunc()))
}

/// The bucket that lets one event of a tenant through each minute.
pub(crate) fn telling(tenant: TenantId) -> Bucket {
    let quota = Quota { rate: NonZeroU32::MIN, window: Duration::from_mins(1), burst: NonZeroU32::MIN };
    Bucket::new("event", Subject::Tenant(tenant), quota)
}

#[cfg(test)]
mod tests {
    use super::*;
    use elder_api_types::directory::{Provider, Vocabulary};
    use elder_api_types::license::Most;
    use elder_kernel::Seam;

    use crate::principal::{DirectoryPrincipal, UserPrincipal};

    fn quota(rate: u32) -> Quota {
        Quota::per_minute(NonZeroU32::new(rate).unwrap(), Duration::from_mins(1))
    }

    fn quotas() -> Quotas {
        Quotas {
            community: quota(1),
            professional: quota(2),
            enterprise: quota(3),
            user: quota(4),
            key: quota(5),
            scim: quota(6),
            operator: quota(7),
            anonymous: quota(8),
            auth_address: quota(9),
            auth_network: quota(10),
            auth_tenant: quota(11),
        }
    }

    fn user(tier: SubscriptionTier) -> Principal {
        let seam = Seam::system();
        let user = UserPrincipal {
            user: seam.id(),
            session: seam.id(),
            global_role: None,
            permissions: crate::PermissionSet::default(),
            grants: vec![],
            impersonator: None,
            assurance: crate::Assurance { proven_at: seam.now(), is_multi_factor: false, factors: vec![] },
        };
        Principal {
            tenant: TenantId(7),
            slug: "acme".into(),
            tier,
            networks: crate::Networks::default(),
            origins: crate::origins::Origins::default(),
            api_calls: elder_api_types::settings::AuditedCalls::default(),
            api_bodies: elder_api_types::settings::AuditedBodies::default(),
            who: Who::User(user),
        }
    }

    fn drawn(class: RateClass, caller: Option<&Principal>) -> Vec<(&'static str, u32)> {
        let covered = Entitlements::of_tier(SubscriptionTier::Enterprise);
        let buckets = quotas().buckets(class, caller, "192.0.2.7".parse().ok(), &covered);
        buckets.iter().map(|bucket| (bucket.policy, bucket.quota.rate.get())).collect()
    }

    fn network_of(ip: Option<&str>) -> Vec<String> {
        let ip = ip.map(|ip| ip.parse().unwrap());
        let covered = Entitlements::of_tier(SubscriptionTier::Enterprise);
        let buckets = quotas().buckets(RateClass::Auth, None, ip, &covered);
        buckets.iter().map(|bucket| bucket.subject.to_string()).collect()
    }

    #[test]
    fn a_user_draws_on_the_tenant_by_its_plan_and_on_their_own() {
        for (tier, rate) in [
            (SubscriptionTier::Community, 1),
            (SubscriptionTier::Professional, 2),
            (SubscriptionTier::Enterprise, 3),
        ] {
            assert_eq!(drawn(RateClass::Standard, Some(&user(tier))), [("tenant", rate), ("user", 4)]);
        }
        let operator = user(SubscriptionTier::Enterprise);
        assert_eq!(drawn(RateClass::Operator, Some(&operator)), [("operator", 7), ("user", 4)]);
    }

    #[test]
    fn a_tenant_has_no_more_than_the_installation_is_licensed_for() {
        let rate = |covered: &Entitlements, tier| quotas().of_tier(tier, covered).rate.get();
        let mut covered = Entitlements::of_tier(SubscriptionTier::Professional);
        assert_eq!(rate(&covered, SubscriptionTier::Enterprise), 2);
        assert_eq!(rate(&covered, SubscriptionTier::Community), 1);
        covered.limits.api_requests_per_minute = Most(Some(1));
        assert_eq!(rate(&covered, SubscriptionTier::Enterprise), 1);
        covered.limits.api_requests_per_minute = Most::UNLIMITED;
        assert_eq!(rate(&covered, SubscriptionTier::Enterprise), 2);
    }

    #[test]
    fn a_directory_spends_nothing_of_its_tenant() {
        let seam = Seam::system();
        let directory = DirectoryPrincipal {
            directory: seam.id(),
            token: seam.id(),
            can_write: true,
            is_paused: false,
            sync_groups: true,
            provider: Provider::Generic,
            entitlements: Vocabulary::Open,
        };
        let caller = Principal { who: Who::Directory(directory), ..user(SubscriptionTier::Community) };
        assert_eq!(drawn(RateClass::Scim, Some(&caller)), [("scim", 6), ("key", 5)]);
        assert_eq!(drawn(RateClass::Standard, Some(&caller)), [("tenant", 1), ("key", 5)]);
    }

    #[test]
    fn who_tries_to_prove_something_is_known_by_address_whatever_else_they_have() {
        let expected = [("auth-ip", 9), ("auth-network", 10)];
        assert_eq!(drawn(RateClass::Auth, None), expected);
        assert_eq!(drawn(RateClass::Auth, Some(&user(SubscriptionTier::Enterprise))), expected);
        assert_eq!(drawn(RateClass::Standard, None), [("anonymous", 8)]);
    }

    #[test]
    fn w_17_an_ipv6_network_is_one_caller_and_so_are_all_whose_address_is_unknown() {
        assert_eq!(network_of(Some("203.0.113.9")), ["203.0.113.9/32", "203.0.113.0/24"]);
        assert_eq!(network_of(Some("2001:db8:1:2:3:4:5:6")), ["2001:db8:1:2::/64", "2001:db8:1::/48"]);
        assert_eq!(network_of(Some("2001:db8:1:2:ffff::1")), network_of(Some("2001:db8:1:2:3:4:5:6")),);
        assert_eq!(network_of(None), ["unknown", "unknown"]);
    }
}
