//! Organizations: departments and teams of a tenant, in a tree.

mod batch;
mod error;
pub(crate) mod routes;
pub(crate) mod service;

use elder_access::{OrgGrant, PermissionSet, Reach};
use elder_kernel::{
    Organization as Kind,
    collection::{Collection, Field},
};
use serde_json::{Map, Value};

pub use elder_api_types::{
    OrganizationId,
    organization::{
        Ancestor, Ancestors, ListScope, Move, NewOrganization, Node, Organization, OrganizationPatch, Parent,
        Subtree,
    },
};
pub use error::Error;
pub use service::line;

/// Levels that the tree may have; a root is on the first.
pub const MOST_LEVELS: usize = 32;
/// Bytes that the settings of one organization may take as JSON.
pub const MOST_SETTINGS_BYTES: usize = 64 << 10;

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
