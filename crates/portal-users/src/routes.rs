//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{account, device, global, impersonation, me, session, setup, sign_in};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        sign_in::routes => [login, refresh, logout, keys],
        setup::routes => [set_up],
        setup::page::routes => [show, submit],
        me::routes => [get, update, set_password, list_sessions, delete_session],
        device::routes => [list, get, update, delete],
        account::routes => [list, create, batch, get, update, delete, activate, deactivate, set_password],
        session::routes => [list, delete, revoke, revoke_all],
        impersonation::routes => [impersonate, impersonate_in],
        global::routes => [list, deactivate, revoke, revoke_all],
    );
}
