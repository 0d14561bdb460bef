//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{account, global, me, mfa, session, setup, sign_in, step_up};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        sign_in::routes => [login, refresh, logout, keys],
        sign_in::second::routes => [webauthn_options, enrol_totp, enrol_webauthn, verify],
        sign_in::passkey::routes => [options, verify],
        step_up::routes => [options, prove],
        mfa::routes => [get, reset],
        setup::routes => [set_up],
        setup::page::routes => [show, submit],
        me::routes => [get, update, set_password, list_sessions, delete_session],
        account::routes => [list, create, batch, get, update, delete, activate, deactivate, set_password],
        session::routes => [list, delete, revoke, revoke_all],
        global::routes => [list, deactivate, revoke],
    );
}
