//! Proving anew who one is, before something that a stolen session must not do.

pub(crate) mod routes;
mod service;

pub(crate) use elder_api_types::mfa::{StepUp, SteppedUp, WebauthnOptions};
