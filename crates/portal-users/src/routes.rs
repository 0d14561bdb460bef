//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{
    account, device, email, global, impersonation, invitation, me, mfa, password_reset, registration,
    session, setup, sign_in, step_up,
};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        sign_in::routes => [login, refresh, logout, keys],
        sign_in::second::routes => [webauthn_options, enrol_totp, enrol_webauthn, verify],
        sign_in::passkey::routes => [options, verify],
        step_up::routes => [options, prove],
        mfa::routes => [get, reset],
        setup::routes => [set_up],
        password_reset::routes => [forget, reset],
        registration::routes => [register, accept],
        email::routes => [verify, change_own, ask_own_verification, ask_verification],
        me::routes => [get, update, set_password, list_sessions, delete_session],
        device::routes => [list, get, update, delete],
        account::routes => [list, create, batch, get, update, delete, activate, deactivate, set_password],
        invitation::routes => [list, create, batch, get, delete, resend],
        session::routes => [list, delete, revoke, revoke_all],
        impersonation::routes => [impersonate, impersonate_in],
        global::routes => [list, deactivate, revoke, revoke_all],
    );
}
