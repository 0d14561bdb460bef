#![doc = include_str!("../README.md")]

pub mod keepalive;
pub mod license;
mod routes;
pub mod standing;
pub mod state;
pub mod usage;

pub use keepalive::{Account, keep_alive};
pub use license::{DEVELOPMENT_KEY, License, PublicKey, Refusal, SigningKey};
pub use routes::routes;
pub use state::{Error, Licensing, Trust};
pub use usage::service::count as count_usage;
