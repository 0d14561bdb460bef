//! Many operations in one request (RFC 7644 §3.7): each is a transaction of its own, with its event.

pub(crate) mod routes;
pub(crate) mod service;

/// Most operations of one request.
pub(crate) const MAX_OPERATIONS: u32 = 1_000;
