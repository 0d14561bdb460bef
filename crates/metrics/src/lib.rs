//! Prometheus metrics and health.

use elder_http::RouteTable;

/// Every route of this crate.
pub fn routes(_table: &mut RouteTable) {}
