//! E-mail domains: a tenant claims one, proves by DNS that it is its own, and no other tenant can then.

mod batch;
mod error;
mod resolver;
pub mod routes;
mod service;

use chrono::{DateTime, Utc};
use elder_kernel::{
    Id,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::domain_name::{DomainName, InvalidDomain};
pub use error::Error;
pub use resolver::{DomainResolver, ResolverUnusable};
pub use service::VerifiesDomains;

/// The id of a domain.
pub type DomainId = Id<elder_kernel::Domain>;

/// The label below which the proof is looked for.
const CHALLENGE: &str = "_elder-challenge";

/// An e-mail domain of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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
    /// When it was claimed.
    pub created_at: DateTime<Utc>,
}

/// The domains of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Domains {}

impl Collection for Domains {
    const NAME: &'static str = "domains";
    const FIELDS: &'static [Field] = &[
        Field::id::<elder_kernel::Domain>("id").sortable(),
        Field::folded("domain").sortable(),
        Field::opaque("proof"),
        Field::time("verified_at"),
        Field::word("verified_by", &["dns", "operator"]),
        Field::time("created_at").sortable(),
    ];
}

/// A DNS record to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DnsProof {
    /// The name of the record.
    #[schema(example = "_elder-challenge.acme.com")]
    pub name: String,
    /// Its type: `TXT`.
    #[serde(rename = "type")]
    #[schema(example = "TXT")]
    pub kind: &'static str,
    /// Its value.
    #[schema(example = "elder-verification=3f1c0d5a1b2c4e6f8a9b0c1d2e3f4a5b")]
    pub value: String,
}

/// How a domain was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerifiedBy {
    /// By the DNS record.
    Dns,
    /// By hand, by an operator.
    Operator,
}

impl VerifiedBy {
    const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Operator => "operator",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Dns, Self::Operator].into_iter().find(|by| by.name() == name)
    }
}

/// A claim of a domain.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
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

impl DnsProof {
    fn of(domain: &str, token: &str) -> Self {
        Self {
            name: format!("{CHALLENGE}.{domain}"),
            kind: "TXT",
            value: format!("elder-verification={token}"),
        }
    }
}
