//! Grants: the roles that a user has over the whole tenant, and on the platform.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{RoleId, UserId},
    role::{GlobalRole, Role},
};

/// The roles of a user beyond single organizations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Grants {
    /// The user.
    pub user_id: UserId,
    /// The role on the platform.
    #[schema(required)]
    pub global_role: Option<GlobalRole>,
    /// The built-in role in the tenant.
    #[schema(required)]
    pub tenant_role: Option<Role>,
    /// The custom roles over the tenant.
    pub roles: Vec<RoleId>,
}

/// The roles that a user shall have over the tenant.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrants {
    /// The built-in role, or null. Must be given.
    #[garde(skip)]
    // Named, so that serde demands the field: null has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub tenant_role: Option<Role>,
    /// The custom roles: these and no others.
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    pub roles: Vec<RoleId>,
}

/// The role that a user of System shall have on the platform.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGlobalRole {
    /// `admin`, `support` or null. Must be given.
    #[garde(skip)]
    // Named, so that serde demands the field: null has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub global_role: Option<GlobalRole>,
}
