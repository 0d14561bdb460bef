//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{archive, checkpoint, event, global, legal_hold, proof, restored, retention};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        event::routes => [list, get],
        proof::routes => [inclusion, consistency],
        checkpoint::routes => [list, keys],
        retention::routes => [get, put, preview],
        archive::routes => [list],
        restored::routes => [list],
        legal_hold::routes => [list, create, get, release],
        global::routes => [list],
    );
}
