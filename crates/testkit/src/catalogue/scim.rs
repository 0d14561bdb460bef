//! How to call the SCIM routes.

use serde_json::json;

use super::{Endpoint, create, delete, get, patch, post, put};

/// The SCIM routes, which are there twice: the token names the directory, the path may do so too.
pub(super) fn scim(root: &str) -> Vec<Endpoint> {
    const MESSAGE: &str = "urn:ietf:params:scim:api:messages:2.0";
    let at = |path: &str| format!("{root}{path}");
    let user = |name: &str| {
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "displayName": "New",
            "emails": [{ "value": name, "primary": true }] })
    };
    let group = |name: &str| json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name });
    let search = json!({ "schemas": [format!("{MESSAGE}:SearchRequest")], "count": 5 });
    let operations = json!([{ "op": "replace", "path": "displayName", "value": "New" }]);
    let change = json!({ "schemas": [format!("{MESSAGE}:PatchOp")], "Operations": operations });
    let operations =
        json!([{ "method": "POST", "path": "/Users", "bulkId": "new", "data": user("new@example.com") }]);
    let bulk = json!({ "schemas": [format!("{MESSAGE}:BulkRequest")], "Operations": operations });
    let group_id = &[("id", "scim_group_id")];
    let mut routes = vec![
        get(&at("/ServiceProviderConfig")),
        get(&at("/ResourceTypes")),
        get(&at("/ResourceTypes/{id}")).swaps(&[("id", "resource_type")]).ids_are_public(),
        get(&at("/Schemas")),
        get(&at("/Schemas/{id}")).swaps(&[("id", "schema")]).ids_are_public(),
        post(&at("/.search")).body(search.clone()).reads(),
        post(&at("/Users/.search")).body(search.clone()).reads(),
        post(&at("/Groups/.search")).body(search).reads(),
        post(&at("/Bulk")).body(bulk),
        get(&at("/Users")),
        create(&at("/Users"), user("new@example.com")),
        get(&at("/Users/{id}")),
        put(&at("/Users/{id}"), user("renamed@example.com")),
        patch(&at("/Users/{id}"), change.clone()),
        delete(&at("/Users/{id}")),
        get(&at("/Groups")),
        create(&at("/Groups"), group("New")),
        get(&at("/Groups/{id}")).swaps(group_id),
        put(&at("/Groups/{id}"), group("Renamed")).swaps(group_id),
        patch(&at("/Groups/{id}"), change).swaps(group_id),
        delete(&at("/Groups/{id}")).swaps(group_id),
        get(&at("/Roles")),
        get(&at("/Roles/{id}")).swaps(&[("id", "role_value")]),
        get(&at("/Entitlements")),
        get(&at("/Entitlements/{id}")).swaps(&[("id", "entitlement_value")]),
    ];
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        routes.push(Endpoint::new(method, &at("/Me"), 501).reads());
    }
    routes
}
