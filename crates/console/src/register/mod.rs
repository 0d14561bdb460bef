//! Asking for an account.

pub(crate) mod routes;

use elder_kernel::Secret;
use serde::Deserialize;

/// The tenant that is meant, if the link that led here names one.
#[derive(Debug, Deserialize, garde::Validate)]
pub(crate) struct Meant {
    #[garde(inner(length(max = 100)))]
    tenant: Option<String>,
}

/// What somebody typed who asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asking {
    email: String,
    full_name: String,
    password: Secret<String>,
}
