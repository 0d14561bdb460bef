//! E-mail domains: a tenant claims one, proves by DNS that it is its own, and no other tenant can then.

mod batch;
mod error;
mod resolver;
pub mod routes;
mod service;

use elder_kernel::collection::{Collection, Field};

pub use elder_api_types::{
    DomainId,
    domain::{DnsProof, Domain, NewDomain, VerifiedBy},
    domain_name::{DomainName, InvalidDomain},
};
pub use error::Error;
pub use resolver::{DomainResolver, ResolverUnusable};
pub use service::{VerifiesDomains, check_domains_again};

/// The label below which the proof is looked for.
const CHALLENGE: &str = "_elder-challenge";

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
        Field::optional_time("missing_since"),
        Field::time("created_at").sortable(),
    ];
}

/// The record that proves `domain`.
fn proof(domain: &str, token: &str) -> DnsProof {
    DnsProof {
        name: format!("{CHALLENGE}.{domain}"),
        kind: "TXT".to_owned(),
        value: format!("elder-verification={token}"),
    }
}
