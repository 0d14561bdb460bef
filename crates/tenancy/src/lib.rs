//! Tenants, settings, domains, organizations, roles, feature flags and global administration.

pub mod access_check;
pub mod domain;
pub mod grant;
pub mod member;
pub mod name;
pub mod organization;
pub mod role;
mod routes;
pub mod settings;

pub use routes::routes;
