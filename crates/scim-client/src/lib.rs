#![doc = include_str!("../README.md")]

pub mod doctor;
mod exchange;
pub mod okta;
mod url;

pub use exchange::Exchange;
pub use url::{BaseUrl, InvalidUrl};

/// What the servers are told that asks them.
const AGENT: &str = concat!("elder/", env!("CARGO_PKG_VERSION"));
