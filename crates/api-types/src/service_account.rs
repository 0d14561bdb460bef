//! Service accounts: programs that act on their own behalf.

use chrono::{DateTime, Utc};
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{OrganizationId, ServiceAccountId, UserId},
    name::{Name, short},
    permission::PermissionName,
};

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// A service account to be created.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewServiceAccount {
    /// What it is called, unique in the tenant.
    #[garde(skip)]
    pub name: Name<100>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it may do: nothing that the caller may not.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Vec<PermissionName>, min_items = 1, max_items = 64)]
    pub permissions: Vec<PermissionName>,
    /// Where: in these organizations and those below them. Without it, in the whole tenant.
    #[garde(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizations: Option<Vec<OrganizationId>>,
}

/// A merge patch of a service account (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<100>>,
    /// What it is for; null for nothing.
    #[garde(custom(short))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// All that it shall be allowed.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Option<Vec<PermissionName>>, min_items = 1, max_items = 64)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<PermissionName>>,
    /// All organizations to which it shall be bound; null for the whole tenant.
    #[garde(custom(some_and_few))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Vec<OrganizationId>>, min_items = 1, max_items = 50)]
    pub organizations: Patch<Vec<OrganizationId>>,
}

fn some_and_few(patch: &Patch<Vec<OrganizationId>>, (): &()) -> garde::Result {
    let fits = patch.value().is_none_or(|ids| (1..=50).contains(&ids.len()));
    fits.then_some(()).ok_or_else(|| garde::Error::new("name 1 to 50 organizations, or null for all"))
}
