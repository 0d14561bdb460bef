//! The health of the platform, for operators.

pub mod routes;
mod service;

use chrono::{DateTime, Utc};

pub use elder_api_types::platform::{DatabaseHealth, Health, OutboxHealth, PoolHealth};

/// When this process started.
#[derive(Debug, Clone, Copy)]
pub struct StartedAt(pub DateTime<Utc>);
