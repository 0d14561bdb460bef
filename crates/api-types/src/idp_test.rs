//! How an identity provider stands a test of all that a sign-in needs of it, but for the person.

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

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdpTestStep {
    /// Which.
    #[schema(example = "discovery")]
    pub name: String,
    /// How it went.
    pub outcome: IdpTestOutcome,
    /// What was seen, in words.
    pub detail: String,
}

/// How a step of a test went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdpTestOutcome {
    /// Well.
    Passed,
    /// A sign-in works, but something should be looked at.
    Warning,
    /// No sign-in works like this.
    Failed,
}
