//! A tenant as its own people see it.

mod error;
pub mod routes;
mod service;
mod words;

pub use error::Error;
pub(crate) use service::usage;
pub use service::{ReadsUsage, get};
pub use words::{API_CALLS, ApiCalls, Tenant, TenantPatch, Usage};
