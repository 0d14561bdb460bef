//! Tokens of a directory: what an identity provider shows when it pushes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DirectoryId, ScimTokenId, UserId};

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScimToken {
    /// Its id.
    pub id: ScimTokenId,
    /// The directory that it opens.
    pub directory_id: DirectoryId,
    /// What it is called.
    pub name: String,
    /// Whether it may change anything.
    pub can_write: bool,
    /// From when on it is refused; null if it lasts until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// Since when it is refused.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: Option<UserId>,
}

/// A token to make.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScimToken {
    /// What it is called.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// How many days it is good for; until it is revoked, if nothing is said.
    #[garde(range(min = 1, max = 3650))]
    #[schema(minimum = 1, maximum = 3650)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<i64>,
    /// Whether it may change anything.
    #[serde(default = "writes")]
    #[garde(skip)]
    pub can_write: bool,
}

const fn writes() -> bool {
    true
}

/// A new token with its text, which is shown this once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct IssuedToken {
    /// The token.
    #[serde(flatten)]
    pub about: ScimToken,
    /// What the provider sends as bearer token.
    #[schema(format = "password")]
    pub token: String,
}
