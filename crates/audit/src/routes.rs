//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{checkpoint, event, global, proof};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        event::routes => [list, get],
        proof::routes => [inclusion, consistency],
        checkpoint::routes => [list, keys],
        global::routes => [list],
    );
}
