#![doc = include_str!("../README.md")]

mod copy;
mod erasure;
mod error;
mod register;
pub mod request;
mod routes;

pub use error::{Error, PrivacyError};
pub use register::{RegisterError, erase_again, keep_register};
pub use request::{Done, forget_copies, perform};
pub use routes::routes;
