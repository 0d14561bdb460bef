//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::request;

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        request::routes => [list, create, get, approve, reject, certificate, content],
    );
}
