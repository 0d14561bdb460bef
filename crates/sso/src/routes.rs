//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{discovery, global, group, identity, idp, session, sign_in};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        idp::routes => [list, create, batch, get, update, delete, preview, test, renew_key, jwks],
        identity::routes => [list, known, create, delete],
        group::routes => [list],
        global::routes => [list, create, get, update, delete],
        sign_in::routes => [test_sign_in],
        discovery::routes => [discover],
        session::routes => [logout, userinfo, refresh, backchannel_logout],
    );
}
