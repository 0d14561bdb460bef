//! Tokens of a directory: what an identity provider shows when it pushes.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_kernel::{
    Directory as DirectoryKind, Id, ScimToken as TokenKind, User,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::directory::DirectoryId;

/// The id of a token.
pub type ScimTokenId = Id<TokenKind>;
/// The id of a person.
pub(crate) type UserId = Id<User>;

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
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

/// The tokens of a directory, as they are listed.
#[derive(Debug)]
pub(crate) enum ScimTokens {}

impl Collection for ScimTokens {
    const NAME: &'static str = "scim_tokens";
    const FIELDS: &'static [Field] = &[
        Field::id::<TokenKind>("id").sortable(),
        Field::id::<DirectoryKind>("directory_id").unfiltered(),
        Field::text("name"),
        Field::bool("can_write"),
        Field::time("expires_at"),
        Field::time("revoked_at"),
        Field::time("last_used_at"),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
    ];
}

/// A token to make.
#[derive(Debug, Clone, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScimToken {
    /// What it is called.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// How many days it is good for; until it is revoked, if nothing is said.
    #[garde(range(min = 1, max = 3650))]
    #[schema(minimum = 1, maximum = 3650)]
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
#[derive(Serialize, ToSchema)]
pub struct IssuedToken {
    /// The token.
    #[serde(flatten)]
    pub about: ScimToken,
    /// What the provider sends as bearer token.
    pub token: String,
}
