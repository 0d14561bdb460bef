#![doc = include_str!("../README.md")]

pub mod application;
pub mod code;
mod error;
mod routes;

pub use error::Error;
pub use routes::routes;
