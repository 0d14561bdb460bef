#![doc = include_str!("../README.md")]

pub mod account;
mod attempt;
mod authority;
pub mod device;
mod error;
mod global;
mod impersonation;
mod me;
mod notice;
pub mod password;
mod routes;
mod session;
mod setup;
mod sign_in;

pub use elder_api_types::sign_in::TenantChoice;
pub use error::Error;
pub use routes::routes;
pub use session::service::forget_ended;
pub use setup::{bootstrap_owner, create_operator, setup_link};
