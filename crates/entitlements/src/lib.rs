#![doc = include_str!("../README.md")]

pub mod assignment;
mod conflict;
pub mod entitlement;
mod error;
mod routes;

pub use conflict::{EntitlementConflict, EntitlementViolation, NewEntitlementConflict};
pub use error::Error;
pub use routes::routes;
