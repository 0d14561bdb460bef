//! Sessions as people and their admins see them.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    Device, Id, Session, User,
    collection::{Collection, Field},
};
use serde::Deserialize;

pub(crate) use elder_api_types::{
    SessionId,
    session::{Revoked, SessionView},
};

/// The sessions of a person, as they are listed.
#[derive(Debug)]
pub(crate) enum Sessions {}

impl Collection for Sessions {
    const NAME: &'static str = "sessions";
    const FIELDS: &'static [Field] = &[
        Field::id::<Session>("id").sortable(),
        Field::bool("is_current").unfiltered(),
        Field::id::<Device>("device_id"),
        Field::text("device_name"),
        Field::id::<User>("impersonator_id"),
        Field::text("ip"),
        Field::text("user_agent"),
        Field::opaque("amr"),
        Field::time("created_at").sortable(),
        Field::time("last_seen_at").sortable(),
        Field::time("idle_expires_at").sortable(),
        Field::time("expires_at").sortable(),
    ];
}

/// A session of a user, as a path names both.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct SessionOfUser {
    pub(crate) user_id: Id<User>,
    pub(crate) session_id: SessionId,
}
