//! Roles: the built-in ones, and those that a tenant defines itself.

use chrono::{DateTime, Utc};
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::RoleId,
    name::{Name, short},
    permission::{Level, PermissionName, Tier},
};

/// A role that holds for the whole platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GlobalRole {
    /// The platform and all tenants.
    Admin,
    /// Reads everywhere.
    Support,
}

/// A built-in role of a tenant or of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Settings, members and all below.
    Admin,
    /// Create, change, delete.
    Maintainer,
    /// View.
    Reader,
}

macro_rules! role_names {
    ($role:ident: $($variant:ident = $name:literal, $level:ident;)+) => {
        impl $role {
            /// The names of all of them.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// The name in the database and on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The role of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// The level of the permission table.
            pub const fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)+ }
            }
        }
    };
}

role_names! { GlobalRole: Admin = "admin", Admin; Support = "support", Reader; }
role_names! { Role: Admin = "admin", Admin; Maintainer = "maintainer", Maintainer; Reader = "reader", Reader; }

/// Where a role can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleTier {
    /// Over the whole tenant.
    Tenant,
    /// In an organization and those below it.
    Organization,
}

impl RoleTier {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Organization => "organization",
        }
    }

    /// The tier of this name; the schema allows no other.
    pub fn named(name: &str) -> Self {
        if name == "tenant" { Self::Tenant } else { Self::Organization }
    }

    /// The tiers whose permissions such a role can have: its own and those below.
    pub const fn tiers(self) -> &'static [Tier] {
        match self {
            Self::Tenant => &[Tier::Tenant, Tier::Organization],
            Self::Organization => &[Tier::Organization],
        }
    }
}

/// A role: built in, or of the tenant's own.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoleDefinition {
    /// The id; null for a built-in role.
    #[schema(required)]
    pub id: Option<RoleId>,
    /// Whether it is built in: then it is named, not numbered, and cannot be changed.
    pub built_in: bool,
    /// Where it can be given.
    pub tier: RoleTier,
    /// The name.
    pub name: String,
    /// What it is for.
    #[schema(required)]
    pub description: Option<String>,
    /// The permissions that it gives.
    pub permissions: Vec<String>,
    /// Whether who holds it must have a second factor. For a built-in role the tenant says so, by `mfa.required_roles`.
    pub requires_mfa: bool,
    /// When it was created; null for a built-in role.
    #[schema(required)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it changed last; null for a built-in role.
    #[schema(required)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// A custom role to be created.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// The name, unique in the tenant.
    #[garde(skip)]
    pub name: Name<100>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it can be given.
    #[garde(skip)]
    pub tier: RoleTier,
    /// The permissions that it gives, of its tier or below.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Vec<PermissionName>, min_items = 1, max_items = 64)]
    pub permissions: Vec<PermissionName>,
    /// Whether who holds it must have a second factor. Default: false.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requires_mfa: bool,
}

/// A merge patch of a custom role (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolePatch {
    /// The name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<100>>,
    /// What it is for.
    #[garde(custom(short))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// All the permissions that it shall give.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Option<Vec<PermissionName>>, min_items = 1, max_items = 64)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<PermissionName>>,
    /// Whether who holds it must have a second factor.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_mfa: Option<bool>,
}
