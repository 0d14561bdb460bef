//! How people get accounts without an admin who makes them.

use elder_kernel::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::email::Email;

/// Who asks for an account.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRegistration {
    /// The address.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
    /// The person's name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub full_name: String,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub password: Secret<String>,
    /// The tenant's slug or number. Without it the tenant that has proven the address's domain.
    #[garde(skip)]
    #[schema(example = "acme")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// Who accepts an invitation.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The token of the mailed link.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub token: Secret<String>,
    /// The person's name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub full_name: String,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub password: Secret<String>,
}
