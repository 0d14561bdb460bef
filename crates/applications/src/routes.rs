//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{application, code};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        application::routes => [list, create, batch, get, update, delete],
        code::routes => [exchange],
    );
}
