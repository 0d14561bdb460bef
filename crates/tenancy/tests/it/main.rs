//! Tenancy as its clients see it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail where it stands"
)]

mod access_check;
mod dns;
mod domain;
mod feature;
mod grant;
mod isolation;
mod lifecycle;
mod managed_tenant;
mod member;
mod organization;
mod platform;
mod role;
mod tenant;
mod tenant_context;
mod tree;
mod upkeep;
