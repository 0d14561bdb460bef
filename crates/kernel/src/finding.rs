//! What a look at something that was set up has shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How what was looked at stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FindingOutcome {
    /// Good.
    Passed,
    /// It works, but somebody should see to it.
    Warning,
    /// It does not work like this.
    Failed,
}

/// What one look has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding<T> {
    /// What was looked at.
    pub topic: T,
    /// How it stands.
    pub outcome: FindingOutcome,
    /// What there is to say, in a sentence.
    pub words: String,
}
