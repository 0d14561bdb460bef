//! Service accounts: programs that act on their own behalf.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_access::{PermissionName, PermissionRow, PermissionSet, Tier};
use elder_kernel::{
    Id, Patch, ServiceAccount as Kind, User,
    collection::{Collection, Field},
};
use elder_tenancy::{name::Name, organization::OrganizationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::scope::Scope;

/// The id of a service account.
pub type ServiceAccountId = Id<Kind>;
/// The id of a person.
pub(crate) type UserId = Id<User>;

/// What a service account can be given.
const TIERS: &[Tier] = &[Tier::Tenant, Tier::Organization];

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceAccount {
    /// Its id.
    pub id: ServiceAccountId,
    /// What it is called.
    pub name: String,
    /// What it is for.
    #[schema(required)]
    pub description: Option<String>,
    /// What it may do.
    #[schema(example = json!(["users:read"]))]
    pub permissions: Vec<String>,
    /// Where: in these organizations and those below them; null for the whole tenant.
    #[schema(required)]
    pub organizations: Option<Vec<OrganizationId>>,
    /// Whether its keys are good.
    pub is_active: bool,
    /// Grows with every change.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// Who created it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl ServiceAccount {
    /// How far it goes.
    pub(crate) fn scope(&self) -> Scope {
        let permissions = PermissionSet::named(self.permissions.iter().map(String::as_str), TIERS);
        Scope { permissions, organizations: self.organizations.clone() }
    }
}

/// The service accounts of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum ServiceAccounts {}

impl Collection for ServiceAccounts {
    const NAME: &'static str = "service_accounts";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::text("description"),
        Field::opaque("permissions"),
        Field::opaque("organizations"),
        Field::bool("is_active"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}

/// A service account to be created.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewServiceAccount {
    /// What it is called, unique in the tenant.
    #[garde(skip)]
    pub name: Name<100>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// What it may do: nothing that the caller may not.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Vec<PermissionName>, min_items = 1, max_items = 64)]
    pub permissions: Vec<&'static PermissionRow>,
    /// Where: in these organizations and those below them. Without it, in the whole tenant.
    #[garde(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    pub organizations: Option<Vec<OrganizationId>>,
}

/// A merge patch of a service account (RFC 7396).
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountPatch {
    /// Another name.
    #[garde(skip)]
    pub name: Option<Name<100>>,
    /// What it is for; null for nothing.
    #[garde(custom(short))]
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// All that it shall be allowed.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Option<Vec<PermissionName>>, min_items = 1, max_items = 64)]
    pub permissions: Option<Vec<&'static PermissionRow>>,
    /// All organizations to which it shall be bound; null for the whole tenant.
    #[garde(custom(some_and_few))]
    #[serde(default)]
    #[schema(value_type = Option<Vec<OrganizationId>>, min_items = 1, max_items = 50)]
    pub organizations: Patch<Vec<OrganizationId>>,
}

fn short(patch: &Patch<String>, (): &()) -> garde::Result {
    let fits = patch.value().is_none_or(|text| text.chars().count() <= 2000);
    fits.then_some(()).ok_or_else(|| garde::Error::new("a description has at most 2000 characters"))
}

fn some_and_few(patch: &Patch<Vec<OrganizationId>>, (): &()) -> garde::Result {
    let fits = patch.value().is_none_or(|ids| (1..=50).contains(&ids.len()));
    fits.then_some(()).ok_or_else(|| garde::Error::new("name 1 to 50 organizations, or null for all"))
}
