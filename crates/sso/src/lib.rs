#![doc = include_str!("../README.md")]

pub mod discovery;
mod error;
mod global;
mod group;
mod identity;
pub mod idp;
mod notice;
#[cfg(test)]
mod plan;
mod protocol;
mod provisioning;
mod routes;
pub mod session;
pub mod sign_in;

pub use elder_saml::Fault;
pub use error::{Error, Refusal};
pub use idp::service::metadata::{
    EndingCertificate, ending_certificates, read_metadata_again, tell_of_certificates,
};
pub use protocol::Providers;
pub use routes::routes;
pub use session::service::forget as forget_sso_sessions;
pub use sign_in::forget_requests;
