//! Tenancy as its clients see it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail where it stands"
)]

mod access_check;
mod grant;
mod isolation;
mod member;
mod organization;
mod role;
mod tree;
