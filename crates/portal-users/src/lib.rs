#![doc = include_str!("../README.md")]

pub mod account;
mod attempt;
mod authority;
mod device;
mod email;
mod error;
mod global;
mod impersonation;
mod invitation;
mod me;
mod mfa;
mod notice;
mod one_time_token;
pub mod pages;
pub mod password;
mod password_reset;
pub mod provision;
mod registration;
pub mod risk;
mod routes;
mod session;
mod setup;
mod sign_in;
mod step_up;

pub use elder_api_types::sign_in::{TenantChoice, Tokens};
pub use error::Error;
pub use one_time_token::forget_one_time_tokens;
pub use routes::routes;
pub use session::service::forget_ended;
pub use setup::{bootstrap_owner, create_operator, setup_link};
pub use sign_in::go_on;
