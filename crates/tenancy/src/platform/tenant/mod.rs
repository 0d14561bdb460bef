//! Tenants as operators see them.

mod error;
pub mod routes;
pub mod service;
mod words;

pub use error::Error;
pub(crate) use service::find;
pub use words::{
    InvalidSlug, ManagedTenant, ManagedTenantPatch, NewTenant, ScheduleDeletion, Slug, TenantRef,
    TenantSearch, Tenants,
};
