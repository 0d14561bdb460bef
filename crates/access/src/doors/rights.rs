//! What somebody holds in their own tenant: read along with the credential, and narrowed by an API key.

use std::sync::Arc;

use elder_api_types::{permission::Tier, role::Role};
use elder_kernel::{Id, Organization};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Row,
    database::DbError,
    permissions::{PermissionRow, PermissionSet},
    principal::OrgGrant,
};

/// The columns `tenant_role` and `held`: what the roles of a user give whom the row `$of` names.
macro_rules! roles_of {
    ($of:literal, $user:literal) => {
        concat!(
            $user, ".tenant_role,
           (select coalesce(jsonb_agg(jsonb_build_object('organization', h.organization_id, 'role', h.role,
                   'permissions', coalesce((select to_jsonb(r.permissions) from roles r
                       where r.tenant_id = ", $of, ".tenant_id and r.id = h.role_id), '[]'))), '[]')
              from held_roles(", $of, ".tenant_id, ", $of, ".user_id) h) as held"
        )
    };
}
pub(super) use roles_of;

const TENANT_WIDE: &[Tier] = &[Tier::Tenant, Tier::Organization];
const ORGANIZATION: &[Tier] = &[Tier::Organization];

/// What somebody holds in their own tenant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rights {
    /// Over the whole of it.
    pub(super) permissions: PermissionSet,
    /// In organizations.
    pub(super) grants: Vec<OrgGrant>,
}

/// What a key leaves of its owner's rights.
pub(super) struct Limits {
    /// These permissions; none: all.
    pub(super) scope: Option<PermissionSet>,
    /// These organizations, each with all that it lies below; none: wherever the owner may act.
    pub(super) bounds: Option<Vec<Bound>>,
}

/// An organization to which a key is bound.
#[derive(Debug, Deserialize)]
pub(super) struct Bound {
    pub(super) organization: Uuid,
    /// The organization itself and those above it.
    pub(super) line: Vec<Uuid>,
}

/// What the column `held` holds.
#[derive(Deserialize)]
struct Held {
    /// None: over the whole tenant.
    organization: Option<Uuid>,
    role: Option<Role>,
    permissions: Vec<String>,
}

impl Held {
    /// What it gives where it holds.
    fn gives(&self, tiers: &[Tier]) -> PermissionSet {
        match self.role {
            Some(role) => PermissionSet::built_in(role.level(), tiers),
            None => PermissionSet::named(self.permissions.iter().map(String::as_str), tiers),
        }
    }
}

impl Rights {
    /// Those of a user, from the columns of `roles_of!`.
    pub(super) fn of_user(row: &Row) -> Result<Self, DbError> {
        let own = row.get::<Option<&str>>("tenant_role")?.and_then(Role::named);
        let own = own.map(|role| PermissionSet::built_in(role.level(), TENANT_WIDE)).unwrap_or_default();
        let mut rights = Self { permissions: own, grants: Vec::new() };
        for held in json::<Vec<Held>>(row, "held")? {
            match held.organization.map(Id::from_uuid) {
                None => rights.permissions = rights.permissions.union(held.gives(TENANT_WIDE)),
                Some(organization) => {
                    rights.grants.push(OrgGrant { organization, permissions: held.gives(ORGANIZATION) });
                }
            }
        }
        Ok(rights)
    }

    /// Those of a service account: over the tenant, or in these organizations alone.
    pub(super) fn of_account(permissions: &[&str], organizations: Option<Vec<Uuid>>) -> Self {
        let named = |tiers| PermissionSet::named(permissions.iter().copied(), tiers);
        let Some(organizations) = organizations else {
            return Self { permissions: named(TENANT_WIDE), grants: Vec::new() };
        };
        let grant = |id| OrgGrant { organization: Id::from_uuid(id), permissions: named(ORGANIZATION) };
        Self { permissions: PermissionSet::default(), grants: organizations.into_iter().map(grant).collect() }
    }

    /// What a key with these limits leaves of them. It never adds: what the owner does not hold (any more), the key
    /// does not either.
    pub(super) fn within(self, limits: &Limits) -> Self {
        let left = |set: PermissionSet| {
            limits.scope.map_or(set, |scope| set.intersection(scope)).only(PermissionRow::fits_keys)
        };
        let Some(bounds) = &limits.bounds else {
            let grants = self.grants.into_iter();
            let grants = grants.map(|grant| OrgGrant { permissions: left(grant.permissions), ..grant });
            return Self { permissions: left(self.permissions), grants: grants.collect() };
        };
        let grants = bounds.iter().map(|bound| OrgGrant {
            organization: Id::from_uuid(bound.organization),
            permissions: left(self.held_at(bound)).only(|row| row.tier == Tier::Organization),
        });
        Self { permissions: PermissionSet::default(), grants: grants.collect() }
    }

    /// What is left of them for somebody who `holds` this much and acts in the owner's name: nothing that they do not hold
    /// themselves, and nothing that is not lent.
    pub(super) fn lent(self, holds: PermissionSet) -> Self {
        let left = |set: PermissionSet| set.intersection(holds).only(PermissionRow::is_lent);
        let grants = self.grants.into_iter();
        let grants = grants.map(|grant| OrgGrant { permissions: left(grant.permissions), ..grant });
        Self { permissions: left(self.permissions), grants: grants.collect() }
    }

    fn held_at(&self, bound: &Bound) -> PermissionSet {
        let above = |id: &Id<Organization>| bound.line.contains(&id.uuid());
        let grants = self.grants.iter().filter(|grant| above(&grant.organization));
        grants.fold(self.permissions, |held, grant| held.union(grant.permissions))
    }
}

/// Reads a column that holds JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, DbError> {
    serde_json::from_value(row.get(column)?).map_err(|error| DbError::Driver(Arc::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::{Permission as _, markers};
    use elder_api_types::permission::Level;
    use elder_kernel::Seam;

    fn set(names: &[&str]) -> PermissionSet {
        PermissionSet::named(names.iter().copied(), &[Tier::Global, Tier::Tenant, Tier::Organization])
    }

    fn admin() -> Rights {
        Rights { permissions: PermissionSet::built_in(Level::Admin, TENANT_WIDE), grants: Vec::new() }
    }

    fn at(organization: Uuid, permissions: PermissionSet) -> OrgGrant {
        OrgGrant { organization: Id::from_uuid(organization), permissions }
    }

    #[test]
    fn a_key_without_limits_carries_all_but_what_a_person_does() {
        let key = admin().within(&Limits { scope: None, bounds: None });
        assert!(key.permissions.within(admin().permissions));
        assert_eq!(
            admin().permissions.only(|row| !key.permissions.holds(row)),
            set(&["api_keys:write", "users:impersonate"])
        );
    }

    #[test]
    fn p_37_who_acts_in_anothers_name_holds_no_more_than_they_do_themselves() {
        let reads = set(&["users:read"]);
        assert_eq!(admin().lent(reads).permissions, reads);
        let all = admin().lent(admin().permissions).permissions;
        assert!(all.holds(markers::OrganizationsWrite::ROW) && !all.holds(markers::UsersWrite::ROW));
        assert!(!all.holds(markers::UsersImpersonate::ROW), "there are no chains");
        let member = Rights { permissions: PermissionSet::default(), grants: vec![at(Uuid::nil(), reads)] };
        assert_eq!(member.lent(admin().permissions).permissions, PermissionSet::default());
    }

    #[test]
    fn a_scope_takes_away_and_never_adds() {
        let scope = Some(set(&["users:read", "tenants:read"]));
        let key = admin().within(&Limits { scope, bounds: None });
        assert_eq!(key.permissions, set(&["users:read"]));
        assert_eq!(Rights::default().within(&Limits { scope, bounds: None }), Rights::default());
    }

    #[test]
    fn a_bound_key_holds_in_its_organizations_what_its_owner_holds_there_or_above() {
        let seam = Seam::system();
        let (root, child, other) = (seam.uuid(), seam.uuid(), seam.uuid());
        let bounds = |organization, line| Some(vec![Bound { organization, line }]);
        let reads = set(&["organizations:read"]);
        let owner = Rights { permissions: PermissionSet::default(), grants: vec![at(root, reads)] };
        let below = Limits { scope: None, bounds: bounds(child, vec![child, root]) };
        assert_eq!(owner.clone().within(&below).grants, [at(child, reads)]);
        let beside = Limits { scope: None, bounds: bounds(other, vec![other]) };
        assert_eq!(owner.within(&beside).grants, [at(other, PermissionSet::default())]);
        let key = admin().within(&Limits { scope: None, bounds: bounds(child, vec![child, root]) });
        assert_eq!(key.permissions, PermissionSet::default());
        assert_eq!(key.grants, [at(child, PermissionSet::built_in(Level::Admin, ORGANIZATION))]);
        // An organization that is gone has no line: the key holds nothing, and not everything.
        let gone = Limits { scope: None, bounds: Some(Vec::new()) };
        assert_eq!(admin().within(&gone), Rights::default());
    }
}
