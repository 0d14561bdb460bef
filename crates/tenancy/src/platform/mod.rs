//! What operators do: tenants, the platform's settings and health, and what the worker does for them.

pub mod health;
pub mod settings;
pub mod tenant;
mod upkeep;

pub use upkeep::{UsageDelta, ensure_partitions, fold_usage, remove_due_tenants};
