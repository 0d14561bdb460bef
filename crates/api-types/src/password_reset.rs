//! Forgotten passwords.

use elder_kernel::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::email::Email;

/// Whose password is forgotten.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    /// The address.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
    /// The tenant's slug or number. Without it every account with the address gets a link.
    #[garde(skip)]
    #[schema(example = "acme")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// Another password in place of a forgotten one.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// The token of the mailed link.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub token: Secret<String>,
    /// The new password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub password: Secret<String>,
}
