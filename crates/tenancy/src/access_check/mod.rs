//! Access checks: whether somebody may do something, and which assignment gives it.

mod error;
pub(crate) mod routes;
mod service;

use elder_access::{GlobalRole, OrgGrant, PermissionRow, PermissionSet, Role as BuiltIn, Tier};
use elder_kernel::{ApiKey, Id};

pub use elder_api_types::access_check::{CheckQuery, Kind, Reason, Source, Verdict};
pub use error::Error;

use crate::{
    organization::{Line, OrganizationId},
    role::{self, RoleId, RoleTier},
};

/// The roles of the person in question.
#[derive(Debug, Default)]
struct Subject {
    is_live: bool,
    global_role: Option<GlobalRole>,
    /// The built-in ones over the tenant: the account's own, and those that a directory gives.
    tenant_roles: Vec<BuiltIn>,
    custom: Vec<CustomGrant>,
    organizations: Vec<OrganizationGrant>,
}

/// The key that asks for itself.
pub(crate) struct OwnKey<'a> {
    pub(crate) id: Id<ApiKey>,
    /// What it carries over the whole tenant.
    pub(crate) holds: PermissionSet,
    /// What it carries in organizations.
    pub(crate) grants: &'a [OrgGrant],
}

/// A custom role over the tenant.
#[derive(Debug, serde::Deserialize)]
struct CustomGrant {
    role_id: uuid::Uuid,
    name: String,
    permissions: Vec<String>,
}

/// A role in an organization.
#[derive(Debug, serde::Deserialize)]
struct OrganizationGrant {
    organization_id: uuid::Uuid,
    role: Option<BuiltIn>,
    custom: Option<CustomGrant>,
}

impl Subject {
    /// Every assignment that gives `row`: in the organization whose way up is `line`, or anywhere.
    fn sources(&self, row: &PermissionRow, line: Option<&Line>) -> Vec<Source> {
        const PLATFORM: &[Tier] = &[Tier::Global, Tier::Tenant, Tier::Organization];
        let global = self.global_role.map(|role| {
            let source = Source {
                kind: Kind::GlobalRole,
                name: role.name().into(),
                role_id: None,
                organization_id: None,
            };
            (PermissionSet::built_in(role.level(), PLATFORM), source)
        });
        let tenant = self.tenant_roles.iter().map(|role| built_in(Kind::TenantRole, RoleTier::Tenant, *role));
        let custom = self.custom.iter().map(|grant| grant.source(Kind::CustomRole, RoleTier::Tenant));
        let organizations = self.organizations.iter().filter_map(|grant| grant.source(line));
        global
            .into_iter()
            .chain(tenant)
            .chain(custom)
            .chain(organizations)
            .filter(|(gives, _)| gives.holds(row))
            .map(|(_, source)| source)
            .collect()
    }

    /// The answer, by the same rules as the gate's.
    fn verdict(&self, row: &PermissionRow, line: Option<&Line>, is_covered: bool) -> Verdict {
        if self.is_live { given(self.sources(row, line), is_covered) } else { refused(Reason::Inactive) }
    }
}

impl OwnKey<'_> {
    /// What of the key gives `row`: in the organization whose way up is `line`, or anywhere.
    fn sources(&self, row: &PermissionRow, line: Option<&Line>) -> Vec<Source> {
        let source = |organization_id| Source {
            kind: Kind::ApiKey,
            name: self.id.to_string(),
            role_id: None,
            organization_id,
        };
        let passed = |grant: &&OrgGrant| line.is_none_or(|line| line.passes(grant.organization));
        let bound = self.grants.iter().filter(|grant| grant.permissions.holds(row)).filter(passed);
        let anywhere = self.holds.holds(row).then(|| source(None));
        anywhere.into_iter().chain(bound.map(|grant| source(Some(grant.organization)))).collect()
    }
}

fn refused(reason: Reason) -> Verdict {
    Verdict { allowed: false, reason: Some(reason), by: Vec::new() }
}

/// The verdict for whom these assignments give the permission.
fn given(by: Vec<Source>, is_covered: bool) -> Verdict {
    match (by.is_empty(), is_covered) {
        (true, _) => refused(Reason::NotGranted),
        (false, false) => Verdict { by, ..refused(Reason::LicenseRequired) },
        (false, true) => Verdict { allowed: true, reason: None, by },
    }
}

impl CustomGrant {
    fn source(&self, kind: Kind, tier: RoleTier) -> (PermissionSet, Source) {
        let gives = PermissionSet::named(self.permissions.iter().map(String::as_str), tier.tiers());
        let role_id = Some(RoleId::from_uuid(self.role_id));
        (gives, Source { kind, name: self.name.clone(), role_id, organization_id: None })
    }
}

impl OrganizationGrant {
    /// None if the organization is not on the way up that is asked for.
    fn source(&self, line: Option<&Line>) -> Option<(PermissionSet, Source)> {
        let organization = OrganizationId::from_uuid(self.organization_id);
        if line.is_some_and(|line| !line.passes(organization)) {
            return None;
        }
        let (kind, tier) = (Kind::OrganizationRole, RoleTier::Organization);
        let custom = self.custom.as_ref().map(|custom| custom.source(kind, tier));
        let (gives, source) = custom.or_else(|| self.role.map(|role| built_in(kind, tier, role)))?;
        Some((gives, Source { organization_id: Some(organization), ..source }))
    }
}

fn built_in(kind: Kind, tier: RoleTier, role: BuiltIn) -> (PermissionSet, Source) {
    (
        role::built_in(tier, role),
        Source { kind, name: role.name().to_owned(), role_id: None, organization_id: None },
    )
}
