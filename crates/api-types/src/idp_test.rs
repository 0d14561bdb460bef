//! How an identity provider stands a test of all that a sign-in needs of it, but for the person.

use chrono::{DateTime, Utc};
use elder_kernel::FindingOutcome;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a provider stands the test of all that a sign-in needs of it, but for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdpTest {
    /// Whether no step has failed.
    pub is_good: bool,
    /// The steps, in their order.
    pub steps: Vec<IdpTestStep>,
}

/// A sign-in that signs nobody in and changes nothing: it shows what the provider says, and what would follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdpTrial {
    /// Where a browser begins it, once.
    #[schema(format = "password", example = "https://id.example.com/sso/test?token=elder_sso_2_…")]
    pub url: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdpTestStep {
    /// Which.
    #[schema(example = "discovery")]
    pub name: String,
    /// How it went.
    pub outcome: FindingOutcome,
    /// What was seen, in words.
    pub detail: String,
}
