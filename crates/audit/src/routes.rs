//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{checkpoint, event, global, legal_hold, proof, retention};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        event::routes => [list, get],
        proof::routes => [inclusion, consistency],
        checkpoint::routes => [list, keys],
        retention::routes => [get, put, preview],
        legal_hold::routes => [list, create, get, release],
        global::routes => [list],
    );
}
