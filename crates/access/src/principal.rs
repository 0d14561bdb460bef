//! Who is calling, and what they hold in which tenant.

use std::net::IpAddr;

use elder_api_types::{
    directory::{Provider, Vocabulary},
    networks::Networks,
    permission::{Level, Tier},
    role::GlobalRole,
    settings::{AuditedBodies, AuditedCalls},
    tenant::SubscriptionTier,
};
use elder_kernel::{ApiKey, Directory, Id, Organization, ScimToken, ServiceAccount, Session, TenantId, User};
use uuid::Uuid;

use crate::{
    assurance::Assurance,
    origins::Origins,
    permissions::{Permission, PermissionRow, PermissionSet},
};

/// What a user holds in one organization and those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgGrant {
    /// The organization.
    pub organization: Id<Organization>,
    /// The permissions.
    pub permissions: PermissionSet,
}

/// Who acts in somebody else's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impersonator {
    /// Their tenant.
    pub tenant: TenantId,
    /// Their account.
    pub user: Id<User>,
    /// Their own session: the one in the other's name ends with it.
    pub session: Id<Session>,
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
    /// Who acts in the person's name; none if it is the person. Then the rights above are those that are lent.
    pub impersonator: Option<Impersonator>,
    /// How lately and how well the person has proven who they are.
    pub assurance: Assurance,
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
    /// Whether the directory takes groups too.
    pub sync_groups: bool,
    /// Who pushes.
    pub provider: Provider,
    /// Which values the provider may name in `roles` and `entitlements` of a user.
    pub entitlements: Vocabulary,
}

/// Whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOwner {
    /// A person, on whose behalf a program acts.
    User(Id<User>),
    /// A program that acts on its own behalf.
    ServiceAccount(Id<ServiceAccount>),
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrincipal {
    /// The key.
    pub key: Id<ApiKey>,
    /// Whose it is.
    pub owner: KeyOwner,
    /// From where it may be used.
    pub networks: Networks,
    /// What it carries over the whole of its tenant; a key of System may name global permissions among these.
    pub permissions: PermissionSet,
    /// What it carries in organizations.
    pub grants: Vec<OrgGrant>,
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person.
    User(UserPrincipal),
    /// An identity provider.
    Directory(DirectoryPrincipal),
    /// A program.
    Key(KeyPrincipal),
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
    /// From which origins' pages that tenant's credentials may be used.
    pub(crate) origins: Origins,
    /// Which of that tenant's calls are written to the audit log.
    pub(crate) api_calls: AuditedCalls,
    /// Which of their bodies are kept.
    pub(crate) api_bodies: AuditedBodies,
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
    /// `user`, `api_key`, `service_account`, `directory`, `guest` or `system`.
    pub kind: &'static str,
    /// The person; also where a key of theirs acts, or somebody else in their name.
    pub user: Option<Id<User>>,
    /// Who acts in the person's name.
    pub(crate) impersonator: Option<Id<User>>,
    /// The row of the token or the key.
    pub(crate) key: Option<Uuid>,
}

impl Actor {
    /// Nobody who is signed in.
    pub const GUEST: Self = Self { kind: "guest", user: None, impersonator: None, key: None };
    /// Elder itself.
    pub const SYSTEM: Self = Self { kind: "system", user: None, impersonator: None, key: None };

    /// Which credential's owner this is: of a key the key itself, else the person who really acts.
    pub(crate) fn id(&self) -> Option<Uuid> {
        self.key.or(self.impersonator.or(self.user).map(Id::uuid))
    }

    /// The person, if they are signed in and act themselves. Their keys do not, nor does who acts in their name: what only
    /// the owner of an account may do, these must hold a permission for.
    pub fn in_person(&self) -> Option<Id<User>> {
        self.user.filter(|_| self.key.is_none() && self.impersonator.is_none())
    }
}

impl Principal {
    /// The actor of what this principal does.
    pub fn actor(&self) -> Actor {
        match &self.who {
            Who::User(user) => Actor {
                kind: "user",
                user: Some(user.user),
                impersonator: user.impersonator.map(|by| by.user),
                key: None,
            },
            Who::Directory(directory) => {
                let key = Some(directory.token.uuid());
                Actor { kind: "directory", user: None, impersonator: None, key }
            }
            Who::Key(key) => {
                let (kind, user) = match key.owner {
                    KeyOwner::User(user) => ("api_key", Some(user)),
                    KeyOwner::ServiceAccount(_) => ("service_account", None),
                };
                Actor { kind, user, impersonator: None, key: Some(key.key.uuid()) }
            }
        }
    }

    /// The signed-in person.
    pub fn user(&self) -> Option<&UserPrincipal> {
        match &self.who {
            Who::User(user) => Some(user),
            Who::Directory(_) | Who::Key(_) => None,
        }
    }

    /// Who could act in another's name: a person who is signed in, in their own.
    pub(crate) fn as_impersonator(&self) -> Option<Impersonator> {
        let user = self.user().filter(|user| user.impersonator.is_none())?;
        Some(Impersonator { tenant: self.tenant, user: user.user, session: user.session })
    }

    /// The directory.
    pub fn directory(&self) -> Option<&DirectoryPrincipal> {
        match &self.who {
            Who::Directory(directory) => Some(directory),
            Who::User(_) | Who::Key(_) => None,
        }
    }

    /// The key.
    pub(crate) fn key(&self) -> Option<Id<ApiKey>> {
        match &self.who {
            Who::Key(key) => Some(key.key),
            Who::User(_) | Who::Directory(_) => None,
        }
    }

    /// The role on the platform. A key has none: it stays in its tenant, whoever owns it.
    pub fn global_role(&self) -> Option<GlobalRole> {
        self.user().and_then(|user| user.global_role)
    }

    /// Whether the tenant, and the key if it is one, let a client of this address in.
    pub(crate) fn may_come_from(&self, client: Option<IpAddr>) -> bool {
        let by_key = match &self.who {
            Who::Key(key) => key.networks.admit(client),
            Who::User(_) | Who::Directory(_) => true,
        };
        by_key && self.networks.admit(client)
    }

    /// What the principal holds over the whole of `tenant`; with a global role, what that gives beyond it too.
    pub fn holds_in(&self, tenant: TenantId) -> PermissionSet {
        let is_own = tenant == self.tenant;
        let own = match &self.who {
            Who::User(user) if is_own => user.permissions,
            Who::Directory(directory) if is_own => {
                let level = if directory.can_write { Level::Admin } else { Level::Reader };
                PermissionSet::built_in(level, &[Tier::Directory])
            }
            Who::Key(key) if is_own => key.permissions,
            Who::User(_) | Who::Directory(_) | Who::Key(_) => PermissionSet::default(),
        };
        own.union(self.holds_beyond())
    }

    /// What the principal holds whatever tenant it is about.
    pub(crate) fn holds_beyond(&self) -> PermissionSet {
        const TIERS: &[Tier] = &[Tier::Global, Tier::Tenant, Tier::Organization];
        match &self.who {
            Who::User(user) => user.global_role.map(|role| PermissionSet::built_in(role.level(), TIERS)),
            Who::Key(key) => Some(key.permissions.only(|row| row.tier == Tier::Global)),
            Who::Directory(_) => None,
        }
        .unwrap_or_default()
    }

    /// What the roles in organizations of `tenant` give.
    pub(crate) fn grants_in(&self, tenant: TenantId) -> &[OrgGrant] {
        match &self.who {
            Who::User(user) if tenant == self.tenant => &user.grants,
            Who::Key(key) if tenant == self.tenant => &key.grants,
            Who::User(_) | Who::Directory(_) | Who::Key(_) => &[],
        }
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

    /// Whether the principal holds `P` on the platform.
    pub(crate) fn operates<P: Permission>(&self) -> bool {
        P::ROW.tier == Tier::Global && self.holds_beyond().holds(P::ROW)
    }
}

#[cfg(test)]
mod tests {
    use elder_api_types::role::Role;

    use super::*;
    use crate::permissions::markers;
    use elder_kernel::Seam;

    fn user(global_role: Option<GlobalRole>, role: Option<Role>, grants: Vec<OrgGrant>) -> Principal {
        let seam = Seam::system();
        let tiers = [Tier::Tenant, Tier::Organization];
        let permissions = role.map(|role| PermissionSet::built_in(role.level(), &tiers)).unwrap_or_default();
        let assurance = Assurance { proven_at: seam.now(), is_multi_factor: false, factors: vec![] };
        let user = UserPrincipal {
            user: seam.id(),
            session: seam.id(),
            global_role,
            permissions,
            grants,
            impersonator: None,
            assurance,
        };
        let (tier, networks) = (SubscriptionTier::default(), Networks::default());
        let (slug, origins) = ("acme".into(), Origins::default());
        Principal {
            tenant: TenantId(7),
            slug,
            tier,
            networks,
            origins,
            api_calls: AuditedCalls::All,
            api_bodies: AuditedBodies::Off,
            who: Who::User(user),
        }
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
        let directory = DirectoryPrincipal {
            directory: seam.id(),
            token: seam.id(),
            can_write: false,
            is_paused: false,
            sync_groups: true,
            provider: Provider::Generic,
            entitlements: Vocabulary::Open,
        };
        let token = Principal { who: Who::Directory(directory), ..admin };
        assert_eq!(format!("{:?}", token.holds_in(TenantId(7))), r#"{"scim:read"}"#);
        assert_eq!(token.reach(markers::ScimRead::ROW, TenantId(8)), None);
    }
}
