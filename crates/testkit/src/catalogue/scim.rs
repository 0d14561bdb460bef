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
    let search = json!({ "schemas": [format!("{MESSAGE}:SearchRequest")], "count": 5 });
    let operations = json!([{ "op": "replace", "path": "displayName", "value": "New" }]);
    let mut routes = vec![
        get(&at("/ServiceProviderConfig")),
        get(&at("/ResourceTypes")),
        get(&at("/ResourceTypes/{id}")).swaps(&[("id", "resource_type")]).ids_are_public(),
        get(&at("/Schemas")),
        get(&at("/Schemas/{id}")).swaps(&[("id", "schema")]).ids_are_public(),
        post(&at("/.search")).body(search.clone()).reads(),
        post(&at("/Users/.search")).body(search).reads(),
        get(&at("/Users")),
        create(&at("/Users"), user("new@example.com")),
        get(&at("/Users/{id}")),
        put(&at("/Users/{id}"), user("renamed@example.com")),
        patch(
            &at("/Users/{id}"),
            json!({ "schemas": [format!("{MESSAGE}:PatchOp")], "Operations": operations }),
        ),
        delete(&at("/Users/{id}")),
    ];
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        routes.push(Endpoint::new(method, &at("/Me"), 501).reads());
    }
    routes
}
