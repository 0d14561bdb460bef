#![doc = include_str!("../README.md")]

/// The advisory lock on the catalogue of the tenant `$1`: shared by who gives, alone for who changes it. What is in the
/// catalogue and what directories say of their people would otherwise be read by each before the other is there.
macro_rules! catalogue {
    () => {
        "hashtextextended('elder.entitlements', $1::int)"
    };
}

pub mod assignment;
pub mod conflict;
pub mod entitlement;
mod error;
#[cfg(test)]
mod plan;
mod routes;

pub use error::Error;
pub use routes::routes;
