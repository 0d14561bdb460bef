//! What the operator is licensed for.

use serde::Deserialize;

use crate::setting::section;

/// What a licence covers, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Free of charge.
    Community,
    /// For one company.
    Professional,
    /// Everything.
    Enterprise,
}

section! {
    /// What the operator is licensed for.
    License = "license" {
        /// The tier that the operator declares, until licences are signed:
        /// "community", "professional" or "enterprise".
        tier: Tier = "enterprise";
    }
}
