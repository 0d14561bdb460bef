//! Proofs that an event is in the log, and that one state of the log begins another.

pub(crate) mod routes;
pub(crate) mod service;

pub use elder_api_types::audit::{AuditConsistency, AuditProof, ConsistencyQuery};
