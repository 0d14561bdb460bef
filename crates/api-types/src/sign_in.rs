//! Signing in with a password, and staying signed in.

use elder_kernel::{Secret, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::SessionId, user::Account};

/// Who wants in.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The address.
    #[garde(skip)]
    #[schema(format = "email", example = "ana@example.com")]
    pub email: String,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub password: Secret<String>,
    /// Another password, to be set before the session starts: for one that has expired.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub new_password: Option<Secret<String>>,
    /// What an earlier sign-in with this device gave. It is no credential; with it, failures of strangers keep nobody out.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub device_token: Option<Secret<String>>,
    /// The tenant's slug or number. Without it the account is looked for in all tenants.
    #[garde(skip)]
    #[schema(example = "acme")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// A refresh token to be exchanged.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub refresh_token: Secret<String>,
}

/// A tenant that knows the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantChoice {
    /// Its number.
    pub id: TenantId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The tokens of a session (RFC 6749 §5.1). Both are credentials: shown here and nowhere else.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// To be sent as `Authorization: Bearer …`: a JWT (RFC 9068).
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// After how many seconds the access token ends.
    #[schema(example = 600)]
    pub expires_in: u64,
    /// Gives the next tokens, once.
    pub refresh_token: String,
    /// The session.
    pub session_id: SessionId,
}

/// What a sign-in gives.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    #[expect(missing_docs, reason = "it has no name on the wire, where its fields stand among these")]
    #[serde(flatten)]
    pub tokens: Tokens,
    /// Given once a device, to be sent as `device_token` with its next sign-ins: it shows that the person was here before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
    /// Who signed in.
    pub user: Account,
}
