//! The second step of a sign-in: a factor that its owner proves, or sets up on the way.

pub(crate) mod routes;
pub(crate) mod service;

pub(crate) use elder_api_types::mfa::{FlowStep, MfaVerification, TotpEnrolment, WebauthnOptions};
