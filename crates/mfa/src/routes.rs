//! Every route of this crate, one line a resource.

use elder_http::RouteTable;

use crate::{backup_code, factor, totp, webauthn};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        factor::routes => [get, update, delete],
        totp::routes => [begin, confirm],
        webauthn::routes => [options, register],
        backup_code::routes => [make],
    );
}
