#![doc = include_str!("../README.md")]

pub mod discovery;
mod error;
pub mod idp;
mod protocol;
mod provisioning;
mod routes;
pub mod sign_in;

pub use error::{Error, Refusal};
pub use protocol::Providers;
pub use routes::routes;
pub use sign_in::forget_requests;
