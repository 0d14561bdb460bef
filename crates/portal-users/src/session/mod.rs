//! Sessions as people and their admins see them.

pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_kernel::{
    Id, Session, User,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The id of a session, as OpenAPI documents it.
pub(crate) type SessionId = Id<Session>;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// The session.
    pub(crate) id: SessionId,
    /// Whether this is the session that asks.
    pub(crate) is_current: bool,
    /// Where it was last renewed from.
    pub(crate) ip: Option<String>,
    /// The program that it was last renewed by.
    pub(crate) user_agent: Option<String>,
    /// How the person proved who they are (RFC 8176).
    pub(crate) amr: Vec<String>,
    /// When it started.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last renewed.
    pub(crate) last_seen_at: DateTime<Utc>,
    /// When it ends if it is not renewed.
    pub(crate) idle_expires_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub(crate) expires_at: DateTime<Utc>,
}

/// The sessions of a person, as they are listed.
#[derive(Debug)]
pub(crate) enum Sessions {}

impl Collection for Sessions {
    const NAME: &'static str = "sessions";
    const FIELDS: &'static [Field] = &[
        Field::id::<Session>("id").sortable(),
        Field::bool("is_current").unfiltered(),
        Field::text("ip"),
        Field::text("user_agent"),
        Field::opaque("amr"),
        Field::time("created_at").sortable(),
        Field::time("last_seen_at").sortable(),
        Field::time("idle_expires_at").sortable(),
        Field::time("expires_at").sortable(),
    ];
}

/// How many sessions were ended.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Revoked {
    /// The number.
    pub(crate) revoked: u64,
}

/// A session of a user, as a path names both.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct SessionOfUser {
    pub(crate) user_id: Id<User>,
    pub(crate) session_id: SessionId,
}
