//! The routes of this crate: one line a route.

use elder_http::RouteTable;
use utoipa::{
    PartialSchema as _,
    openapi::{
        Required,
        path::{ParameterBuilder, ParameterIn},
    },
};

use crate::{
    activity, bulk, catalogue,
    directory::{self, DirectoryId},
    directory_group, discovery, group, mapping, search, token, user,
    wire::ROOT,
};

/// Every route of this crate. What lies under `/scim/v2` lies under `/scim/v2/{dir_id}` too, for providers that
/// want the directory in the URL; the token names it either way.
pub fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        directory::routes => [list, create, batch, get, test, update, delete, pause, resume],
        directory_group::routes => [list, members],
        token::routes => [list, create, batch, delete],
        activity::routes => [list],
        mapping::routes => [list, create, batch, delete],
        discovery::routes => [service_provider_config, resource_types, resource_type, schemas, schema, me],
        catalogue::routes => [roles, role, entitlements, entitlement],
        search::routes => [search],
        bulk::routes => [bulk],
        user::routes => [list, create, search, get, replace, patch, delete],
        group::routes => [list, create, search, get, replace, patch, delete],
    );
    let directory = ParameterBuilder::new()
        .name("dir_id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The directory whose token is sent."))
        .schema(Some(DirectoryId::schema()))
        .build();
    table.mirror(&format!("{ROOT}/"), &format!("{ROOT}/{{dir_id}}/"), &directory);
}
