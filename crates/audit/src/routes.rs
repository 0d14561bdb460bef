//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{
    alert, archive, body, checkpoint, event, export, global, legal_hold, proof, restored, retention, search,
    stream, tail,
};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        tail::routes => [stream],
        event::routes => [list, get],
        body::routes => [get],
        proof::routes => [inclusion, consistency],
        checkpoint::routes => [list, keys],
        export::routes => [list, create, get, content, delete],
        stream::routes => [list, create, get, update, delete, test],
        search::routes => [list, create, get, events, update, delete],
        alert::routes => [list, create, get, firings, update, delete, test],
        retention::routes => [get, put, approve, reject, preview],
        archive::routes => [list],
        restored::routes => [list],
        legal_hold::routes => [list, create, get, release, approve, reject],
        global::routes => [list],
    );
}
