//! Every route of this crate, one line each.

use elder_http::RouteTable;

use crate::{access_check, grant, member, organization, role};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        organization::routes => [list, create, get, update, delete, relocate, subtree, ancestors],
        member::routes => [list, assign, remove],
        grant::routes => [get, replace, set_global_role],
        role::routes => [list, create, get, update, delete, permissions],
        access_check::routes => [check],
    );
}
