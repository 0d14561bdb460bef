//! Users across tenants, for operators.

pub(crate) mod routes;
mod service;

use elder_access::{GlobalRole, Role};
use elder_kernel::{
    Directory, Id, TenantId, User,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::account::Account;

/// A user and the tenant that it belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GlobalUser {
    /// The tenant.
    pub(crate) tenant_id: TenantId,
    /// The tenant's slug.
    pub(crate) tenant_slug: String,
    #[serde(flatten)]
    pub(crate) user: Account,
}

/// The users of all tenants, as they are listed.
#[derive(Debug)]
pub(crate) enum GlobalUsers {}

impl Collection for GlobalUsers {
    const NAME: &'static str = "global_users";
    const FIELDS: &'static [Field] = &[
        Field::integer("tenant_id").sortable(),
        Field::text("tenant_slug"),
        Field::id::<User>("id"),
        Field::folded("email"),
        Field::folded("full_name"),
        Field::word("global_role", GlobalRole::NAMES),
        Field::word("tenant_role", Role::NAMES),
        Field::bool("is_active"),
        Field::bool("email_verified"),
        Field::bool("has_password"),
        Field::time("last_login_at"),
        Field::text("locale"),
        Field::text("time_zone"),
        Field::text("external_id"),
        Field::id::<Directory>("managed_by"),
        Field::integer("version").unfiltered(),
        Field::time("created_at"),
        Field::time("updated_at"),
    ];
    const DEFAULT_SORT: &'static str = "tenant_id";
}

/// Which users to list, beside the filter.
#[derive(Debug, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GlobalUserSearch {
    /// Part of the address or the name: at least three characters.
    #[garde(length(chars, min = 3, max = 100))]
    #[param(min_length = 3, max_length = 100)]
    pub(crate) search: Option<String>,
}

/// A user of a tenant, as a path names both.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UserOfTenant {
    /// The slug or the number.
    pub(crate) tenant: String,
    pub(crate) user_id: Id<User>,
}
