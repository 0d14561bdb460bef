//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{global, mail, template};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        mail::routes => [list, get, retry],
        template::routes => [list, get, set, delete, preview],
        global::routes => [list],
    );
}
