//! Bodies: what was sent and answered in calls of the API, where a tenant has that kept.

mod names;
pub(crate) mod routes;
pub(crate) mod service;

pub use elder_api_types::audit_body::AuditBody;
pub use service::{erase_bodies, forget_bodies};
