//! Linking an account to an identity provider, once its owner has said so.

pub(crate) mod routes;
