//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::account;

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        account::routes => [list, create, get, update, delete, activate, deactivate, set_password],
    );
}
