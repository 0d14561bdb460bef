//! Second factors as their owners and admins see them.

pub(crate) mod routes;
pub mod service;

pub(crate) use elder_api_types::FactorId;
pub use elder_api_types::mfa::{Factor, FactorPatch, MfaOverview, NewFactor};

/// Most factors that one person has.
pub(crate) const MOST: i64 = 10;
