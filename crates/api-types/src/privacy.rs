//! What is asked about a person: a copy of all that is known of them, or that it be erased.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{PrivacyRequestId, UserId};

words! {
    /// What is asked.
    PrivacyRequestKind {
        /// A copy of all that is known of the person (GDPR Art. 15).
        Access = "access",
        /// That the account goes, and what the audit log says of the person becomes unreadable (GDPR Art. 17).
        Erasure = "erasure",
    }
}

words! {
    /// What became of it.
    PrivacyRequestState {
        /// It waits for somebody else's approval.
        Requested = "requested",
        /// It was approved, and is being done.
        Approved = "approved",
        /// Somebody said no, or took it back.
        Rejected = "rejected",
        /// It could not be done; `error` says why.
        Refused = "refused",
        /// It is done.
        Completed = "completed",
    }
}

/// Something that is asked about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrivacyRequest {
    /// Its id.
    pub id: PrivacyRequestId,
    /// What is asked.
    pub kind: PrivacyRequestKind,
    /// About whom. They may be gone.
    pub user_id: UserId,
    /// Why, in the words of who asked; `[erased]` once the person is.
    #[schema(example = "Letter of 3 November")]
    pub reason: String,
    /// What became of it.
    pub state: PrivacyRequestState,
    /// When it was asked.
    pub created_at: DateTime<Utc>,
    /// Who asked; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it was approved or rejected.
    #[schema(required)]
    pub decided_at: Option<DateTime<Utc>>,
    /// By whom.
    #[schema(required)]
    pub decided_by: Option<UserId>,
    /// Why it was rejected.
    #[schema(required)]
    pub reject_reason: Option<String>,
    /// Why it could not be done: `legal_hold` or `last_admin`.
    #[schema(required, example = "legal_hold")]
    pub error: Option<String>,
    /// When it was done.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
    /// Until when a copy can be downloaded.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Bytes of the copy.
    #[schema(required, minimum = 0)]
    pub size: Option<i64>,
    /// The SHA-256 of the copy, in hexadecimal.
    #[schema(required)]
    pub sha256: Option<String>,
}

/// Something to be asked about a person.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrivacyRequest {
    /// What is asked.
    #[garde(skip)]
    pub kind: PrivacyRequestKind,
    /// About whom; of an erasure also somebody whose account is gone.
    #[garde(skip)]
    pub user_id: UserId,
    /// Why: who asked for it, and when.
    #[garde(length(chars, min = 1, max = 2_000))]
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
}

/// Why a request is rejected.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivacyRejection {
    /// Why.
    #[garde(length(chars, min = 1, max = 2_000))]
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
}
