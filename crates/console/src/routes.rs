//! Every page, one line a folder.

use elder_http::RouteTable;

use crate::{
    account, asset, authorize, devices, invitation, linking, register, reset, security, setup, sign_in,
    sign_out, verify,
};

/// Every page.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        asset::routes => [show],
        sign_in::routes => [show, submit, submit_passkey, submit_factor],
        sign_in::provider => [authorize, callback, login, test],
        sign_in::saml => [show_metadata, take_answer, arrive, slo_by_redirect, slo_by_form],
        sign_out::routes => [submit],
        authorize::routes => [show],
        account::routes => [show, set_profile, change_email, verify_email],
        security::routes => [show, set_password, rename_factor, remove_factor, make_backup_codes],
        security::factor => [begin_authenticator, confirm_authenticator, show_passkey, add_passkey],
        linking::routes => [show, submit],
        devices::routes => [show, withdraw, end_session],
        reset::routes => [show, send_link, submit],
        verify::routes => [show, submit, show_change, submit_change],
        invitation::routes => [show, submit],
        register::routes => [show, submit],
        setup::routes => [show, submit],
    );
}
