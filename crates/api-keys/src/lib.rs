#![doc = include_str!("../README.md")]

pub mod api_key;
mod error;
mod routes;
mod scope;
pub mod service_account;

pub use error::Error;
pub use routes::routes;
