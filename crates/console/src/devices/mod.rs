//! One's own devices and sessions.

pub(crate) mod routes;

use chrono::{DateTime, Utc};
use elder_api_types::DeviceId;
use elder_kernel::{Id, Session};
use elder_portal_users::pages::{Device, SessionView};
use serde::Deserialize;

use crate::words::Words;

/// A session to be ended.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ending {
    session: Id<Session>,
}

/// A device to be withdrawn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdrawal {
    device: DeviceId,
}

/// A time as people and programs read it.
pub(crate) struct Moment {
    pub(crate) shown: String,
    pub(crate) machine: String,
}

impl From<DateTime<Utc>> for Moment {
    fn from(time: DateTime<Utc>) -> Self {
        Self { shown: time.format("%Y-%m-%d %H:%M UTC").to_string(), machine: time.to_rfc3339() }
    }
}

/// A session as a person tells it from others.
struct ShownSession {
    id: Id<Session>,
    is_current: bool,
    name: String,
    ip: String,
    seen: Moment,
}

impl ShownSession {
    fn of(session: SessionView, words: &Words) -> Self {
        let name = session.device_name.or(session.user_agent).filter(|name| !name.is_empty());
        Self {
            id: session.id,
            is_current: session.is_current,
            name: name.unwrap_or_else(|| words.unknown_program.to_owned()),
            ip: session.ip.unwrap_or_default(),
            seen: session.last_seen_at.into(),
        }
    }
}

/// A device as a person tells it from others.
struct ShownDevice {
    id: DeviceId,
    is_current: bool,
    name: String,
    ip: String,
    seen: Moment,
    remembered: Option<Moment>,
}

impl From<Device> for ShownDevice {
    fn from(device: Device) -> Self {
        Self {
            id: device.id,
            is_current: device.is_current,
            name: device.name,
            ip: device.ip.unwrap_or_default(),
            seen: device.last_seen_at.into(),
            remembered: device.remembered_until.map(Moment::from),
        }
    }
}
