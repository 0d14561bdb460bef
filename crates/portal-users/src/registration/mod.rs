//! Accounts that no admin makes: those that people ask for, and those that they were invited to.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};

pub(crate) use elder_api_types::registration::{Acceptance, NewRegistration};

/// What is kept of somebody who asked for an account, until the link is opened. Until then the address is nobody's: else
/// anyone could occupy another's (P-26).
#[derive(Debug, Serialize, Deserialize)]
struct Applicant {
    email: crate::account::Email,
    full_name: String,
    /// The hash, as the account will have it.
    password_hash: String,
}

/// Where a registration leads.
#[derive(Debug, Clone, Copy)]
struct Destination {
    /// The tenant that was named, or else the one of the address's domain.
    tenant: Option<TenantId>,
    platform_is_empty: bool,
}
