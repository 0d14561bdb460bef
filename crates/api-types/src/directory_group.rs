//! The groups that a directory has pushed, and who is in them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DirectoryId, ScimGroupId, UserId};

/// A group that a directory has pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectoryGroup {
    /// The id.
    pub id: ScimGroupId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// What the directory calls it. No two groups of a directory have the same name in any letter case.
    #[schema(example = "Engineering")]
    pub name: String,
    /// The directory's own id of it.
    #[schema(required, example = "00g1emaKYZTWRYYRRTSK")]
    pub external_id: Option<String>,
    /// When it was first pushed.
    pub created_at: DateTime<Utc>,
    /// When it was last changed, but for its members.
    pub updated_at: DateTime<Utc>,
}

/// Somebody whom a directory has put into a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectoryGroupMember {
    /// The user.
    pub user_id: UserId,
    /// The user's e-mail address.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// The user's full name.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    /// Whether the user may sign in.
    pub is_active: bool,
}
