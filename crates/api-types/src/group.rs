//! The groups that a person is in, by the word of directories and identity providers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DirectoryId, IdentityProviderId, ScimGroupId};

/// A group that somebody is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserGroup {
    /// Its name. Names are the same in any letter case.
    pub name: String,
    /// Who says so: at least one.
    pub sources: Vec<GroupSource>,
}

/// Who says that somebody is in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GroupSource {
    /// A directory has pushed the group.
    Directory {
        /// The directory.
        directory_id: DirectoryId,
        /// The group there.
        group_id: ScimGroupId,
        /// Whether the person is a member; if not, they are in a group that is.
        is_direct: bool,
    },
    /// A rule of an identity provider gives the group.
    IdentityProvider {
        /// The identity provider.
        identity_provider_id: IdentityProviderId,
    },
}
