//! Where applications send people to sign in, and from where they return.

pub(crate) mod routes;
