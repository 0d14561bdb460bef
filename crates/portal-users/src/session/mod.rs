//! Sessions as people and their admins see them.

pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_kernel::{Id, Limit, Session, User};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

/// Which part of a list.
#[derive(Debug, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionQuery {
    /// How many at most.
    #[garde(skip)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
    /// Where the page begins: `next_cursor` of the one before.
    #[garde(skip)]
    pub(crate) cursor: Option<String>,
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
