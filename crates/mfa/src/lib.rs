#![doc = include_str!("../README.md")]

mod authority;
mod backup_code;
mod error;
pub mod factor;
pub mod flow;
pub mod pages;
pub mod policy;
mod proof;
pub mod proving;
mod routes;
pub mod totp;
pub mod webauthn;

pub use authority::{ProvesFactors, ReadsFactors, ResetsFactors};
pub use error::Error;
pub use proof::{Method, NotOneProof, Presented, Verdict, amr};
pub use routes::routes;
