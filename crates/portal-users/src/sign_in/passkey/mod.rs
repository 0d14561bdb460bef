//! Signing in with a passkey and nothing else.

pub(crate) mod routes;
pub(crate) mod service;

pub(crate) use elder_api_types::mfa::{PasskeySignIn, WebauthnOptions};
