//! Sessions as people and their admins see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DeviceId, SessionId, UserId};

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// The session.
    pub id: SessionId,
    /// Whether this is the session that asks.
    pub is_current: bool,
    /// The device with which it was started; null once that was withdrawn.
    #[schema(required)]
    pub device_id: Option<DeviceId>,
    /// What that device is called.
    #[schema(required, example = "Firefox on Linux")]
    pub device_name: Option<String>,
    /// Who acts in it in the person's name; null if it is the person.
    #[schema(required)]
    pub impersonator_id: Option<UserId>,
    /// Where it was last renewed from.
    pub ip: Option<String>,
    /// The program that it was last renewed by.
    pub user_agent: Option<String>,
    /// How the person proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// When it started.
    pub created_at: DateTime<Utc>,
    /// When it was last renewed.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends if it is not renewed.
    pub idle_expires_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// How many sessions were ended.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Revoked {
    /// The number.
    pub revoked: u64,
}
