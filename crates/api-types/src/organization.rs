//! Organizations: departments and teams of a tenant, in a tree.

use chrono::{DateTime, Utc};
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    ids::OrganizationId,
    name::{Name, short},
};

/// An organization.
#[cfg_attr(feature = "database", derive(sea_orm::FromQueryResult))]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// The id.
    pub id: OrganizationId,
    /// What it lies below; null for a root.
    #[schema(required)]
    pub parent_id: Option<OrganizationId>,
    /// The name, unique among siblings.
    pub name: String,
    /// What it is for.
    #[schema(required)]
    pub description: Option<String>,
    /// Settings of its own.
    #[schema(value_type = Object)]
    pub settings: Value,
    /// Whether it is in use.
    pub is_active: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// An organization to be created.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    /// What it shall lie below; none makes a root.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<OrganizationId>,
    /// The name, unique among siblings.
    #[garde(skip)]
    pub name: Name<200>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Settings of its own.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

/// A merge patch of an organization (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationPatch {
    /// The name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<200>>,
    /// What it is for.
    #[garde(custom(short))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// Settings to be merged into those that it has; null removes one.
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Map<String, Value>>,
    /// Whether it is in use.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
}

/// Where an organization shall lie.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The new parent; null makes it a root. Must be given.
    #[garde(skip)]
    // Named, so that serde demands the field: null has to be said.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub parent_id: Option<OrganizationId>,
}

/// An organization on the way up from another.
#[cfg_attr(feature = "database", derive(sea_orm::FromQueryResult))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ancestor {
    /// The id.
    pub id: OrganizationId,
    /// The name.
    pub name: String,
}

/// What lies above an organization.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Ancestors {
    /// From the parent up to the highest one that the caller reaches.
    pub data: Vec<Ancestor>,
}

/// An organization within a subtree.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// The id.
    pub id: OrganizationId,
    /// What it lies below.
    #[schema(required)]
    pub parent_id: Option<OrganizationId>,
    /// The name.
    pub name: String,
    /// Whether it is in use.
    pub is_active: bool,
    /// How many steps it lies below the subtree's root.
    pub depth: i32,
    /// The ids from the subtree's root to this one.
    pub path: Vec<OrganizationId>,
}

/// An organization and everything below it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Subtree {
    /// Every parent comes before its children.
    pub data: Vec<Node>,
}

/// How far down a list of organizations goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListScope {
    /// One level: the roots, or what lies right below one.
    #[default]
    Level,
    /// All levels from there on.
    Tree,
}

/// Which organizations to list, beside the filter.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Those below this one; without it from the roots on, or from where the caller's reach begins.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<OrganizationId>,
    /// `level`: the roots, or those right below the parent. `tree`: these and all that lie below them.
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    pub scope: ListScope,
}
