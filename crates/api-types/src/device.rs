//! Devices: the programs with which somebody has signed in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::DeviceId, name::Name};

/// A program on a machine with which the person has signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Device {
    /// The device.
    pub id: DeviceId,
    /// What it is called: at first what the program says of itself.
    #[schema(example = "Firefox on Linux")]
    pub name: String,
    /// Whether this is the device that asks.
    pub is_current: bool,
    /// The program, as it said at the last sign-in.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// Where the last sign-in came from.
    #[schema(required, example = "192.0.2.7")]
    pub ip: Option<String>,
    /// When somebody first signed in with it.
    pub first_seen_at: DateTime<Utc>,
    /// When somebody last signed in with it.
    pub last_seen_at: DateTime<Utc>,
    /// Until when no second factor is asked for with it.
    #[schema(required)]
    pub remembered_until: Option<DateTime<Utc>>,
}

/// A merge patch of a device (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DevicePatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<100>>,
}
