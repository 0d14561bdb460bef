//! What somebody's roles give them, all together: what they can be reached by, and what they can grant.

use elder_access::{GlobalRole, Level, PermissionSet, Role, Tier};

const TENANT_WIDE: &[Tier] = &[Tier::Tenant, Tier::Organization];

/// Everything that gives a user permissions.
pub(super) struct HeldRoles {
    pub(super) global_role: Option<GlobalRole>,
    /// The built-in roles over the tenant: the account's own, and those that a directory gives.
    pub(super) tenant_roles: Vec<Role>,
    pub(super) tenant_permissions: Vec<String>,
    pub(super) organization_roles: Vec<Role>,
    pub(super) organization_permissions: Vec<String>,
}

impl HeldRoles {
    pub(super) fn built_in(global_role: Option<GlobalRole>, tenant_role: Option<Role>) -> Self {
        Self {
            global_role,
            tenant_roles: tenant_role.into_iter().collect(),
            tenant_permissions: Vec::new(),
            organization_roles: Vec::new(),
            organization_permissions: Vec::new(),
        }
    }

    /// Everything that these roles give, wherever it holds.
    pub(super) fn permissions(&self) -> PermissionSet {
        const ORGANIZATION: &[Tier] = &[Tier::Organization];
        let in_organizations = self.organization_roles.iter().map(|role| Some(role.level()));
        in_organizations
            .fold(self.over_tenant(), |set, level| set.union(built_in(level, ORGANIZATION)))
            .union(named(&self.organization_permissions, ORGANIZATION))
    }

    /// What they give over the whole tenant, and beyond it.
    pub(super) fn over_tenant(&self) -> PermissionSet {
        const ALL: &[Tier] = &[Tier::Global, Tier::Tenant, Tier::Organization];
        let roles = self.tenant_roles.iter().map(|role| Some(role.level()));
        roles
            .fold(built_in(self.global_role.map(GlobalRole::level), ALL), |set, level| {
                set.union(built_in(level, TENANT_WIDE))
            })
            .union(named(&self.tenant_permissions, TENANT_WIDE))
    }
}

fn named(names: &[String], tiers: &[Tier]) -> PermissionSet {
    PermissionSet::named(names.iter().map(String::as_str), tiers)
}

fn built_in(level: Option<Level>, tiers: &[Tier]) -> PermissionSet {
    level.map(|level| PermissionSet::built_in(level, tiers)).unwrap_or_default()
}
