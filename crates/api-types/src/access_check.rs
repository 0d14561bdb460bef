//! Access checks: whether somebody may do something, and which assignment gives it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    ids::{OrganizationId, RoleId, UserId},
    permission::PermissionName,
};

/// The kind of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A role on the platform.
    GlobalRole,
    /// A built-in role over the tenant.
    TenantRole,
    /// A custom role over the tenant.
    CustomRole,
    /// A built-in or custom role in an organization.
    OrganizationRole,
    /// The API key that asks, with what it carries of its owner's rights.
    ApiKey,
}

/// An assignment that gives the permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// What kind it is.
    pub kind: Kind,
    /// The role's name, or the key's id.
    pub name: String,
    /// The custom role, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
    /// The organization in which it was given, or to which the key is bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The account or its tenant is not active.
    Inactive,
    /// No assignment gives it.
    NotGranted,
    /// The licence does not cover it.
    LicenseRequired,
}

/// The answer to an access check.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// Whether the routes with this permission are open.
    pub allowed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Every assignment that gives it.
    pub by: Vec<Source>,
}

/// What is asked.
#[derive(Debug, Serialize, Deserialize, garde::Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CheckQuery {
    /// The permission, such as `users:read`.
    #[garde(skip)]
    #[param(value_type = PermissionName, example = "users:read")]
    pub permission: PermissionName,
    /// In which organization; anywhere, if not said.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// For whom; for the caller, if not said: the person, or the key with what it carries.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}
