//! Service accounts: programs that act on their own behalf.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_access::{PermissionSet, Tier};
use elder_kernel::{
    ServiceAccount as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    ServiceAccountId,
    service_account::{NewServiceAccount, ServiceAccount, ServiceAccountPatch},
};

use crate::scope::Scope;

/// What a service account can be given.
const TIERS: &[Tier] = &[Tier::Tenant, Tier::Organization];

/// How far an account goes.
pub(crate) fn scope(account: &ServiceAccount) -> Scope {
    let permissions = PermissionSet::named(account.permissions.iter().map(String::as_str), TIERS);
    Scope { permissions, organizations: account.organizations.clone() }
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
