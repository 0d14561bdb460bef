//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{assignment, conflict, entitlement};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        entitlement::routes => [list, create, batch, get, update, delete],
        assignment::routes => [list, create, batch, delete],
        conflict::routes => [list, create, batch, get, update, delete, violations],
    );
}
