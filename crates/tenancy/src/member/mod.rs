//! Members: who has which role in an organization, and so in all below it.

mod batch;
mod error;
pub(crate) mod routes;
mod service;

use chrono::{DateTime, Utc};
use elder_access::Role as BuiltIn;
use elder_kernel::{
    Role as CustomRole, User,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::grant::ensure_not_last_admin;
pub use error::Error;

use crate::{grant::UserId, organization::OrganizationId, role::RoleId};

/// Somebody with a role in an organization.
#[derive(Debug, Clone, Serialize, ToSchema, sea_orm::FromQueryResult)]
pub struct Member {
    /// The user.
    pub user_id: UserId,
    /// The user's e-mail address.
    pub email: String,
    /// The user's full name.
    pub name: String,
    /// The built-in role: `admin`, `maintainer` or `reader`; null if it is a custom one.
    #[schema(required)]
    pub role: Option<String>,
    /// The custom role; null if it is a built-in one.
    #[schema(required)]
    pub role_id: Option<RoleId>,
    /// The custom role's name.
    #[schema(required)]
    pub role_name: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// The members of an organization, as they are listed.
#[derive(Debug)]
pub(crate) enum Members {}

impl Collection for Members {
    const NAME: &'static str = "members";
    const FIELDS: &'static [Field] = &[
        Field::id::<User>("user_id").sortable(),
        Field::folded("email").sortable(),
        Field::folded("name").sortable(),
        Field::word("role", BuiltIn::NAMES),
        Field::id::<CustomRole>("role_id"),
        Field::folded("role_name"),
        Field::time("created_at").sortable(),
    ];
    const DEFAULT_SORT: &'static str = "user_id";
    const KEY: &'static str = "user_id";
}

/// The role that a user shall have in an organization: one of the two.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// A built-in role.
    #[garde(skip)]
    pub role: Option<BuiltIn>,
    /// A custom role of the organization tier.
    #[garde(skip)]
    pub role_id: Option<RoleId>,
}

impl Assignment {
    /// None unless it names exactly one role.
    fn given(&self) -> Option<GivenRole> {
        GivenRole::of(self.role, self.role_id)
    }
}

/// A role in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GivenRole {
    /// A built-in one.
    BuiltIn(BuiltIn),
    /// A custom one.
    Custom(RoleId),
}

impl GivenRole {
    /// Exactly one of two ways to name a role.
    fn of(role: Option<BuiltIn>, custom: Option<RoleId>) -> Option<Self> {
        match (role, custom) {
            (Some(role), None) => Some(Self::BuiltIn(role)),
            (None, Some(id)) => Some(Self::Custom(id)),
            _ => None,
        }
    }

    /// The name or the id.
    fn label(self) -> String {
        match self {
            Self::BuiltIn(role) => role.name().to_owned(),
            Self::Custom(id) => id.to_string(),
        }
    }
}

/// A user's place in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    /// The organization.
    pub(crate) organization: OrganizationId,
    /// The user.
    pub(crate) user: UserId,
}
