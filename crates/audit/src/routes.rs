//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{checkpoint, event, export, global, proof, stream, tail};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        tail::routes => [stream],
        event::routes => [list, get],
        proof::routes => [inclusion, consistency],
        checkpoint::routes => [list, keys],
        export::routes => [list, create, get, content, delete],
        stream::routes => [list, create, get, update, delete, test],
        global::routes => [list],
    );
}
