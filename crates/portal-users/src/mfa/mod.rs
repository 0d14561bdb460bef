//! Second factors as admins see them, and take them away. None makes one for somebody else.

pub(crate) mod routes;
mod service;

pub(crate) use elder_mfa::factor::MfaOverview;
