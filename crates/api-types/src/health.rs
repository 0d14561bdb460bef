//! The health of a node, as a monitor asks for it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// All is well.
    Ok,
    /// It works, but not for long.
    Low,
    /// It does not answer.
    Down,
    /// It is not configured.
    Disabled,
}

/// What the checks found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checks {
    /// PostgreSQL answers.
    pub database: Check,
    /// Redis answers.
    pub redis: Check,
    /// The data directory's disk has space.
    pub disk: Check,
    /// The licence is in force; `low` in its grace, `down` when it has lapsed, `disabled` where there is none.
    pub license: Check,
}

/// The sum of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All is well.
    Healthy,
    /// Requests are served, but somebody should look.
    Degraded,
    /// Requests cannot be served.
    Unhealthy,
}

/// The answer of `/healthz`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HealthReport {
    /// The sum.
    pub status: Status,
    /// The running version.
    pub version: String,
    /// What it is the sum of.
    pub checks: Checks,
}
