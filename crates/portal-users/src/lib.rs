#![doc = include_str!("../README.md")]

pub mod account;
mod attempt;
mod authority;
mod error;
mod global;
mod me;
pub mod pages;
pub mod password;
mod routes;
mod session;
mod setup;
mod sign_in;

pub use elder_api_types::sign_in::{TenantChoice, Tokens};
pub use error::Error;
pub use routes::routes;
pub use setup::{bootstrap_owner, create_operator, setup_link};
pub use sign_in::go_on;
