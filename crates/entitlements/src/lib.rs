#![doc = include_str!("../README.md")]

pub mod assignment;
pub mod conflict;
pub mod entitlement;
mod error;
#[cfg(test)]
mod plan;
mod routes;

pub use error::Error;
pub use routes::routes;
