//! Members: who has which role in an organization, and so in all below it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{RoleId, UserId},
    role::Role,
};

/// Somebody with a role in an organization.
#[cfg_attr(feature = "database", derive(sea_orm::FromQueryResult))]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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

/// The role that a user shall have in an organization: one of the two.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// A built-in role.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// A custom role of the organization tier.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
}
