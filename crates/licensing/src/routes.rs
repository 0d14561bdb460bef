//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{state, usage};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table; state::routes => [get]);
    elder_http::routes!(table; usage::routes => [list]);
}
