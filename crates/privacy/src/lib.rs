#![doc = include_str!("../README.md")]

mod copy;
mod erasure;
mod error;
mod register;
pub mod request;
mod routes;
mod work;

pub use error::{Error, PrivacyError};
pub use register::{RegisterError, erase_again, keep_register};
pub use request::forget_copies;
pub use routes::routes;
pub use work::{Done, perform};
