//! Who is calling, and what they hold in which tenant.

use elder_kernel::{Directory, Id, Organization, ScimToken, Session, TenantId, User};
use serde::{Deserialize, Serialize};

use crate::{
    networks::Networks,
    permissions::Permission,
    permissions::{Level, PermissionRow, PermissionSet, Tier},
    tier::SubscriptionTier,
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

/// What a user holds in one organization and those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgGrant {
    /// The organization.
    pub organization: Id<Organization>,
    /// The permissions.
    pub permissions: PermissionSet,
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPrincipal {
    /// The account.
    pub user: Id<User>,
    /// The session.
    pub session: Id<Session>,
    /// The role on the platform.
    pub global_role: Option<GlobalRole>,
    /// What the roles in the own tenant give, over the whole tenant.
    pub permissions: PermissionSet,
    /// What the roles in organizations give.
    pub grants: Vec<OrgGrant>,
}

/// A SCIM directory's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryPrincipal {
    /// The directory.
    pub directory: Id<Directory>,
    /// The token.
    pub token: Id<ScimToken>,
    /// Whether the token may change anything.
    pub can_write: bool,
    /// Whether an admin has paused the directory.
    pub is_paused: bool,
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person.
    User(UserPrincipal),
    /// An identity provider.
    Directory(DirectoryPrincipal),
}

/// A credential that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The tenant that the credential belongs to.
    pub tenant: TenantId,
    /// That tenant's slug.
    pub slug: String,
    /// From where that tenant's credentials may be used.
    pub networks: Networks,
    /// That tenant's plan.
    pub tier: SubscriptionTier,
    /// Whose it is.
    pub who: Who,
}

/// How far a permission of the organization tier reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every organization of the tenant.
    Tenant,
    /// These organizations and those below them.
    Organizations(Vec<Id<Organization>>),
}

/// Who did something, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `user`, `directory`, `guest` or `system`.
    pub kind: &'static str,
    /// The person.
    pub user: Option<Id<User>>,
    /// The token.
    pub key: Option<Id<ScimToken>>,
}

impl Actor {
    /// Nobody who is signed in.
    pub const GUEST: Self = Self { kind: "guest", user: None, key: None };
    /// Elder itself.
    pub const SYSTEM: Self = Self { kind: "system", user: None, key: None };
}

impl Principal {
    /// The actor of what this principal does.
    pub fn actor(&self) -> Actor {
        match &self.who {
            Who::User(user) => Actor { kind: "user", user: Some(user.user), key: None },
            Who::Directory(directory) => Actor { kind: "directory", user: None, key: Some(directory.token) },
        }
    }

    /// The signed-in person.
    pub fn user(&self) -> Option<&UserPrincipal> {
        match &self.who {
            Who::User(user) => Some(user),
            Who::Directory(_) => None,
        }
    }

    /// The directory.
    pub fn directory(&self) -> Option<&DirectoryPrincipal> {
        match &self.who {
            Who::Directory(directory) => Some(directory),
            Who::User(_) => None,
        }
    }

    /// The role on the platform.
    pub fn global_role(&self) -> Option<GlobalRole> {
        self.user().and_then(|user| user.global_role)
    }

    /// What the principal holds over the whole of `tenant`; with a global role, what that gives beyond it too.
    pub fn holds_in(&self, tenant: TenantId) -> PermissionSet {
        const TIERS: &[Tier] = &[Tier::Global, Tier::Tenant, Tier::Organization];
        match &self.who {
            Who::User(user) => {
                let own = if tenant == self.tenant { user.permissions } else { PermissionSet::default() };
                let global = user.global_role.map(|role| PermissionSet::built_in(role.level(), TIERS));
                own.union(global.unwrap_or_default())
            }
            Who::Directory(directory) if tenant == self.tenant => {
                let level = if directory.can_write { Level::Admin } else { Level::Reader };
                PermissionSet::built_in(level, &[Tier::Directory])
            }
            Who::Directory(_) => PermissionSet::default(),
        }
    }

    /// What the roles in organizations of `tenant` give.
    pub(crate) fn grants_in(&self, tenant: TenantId) -> &[OrgGrant] {
        self.user().filter(|_| tenant == self.tenant).map_or(&[], |user| &user.grants)
    }

    /// How far `row` reaches in `tenant`, or `None` if it is not held there at all.
    pub(crate) fn reach(&self, row: &PermissionRow, tenant: TenantId) -> Option<Reach> {
        if self.holds_in(tenant).holds(row) {
            return Some(Reach::Tenant);
        }
        let roots: Vec<_> = self
            .grants_in(tenant)
            .iter()
            .filter(|grant| grant.permissions.holds(row))
            .map(|grant| grant.organization)
            .collect();
        (!roots.is_empty()).then_some(Reach::Organizations(roots))
    }

    /// Whether the global role gives `P`.
    pub(crate) fn operates<P: Permission>(&self) -> bool {
        let held = self.global_role().map(|role| PermissionSet::built_in(role.level(), &[Tier::Global]));
        held.unwrap_or_default().holds(P::ROW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::markers;
    use elder_kernel::Seam;

    fn user(global_role: Option<GlobalRole>, role: Option<Role>, grants: Vec<OrgGrant>) -> Principal {
        let seam = Seam::system();
        let tiers = [Tier::Tenant, Tier::Organization];
        let permissions = role.map(|role| PermissionSet::built_in(role.level(), &tiers)).unwrap_or_default();
        let user = UserPrincipal { user: seam.id(), session: seam.id(), global_role, permissions, grants };
        let (tier, networks) = (SubscriptionTier::default(), Networks::default());
        Principal { tenant: TenantId(7), slug: "acme".into(), tier, networks, who: Who::User(user) }
    }

    #[test]
    fn a_tenant_admin_holds_nothing_in_another_tenant() {
        let admin = user(None, Some(Role::Admin), vec![]);
        assert_eq!(admin.reach(markers::UsersWrite::ROW, TenantId(7)), Some(Reach::Tenant));
        assert_eq!(admin.reach(markers::UsersRead::ROW, TenantId(8)), None);
        assert!(!admin.operates::<markers::PlatformTenantsRead>());
    }

    #[test]
    fn support_reads_everywhere_and_writes_nowhere() {
        let support = user(Some(GlobalRole::Support), None, vec![]);
        assert_eq!(support.reach(markers::UsersRead::ROW, TenantId(8)), Some(Reach::Tenant));
        assert_eq!(support.reach(markers::UsersWrite::ROW, TenantId(8)), None);
        assert!(support.operates::<markers::PlatformTenantsRead>());
        assert!(!support.operates::<markers::PlatformTenantsWrite>());
    }

    #[test]
    fn an_organization_role_reaches_its_own_organizations_alone() {
        let organization = Seam::system().id();
        let permissions = PermissionSet::built_in(Level::Maintainer, &[Tier::Organization]);
        let member = user(None, None, vec![OrgGrant { organization, permissions }]);
        let reach = member.reach(markers::OrganizationsWrite::ROW, TenantId(7));
        assert_eq!(reach, Some(Reach::Organizations(vec![organization])));
        assert_eq!(member.reach(markers::MembersWrite::ROW, TenantId(7)), None);
        assert_eq!(member.reach(markers::UsersRead::ROW, TenantId(7)), None);
        assert_eq!(member.reach(markers::OrganizationsWrite::ROW, TenantId(8)), None);
    }

    #[test]
    fn a_global_role_gives_no_scim_and_a_token_gives_nothing_else() {
        let admin = user(Some(GlobalRole::Admin), Some(Role::Admin), vec![]);
        assert_eq!(admin.reach(markers::ScimRead::ROW, TenantId(7)), None);
        let seam = Seam::system();
        let directory =
            DirectoryPrincipal { directory: seam.id(), token: seam.id(), can_write: false, is_paused: false };
        let token = Principal { who: Who::Directory(directory), ..admin };
        assert_eq!(format!("{:?}", token.holds_in(TenantId(7))), r#"{"scim:read"}"#);
        assert_eq!(token.reach(markers::ScimRead::ROW, TenantId(8)), None);
    }
}
