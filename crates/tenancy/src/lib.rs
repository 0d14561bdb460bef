//! Tenants, settings, domains, organizations, roles, feature flags and global administration.

use elder_http::RouteTable;

/// Every route of this crate.
pub fn routes(_table: &mut RouteTable) {}
