//! Which way somebody signs in: by the identity provider of their address's domain, or here.

pub(crate) mod routes;
mod service;

pub use elder_api_types::discovery::{KnownIdp, SignInMethod, WayIn};
pub use service::{by_email, of_tenant};
