//! Every route of this crate, one line each.

use elder_http::RouteTable;

use crate::{access_check, domain, feature, grant, member, organization, platform, role, tenant};

/// Every route of this crate.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        organization::routes => [list, create, batch, get, update, delete, relocate, subtree, ancestors],
        member::routes => [list, batch, assign, remove],
        grant::routes => [get, replace, set_global_role],
        role::routes => [list, create, batch, get, update, delete, permissions],
        access_check::routes => [check],
    );
    elder_http::routes!(table; tenant::routes => [get, update, usage]);
    elder_http::routes!(table; domain::routes => [list, create, batch, get, delete, verify, verify_by_hand]);
    elder_http::routes!(table; feature::routes => [evaluated, list, create, get, update, delete, set]);
    elder_http::routes!(table; platform::tenant::routes => [
        list, create, get, update, usage, activate, deactivate, schedule_deletion, cancel_deletion]);
    elder_http::routes!(table; platform::settings::routes => [get, update, template, replace_template]);
    elder_http::routes!(table; platform::health::routes => [get]);
}
