//! One's own account.

pub(crate) mod routes;
mod service;

use elder_access::Role;
use elder_kernel::{Id, Organization, Patch, Secret, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::{Account, AccountChange, Locale, TimeZone};

type OrganizationId = Id<Organization>;

/// The person who asks: profile, tenant, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: Account,
    /// The tenant of the account.
    tenant: OwnTenant,
    /// The permissions over the whole tenant; those in single organizations are with these.
    #[schema(example = json!(["users:read"]))]
    permissions: Vec<&'static str>,
    /// The organizations in which the person has a role.
    organizations: Vec<Membership>,
}

/// The tenant of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnTenant {
    id: TenantId,
    slug: String,
    name: String,
}

/// A role in one organization and those below it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Membership {
    /// The organization.
    id: OrganizationId,
    /// Its name.
    name: String,
    /// The built-in role; null if it is a custom one.
    role: Option<Role>,
    /// The name of the custom role.
    custom_role: Option<String>,
}

/// A merge patch (RFC 7396) of one's own profile.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MePatch {
    /// Another name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    full_name: Option<String>,
    /// Another language tag; null clears it.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<Locale>)]
    locale: Patch<Locale>,
    /// Another time zone; null clears it.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<TimeZone>)]
    time_zone: Patch<TimeZone>,
}

impl From<MePatch> for AccountChange {
    fn from(patch: MePatch) -> Self {
        Self {
            full_name: patch.full_name,
            locale: patch.locale,
            time_zone: patch.time_zone,
            ..Self::default()
        }
    }
}

/// Another password for oneself.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPassword {
    /// The present password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    current_password: Secret<String>,
    /// The new password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    password: Secret<String>,
}
