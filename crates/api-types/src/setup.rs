//! The first start: who shall own the platform.

use elder_kernel::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::email::Email;

/// The first person.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The token of the setup link.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub token: Secret<String>,
    /// The address.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub password: Secret<String>,
    /// The person's name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub full_name: String,
}
