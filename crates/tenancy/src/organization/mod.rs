//! Organizations: departments and teams of a tenant, in a tree.

mod batch;
mod error;
pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_access::{OrgGrant, PermissionSet, Reach};
use elder_kernel::{
    Id, Organization as Kind, Patch,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use error::Error;
pub use service::line;

use crate::name::Name;

/// The id of an organization.
pub type OrganizationId = Id<Kind>;

/// Levels that the tree may have; a root is on the first.
pub const MOST_LEVELS: usize = 32;
/// Bytes that the settings of one organization may take as JSON.
pub const MOST_SETTINGS_BYTES: usize = 64 << 10;

/// An organization.
#[derive(Debug, Clone, Serialize, ToSchema, sea_orm::FromQueryResult)]
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

/// Organizations, as they are listed.
#[derive(Debug)]
pub(crate) enum Organizations {}

impl Collection for Organizations {
    const NAME: &'static str = "organizations";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::id::<Kind>("parent_id").unfiltered(),
        Field::folded("name").sortable(),
        Field::text("description"),
        Field::opaque("settings"),
        Field::bool("is_active"),
        Field::time("created_at").sortable(),
        Field::time("updated_at").sortable(),
    ];
    const DEFAULT_SORT: &'static str = "name";
}

/// How far down a list of organizations goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListScope {
    /// One level: the roots, or what lies right below one.
    #[default]
    Level,
    /// All levels from there on.
    Tree,
}

/// An organization to be created.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    /// What it shall lie below; none makes a root.
    #[garde(skip)]
    pub parent_id: Option<OrganizationId>,
    /// The name, unique among siblings.
    #[garde(skip)]
    pub name: Name<200>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Settings of its own.
    #[garde(skip)]
    #[serde(default)]
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

/// A merge patch of an organization (RFC 7396).
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationPatch {
    /// The name.
    #[garde(skip)]
    pub name: Option<Name<200>>,
    /// What it is for.
    #[garde(custom(crate::name::short))]
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// Settings to be merged into those that it has; null removes one.
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    pub settings: Option<Map<String, Value>>,
    /// Whether it is in use.
    #[garde(skip)]
    pub is_active: Option<bool>,
}

/// Where an organization shall lie.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, sea_orm::FromQueryResult)]
pub struct Ancestor {
    /// The id.
    pub id: OrganizationId,
    /// The name.
    pub name: String,
}

/// What lies above an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ancestors {
    /// From the parent up to the highest one that the caller reaches.
    pub data: Vec<Ancestor>,
}

/// An organization within a subtree.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
pub struct Subtree {
    /// Every parent comes before its children.
    pub data: Vec<Node>,
}

/// An organization and what lies above it, up to the root; empty for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(Vec<Ancestor>);

impl Line {
    /// How many levels there are down to the organization; 1 for a root.
    pub fn levels(&self) -> usize {
        self.0.len()
    }

    /// Whether `id` is the organization or lies above it.
    pub fn passes(&self, id: OrganizationId) -> bool {
        self.0.iter().any(|step| step.id == id)
    }

    /// What somebody holds in the organization: what they hold over the tenant, and what their roles on the way up give.
    pub fn held(&self, tenant_wide: PermissionSet, grants: &[OrgGrant]) -> PermissionSet {
        let there = grants.iter().filter(|grant| self.passes(grant.organization));
        there.fold(tenant_wide, |held, grant| held.union(grant.permissions))
    }

    /// The part that lies within `reach`: all, or up to the highest of its organizations.
    fn within(&self, reach: &Reach) -> &[Ancestor] {
        let Reach::Organizations(roots) = reach else { return &self.0 };
        let highest = self.0.iter().rposition(|step| roots.contains(&step.id));
        highest.and_then(|highest| self.0.get(..=highest)).unwrap_or_default()
    }
}

/// Merges a patch into settings (RFC 7396 §2).
fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(&name);
            }
            Value::Object(inner) => {
                let mut merged = match target.remove(&name) {
                    Some(Value::Object(current)) => current,
                    _ => Map::new(),
                };
                merge(&mut merged, inner);
                target.insert(name, Value::Object(merged));
            }
            value => {
                target.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use elder_kernel::Seam;
    use serde_json::json;

    #[test]
    fn settings_are_merged_as_the_rfc_shows() {
        let object = |value: Value| value.as_object().unwrap().clone();
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [1]}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = object(target);
            merge(&mut merged, object(patch));
            assert_eq!(Value::Object(merged), result);
        }
    }

    #[test]
    fn a_line_ends_at_the_highest_organization_within_reach() {
        let seam = Seam::system();
        let ids: Vec<OrganizationId> = (0..4).map(|_| seam.id()).collect();
        let line = Line(ids.iter().map(|id| Ancestor { id: *id, name: String::new() }).collect());
        let within = |roots: &[usize]| {
            let roots = roots.iter().map(|root| ids[*root]).collect();
            line.within(&Reach::Organizations(roots)).len()
        };
        assert_eq!(line.within(&Reach::Tenant).len(), 4);
        assert_eq!((within(&[0]), within(&[0, 2]), within(&[])), (1, 3, 0));
    }
}
