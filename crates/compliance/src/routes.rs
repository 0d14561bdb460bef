//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{framework, report, schedule, template};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        framework::routes => [list, get],
        report::routes => [list, create, get, content, delete],
        template::routes => [list, create, get, update, delete, report],
        schedule::routes => [list, create, get, update, delete],
    );
}
