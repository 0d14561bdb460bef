//! Signing in with a password, and staying signed in.

use chrono::{DateTime, Utc};
use elder_kernel::{Secret, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::SessionId, settings::SecondFactor, user::Account};

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
    #[schema(format = "password")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// After how many seconds the access token ends.
    #[schema(example = 600)]
    pub expires_in: u64,
    /// Gives the next tokens, once.
    #[schema(format = "password")]
    pub refresh_token: String,
    /// The session.
    pub session_id: SessionId,
}

/// Where a sign-in stands: at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignedInStatus {
    /// The session has started.
    SignedIn,
}

/// What a sign-in gives.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Always `signed_in`.
    pub status: SignedInStatus,
    #[expect(missing_docs, reason = "it has no name on the wire, where its fields stand among these")]
    #[serde(flatten)]
    pub tokens: Tokens,
    /// Given once a device, to be sent as `device_token` with its next sign-ins: it shows that the person was here before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "password")]
    pub device_token: Option<String>,
    /// Who signed in.
    pub user: Account,
    /// By when the person must have set up a second factor, if the tenant demands one of them; then no sign-in goes on
    /// without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_due_at: Option<DateTime<Utc>>,
}

/// Where a sign-in stands: before another step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeStatus {
    /// Before the second factor: send one of `factors` to `/api/v2/auth/mfa/verify`.
    MfaRequired,
    /// Before the set-up of a second factor: begin one of `factors` at `/api/v2/auth/mfa/enrol/…`, and send its first
    /// proof to `/api/v2/auth/mfa/verify`.
    MfaEnrolmentRequired,
}

/// A sign-in that waits for another step.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Challenge {
    /// For which.
    pub status: ChallengeStatus,
    /// Names the sign-in in its next steps. A credential: good for 5 minutes, 5 tries and one session.
    pub flow: String,
    /// After how many seconds it ends.
    #[schema(example = 300)]
    pub expires_in: u64,
    /// With what it can go on.
    pub factors: Vec<SecondFactor>,
}

/// What a step of a sign-in leads to: `status` says what.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SignInAnswer {
    /// To a session.
    SignedIn(Box<SignedIn>),
    /// To another step.
    Challenge(Challenge),
}
