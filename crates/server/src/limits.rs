//! The rate limits as they are configured.

use std::num::NonZeroU32;

use elder_access::{Limits, Quotas};
use elder_config::Settings;
use elder_kernel::Clock;
use elder_limits::{InvalidUrl, Limiter, Quota};

/// The limits of a node; none if they are switched off.
///
/// # Errors
/// [`InvalidUrl`] for the URL of Redis.
pub(crate) fn of(settings: &Settings, clock: &Clock) -> Result<Option<Limits>, InvalidUrl> {
    let configured = &settings.rate_limit;
    if !configured.enabled {
        return Ok(None);
    }
    let burst = configured.burst_seconds.duration();
    let quota = |rate: NonZeroU32| Quota::per_minute(rate, burst);
    Ok(Some(Limits {
        limiter: Limiter::new(clock.clone(), settings.redis.url.as_ref())?,
        quotas: Quotas {
            community: quota(configured.community_per_minute),
            professional: quota(configured.professional_per_minute),
            enterprise: quota(configured.enterprise_per_minute),
            user: quota(configured.user_per_minute),
            key: quota(configured.key_per_minute),
            scim: quota(configured.scim_per_minute),
            operator: quota(configured.operator_per_minute),
            anonymous: quota(configured.anonymous_per_minute),
            auth_address: quota(configured.auth_address_per_minute),
            auth_network: quota(configured.auth_network_per_minute),
            auth_tenant: quota(configured.auth_tenant_per_minute),
        },
        legacy_headers: configured.legacy_headers,
    }))
}
