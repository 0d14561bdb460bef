//! A tenant as its own people see it.

mod error;
pub mod routes;
mod service;

pub use error::Error;
pub(crate) use service::usage;
pub use service::{NamesTenant, ReadsUsage, get, named};

pub use elder_api_types::tenant::{ApiCalls, Tenant, TenantPatch, Usage};

/// The metric of `usage_days` that counts API calls.
pub const API_CALLS: &str = "api_calls";
