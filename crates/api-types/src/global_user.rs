//! Users across tenants, as operators see them.

use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::user::Account;

/// A user and the tenant that it belongs to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GlobalUser {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The tenant's slug.
    pub tenant_slug: String,
    #[expect(missing_docs, reason = "it has no name on the wire, where its fields stand among these")]
    #[serde(flatten)]
    pub user: Account,
}

/// Which users to list, beside the filter.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GlobalUserSearch {
    /// Part of the address or the name: at least three characters.
    #[garde(length(chars, min = 3, max = 100))]
    #[param(min_length = 3, max_length = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}
