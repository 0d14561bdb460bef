//! One's own account.

use elder_kernel::{Patch, Secret, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::OrganizationId,
    regional::{Locale, TimeZone},
    role::Role,
    user::Account,
};

/// The person who asks: profile, tenant, and what they may do.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    #[expect(missing_docs, reason = "it has no name on the wire, where its fields stand among these")]
    #[serde(flatten)]
    pub user: Account,
    /// The tenant of the account.
    pub tenant: OwnTenant,
    /// The permissions over the whole tenant; those in single organizations are with these.
    #[schema(example = json!(["users:read"]))]
    pub permissions: Vec<String>,
    /// The organizations in which the person has a role.
    pub organizations: Vec<Membership>,
}

/// The tenant of an account.
#[expect(missing_docs, reason = "the names say it all")]
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnTenant {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
}

/// A role in one organization and those below it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// The organization.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// The built-in role; null if it is a custom one.
    pub role: Option<Role>,
    /// The name of the custom role.
    pub custom_role: Option<String>,
}

/// A merge patch (RFC 7396) of one's own profile.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatch {
    /// Another name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Another language tag; null clears it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(skip)]
    #[schema(value_type = Option<Locale>)]
    pub locale: Patch<Locale>,
    /// Another time zone; null clears it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(skip)]
    #[schema(value_type = Option<TimeZone>)]
    pub time_zone: Patch<TimeZone>,
}

/// Another password for oneself.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPassword {
    /// The present password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub current_password: Secret<String>,
    /// The new password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub password: Secret<String>,
}
