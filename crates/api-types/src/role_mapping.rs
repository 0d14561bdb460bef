//! Role mappings: what the groups of a directory, or what it says of its people, gives them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{DirectoryId, OrganizationId, RoleId, RoleMappingId, UserId},
    role::Role,
};

/// Of what a mapping names a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MappingSource {
    /// A group of the directory by its `displayName`, in any letter case: for its users, and those of the groups in it.
    Group,
    /// A `value` of a user's `roles`, in any letter case.
    Role,
    /// A `value` of a user's `entitlements`, in any letter case.
    Entitlement,
}

impl MappingSource {
    /// The names of all of them.
    pub const NAMES: &'static [&'static str] = &["group", "role", "entitlement"];

    /// The name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Role => "role",
            Self::Entitlement => "entitlement",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Group, Self::Role, Self::Entitlement].into_iter().find(|source| source.name() == name)
    }
}

/// A role that a directory gives to some of its people, for as long as it says so of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleMapping {
    /// Its id.
    pub id: RoleMappingId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// Of what `value` is one.
    pub source: MappingSource,
    /// Who gets the role: the name of a group, or what stands in `roles` or `entitlements`.
    pub value: String,
    /// The organization in which it holds, with those below it; null: over the whole tenant.
    #[schema(required)]
    pub organization_id: Option<OrganizationId>,
    /// The built-in role; null if it is a custom one.
    #[schema(required)]
    pub role: Option<Role>,
    /// The custom role; null if it is a built-in one.
    #[schema(required)]
    pub role_id: Option<RoleId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    #[schema(required)]
    pub created_by: Option<UserId>,
}

/// A role mapping to make. It has either `role` or `role_id`.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoleMapping {
    /// Of what `value` is one.
    #[garde(skip)]
    pub source: MappingSource,
    /// Who gets the role.
    #[garde(length(chars, min = 1, max = 256))]
    #[schema(min_length = 1, max_length = 256)]
    pub value: String,
    /// The organization in which it holds; over the whole tenant, if none.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// A built-in role. Over the tenant there is no `admin`: nobody becomes one by a push.
    #[garde(custom(one_that_can_be_given(self.role_id, self.organization_id)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// A custom role of the right tier.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
}

fn one_that_can_be_given(
    custom: Option<RoleId>,
    organization: Option<OrganizationId>,
) -> impl FnOnce(&Option<Role>, &()) -> garde::Result {
    move |built_in, &()| {
        if built_in.is_some() == custom.is_some() {
            return Err(garde::Error::new("give either `role` or `role_id`"));
        }
        if *built_in == Some(Role::Admin) && organization.is_none() {
            return Err(garde::Error::new(
                "nobody becomes admin of the tenant by a push: a person appoints them",
            ));
        }
        Ok(())
    }
}
