//! Acting in another's name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::SessionId, name::Name, user::Account};

/// Why and for how long somebody wants to act in a user's name.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImpersonation {
    /// What for. The audit log has it, and the user is told.
    #[garde(skip)]
    #[schema(example = "A report shows nothing")]
    pub reason: Name<200>,
    /// Where that is written down.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Name<100>>,
    /// For how many minutes. Default: 30.
    #[garde(range(min = 1, max = 60))]
    #[schema(minimum = 1, maximum = 60)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// The token with which somebody acts in a user's name: a credential, shown here and nowhere else.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Impersonation {
    /// To be sent as `Authorization: Bearer …`: a JWT (RFC 9068) with `act` (RFC 8693).
    #[schema(format = "password")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// After how many seconds it ends. Nothing renews it.
    #[schema(example = 1800)]
    pub expires_in: u64,
    /// The session.
    pub session_id: SessionId,
    /// In whose name.
    pub user: Account,
}
