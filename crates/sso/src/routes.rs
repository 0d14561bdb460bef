//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{discovery, idp, session};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        idp::routes => [list, create, batch, get, update, delete, preview, test, test_sign_in],
        discovery::routes => [discover],
        session::routes => [logout, userinfo, refresh, backchannel_logout],
    );
}
