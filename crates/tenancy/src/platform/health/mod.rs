//! The health of the platform, for operators.

pub mod routes;
mod service;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// When this process started.
#[derive(Debug, Clone, Copy)]
pub struct StartedAt(pub DateTime<Utc>);

/// The health of the platform, as this node sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Health {
    /// For how many seconds this node has been running.
    pub uptime_seconds: i64,
    /// The database.
    pub database: DatabaseHealth,
    /// The outbox.
    pub outbox: OutboxHealth,
}

/// The health of the database.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DatabaseHealth {
    /// How long it took to answer, in milliseconds.
    pub ping_milliseconds: f64,
    /// The pools of this node.
    pub pools: Vec<PoolHealth>,
}

/// One pool of connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PoolHealth {
    /// `app` or `platform`.
    pub name: &'static str,
    /// Open connections.
    pub size: usize,
    /// Those that are idle.
    pub idle: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// Events that are still to be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutboxHealth {
    /// How many; counted no further than 100,000.
    pub backlog: i64,
    /// Since when the oldest waits.
    pub oldest_at: Option<DateTime<Utc>>,
}
