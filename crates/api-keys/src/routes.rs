//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{api_key, service_account};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        service_account::routes => [list, create, batch, get, update, delete, activate, deactivate],
        api_key::routes => [
            list, batch, get, rotate, delete, list_of_account, create_for_account, batch_of_account],
        api_key::own::routes => [list, create, get, rotate, delete],
    );
}
