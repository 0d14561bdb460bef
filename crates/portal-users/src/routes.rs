//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{account, global, me, session, setup, sign_in};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        sign_in::routes => [login, refresh, logout, keys],
        setup::routes => [set_up],
        me::routes => [get, update, set_password, list_sessions, delete_session],
        account::routes => [list, create, batch, get, update, delete, activate, deactivate, set_password],
        session::routes => [list, delete, revoke, revoke_all],
        global::routes => [list, deactivate, revoke],
    );
}
