//! Tenants, settings, domains, organizations, roles, feature flags and global administration.

pub mod domain;
pub mod settings;

use elder_http::RouteTable;

/// Every route of this crate.
pub fn routes(_table: &mut RouteTable) {}
