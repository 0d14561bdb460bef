#![doc = include_str!("../README.md")]

pub mod account;
mod error;
pub mod password;
mod routes;

pub use error::Error;
pub use routes::routes;
