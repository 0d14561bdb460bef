//! Which budget a request draws on.

use std::fmt;

use elder_kernel::TenantId;
use ipnet::IpNet;
use uuid::Uuid;

use crate::Quota;

/// Whose a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A tenant.
    Tenant(TenantId),
    /// A user, a key, a directory.
    Id(Uuid),
    /// Whoever calls from these addresses.
    Network(IpNet),
    /// All those of whom nothing is known, together.
    Unknown,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(tenant) => tenant.fmt(f),
            Self::Id(id) => id.fmt(f),
            Self::Network(network) => network.fmt(f),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// A budget and how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The name of the policy, as the headers show it.
    pub policy: &'static str,
    /// Whose it is.
    pub subject: Subject,
    /// How large it is.
    pub quota: Quota,
}

impl Bucket {
    /// A bucket of `policy`.
    pub const fn new(policy: &'static str, subject: Subject, quota: Quota) -> Self {
        Self { policy, subject, quota }
    }

    /// Its name in Redis.
    pub(crate) fn key(&self) -> String {
        format!("elder:limit:{}:{}", self.policy, self.subject)
    }
}
