//! Users across tenants, for operators.

pub(crate) mod routes;
mod service;

use elder_kernel::{Id, Limit, TenantId, User};
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

/// Which users to list.
#[derive(Debug, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GlobalUserQuery {
    /// Exactly this address.
    #[garde(skip)]
    pub(crate) email: Option<String>,
    /// Part of the address or the name: at least three characters.
    #[garde(length(chars, min = 3, max = 100))]
    pub(crate) search: Option<String>,
    /// Those of this tenant: its slug or number.
    #[garde(skip)]
    pub(crate) tenant: Option<String>,
    /// How many at most.
    #[garde(skip)]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
    /// Where the page begins: `next_cursor` of the one before.
    #[garde(skip)]
    pub(crate) cursor: Option<String>,
}

/// Where a page begins.
pub(crate) type Place = (TenantId, Id<User>);

/// A user of a tenant, as a path names both.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UserOfTenant {
    /// The slug or the number.
    pub(crate) tenant: String,
    pub(crate) user_id: Id<User>,
}
