//! Metrics.

use std::num::NonZeroUsize;

use crate::setting::section;

section! {
    /// Metrics.
    Metrics = "metrics" {
        /// Tenants that have series of their own; the smaller ones beyond fall together as "other".
        max_tenants: NonZeroUsize = 1000;
    }
}
