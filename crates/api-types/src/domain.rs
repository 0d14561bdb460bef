//! E-mail domains of a tenant, and what proves them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{domain_name::DomainName, ids::DomainId};

/// An e-mail domain of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TenantDomain)]
pub struct Domain {
    /// Its id.
    pub id: DomainId,
    /// The domain, in ASCII form.
    #[schema(example = "acme.com")]
    pub domain: String,
    /// The DNS record that proves the domain.
    pub proof: DnsProof,
    /// Since when it is verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// How it was verified.
    pub verified_by: Option<VerifiedBy>,
    /// Since when the DNS record that proved it is missing. After a week of that the domain is not verified any more.
    #[schema(required)]
    pub missing_since: Option<DateTime<Utc>>,
    /// When it was claimed.
    pub created_at: DateTime<Utc>,
}

/// A DNS record to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DnsProof {
    /// The name of the record.
    #[schema(example = "_elder-challenge.acme.com")]
    pub name: String,
    /// Its type: `TXT`.
    #[serde(rename = "type")]
    #[schema(example = "TXT")]
    pub kind: String,
    /// Its value.
    #[schema(example = "elder-verification=3f1c0d5a1b2c4e6f8a9b0c1d2e3f4a5b")]
    pub value: String,
}

/// How a domain was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerifiedBy {
    /// By the DNS record.
    Dns,
    /// By hand, by an operator.
    Operator,
}

impl VerifiedBy {
    /// The name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Operator => "operator",
        }
    }

    /// The way of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Dns, Self::Operator].into_iter().find(|by| by.name() == name)
    }
}

/// A claim of a domain.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDomain {
    /// The domain; Unicode is taken and shown as punycode.
    #[garde(custom(claimable))]
    #[schema(value_type = String, example = "acme.com")]
    pub domain: DomainName,
}

fn claimable(domain: &DomainName, &(): &()) -> garde::Result {
    if domain.is_claimable() {
        return Ok(());
    }
    Err(garde::Error::new("nobody's own: name a domain in whose DNS you can publish a record"))
}
