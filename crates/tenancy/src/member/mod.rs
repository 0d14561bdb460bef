//! Members: who has which role in an organization, and so in all below it.

mod batch;
mod error;
pub(crate) mod routes;
mod service;

use elder_access::Role as BuiltIn;
use elder_kernel::{
    Role as CustomRole, User,
    collection::{Collection, Field},
};

pub use elder_api_types::member::{Assignment, Member};
pub use error::Error;

use crate::{grant::UserId, organization::OrganizationId, role::RoleId};

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

/// None unless the assignment names exactly one role.
fn given(assignment: &Assignment) -> Option<GivenRole> {
    GivenRole::of(assignment.role, assignment.role_id)
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
