//! How many requests each caller may send.

use std::num::NonZeroU32;

use crate::ConfigError;
use crate::setting::section;
use crate::value::Seconds;

/// No more is saved up than a minute's budget, so that no header shows more than the budget.
const LONGEST_BURST: u64 = 60;

section! {
    /// How many requests each caller may send. Every request takes one from each budget that it falls under; what is
    /// not used is saved up for `burst_seconds`. docs/guides/rate-limits.md says who falls under what.
    RateLimit = "rate_limit" {
        /// Whether anybody is limited at all.
        enabled: bool = true;
        /// Whether answers have the older headers too: X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset.
        legacy_headers: bool = false;
        /// For how long a budget is saved up, so that so many seconds' worth may come at once: at most 60.
        burst_seconds: Seconds = 60;
        /// Requests a minute of all users and keys of a tenant together, in the tier "community".
        community_per_minute: NonZeroU32 = 300;
        /// The same in the tier "professional".
        professional_per_minute: NonZeroU32 = 1000;
        /// The same in the tier "enterprise".
        enterprise_per_minute: NonZeroU32 = 10000;
        /// Requests a minute of one user.
        user_per_minute: NonZeroU32 = 1000;
        /// Requests a minute with one key or SCIM token.
        key_per_minute: NonZeroU32 = 3000;
        /// Requests a minute of one SCIM directory. They do not count for its tenant.
        scim_per_minute: NonZeroU32 = 3000;
        /// Requests a minute of one operator to the routes over all tenants. They do not count for a tenant.
        operator_per_minute: NonZeroU32 = 600;
        /// Requests a minute without a valid credential from one address (IPv6: one network of 64 bits).
        anonymous_per_minute: NonZeroU32 = 300;
        /// Sign-ins, refreshes and other tries to prove something a minute, from one address (IPv6: as above).
        auth_address_per_minute: NonZeroU32 = 30;
        /// The same from one network: 24 bits of an IPv4 address, 48 of an IPv6 one.
        auth_network_per_minute: NonZeroU32 = 300;
        /// Sign-ins a minute to one tenant with devices that their accounts do not know, from everywhere together.
        auth_tenant_per_minute: NonZeroU32 = 1000;
    }
}

impl RateLimit {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.burst_seconds.get() > LONGEST_BURST {
            return Err(ConfigError::invalid("rate_limit.burst_seconds", "it must be at most 60"));
        }
        Ok(())
    }
}
