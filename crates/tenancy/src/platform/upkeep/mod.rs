//! What the worker does by itself: removing tenants, keeping partitions ahead, folding usage.

mod service;

use chrono::NaiveDate;
use elder_kernel::TenantId;

pub use service::{ensure_partitions, fold_usage, remove_due_tenants};

/// What a tenant used since usage was folded last: tenant, day in UTC, metric, how much.
pub type UsageDelta = (TenantId, NaiveDate, &'static str, i64);

/// A tenant whose time has come.
struct Due {
    id: TenantId,
    slug: String,
    name: String,
}
