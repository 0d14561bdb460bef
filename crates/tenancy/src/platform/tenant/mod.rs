//! Tenants as operators see them.

mod error;
pub mod routes;
pub mod service;
mod words;

pub use elder_api_types::managed_tenant::{
    InvalidSlug, ManagedTenant, ManagedTenantPatch, NewTenant, ScheduleDeletion, Slug, TenantSearch,
};
pub use error::Error;
pub(crate) use service::find;
pub use words::{TenantRef, Tenants};
