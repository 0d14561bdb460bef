//! SCIM 2.0: directories, tokens and provisioned users.

use elder_http::RouteTable;

/// Every route of this crate.
pub fn routes(_table: &mut RouteTable) {}
