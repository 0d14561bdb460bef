//! The catalogue of entitlements, who holds them, and which exclude each other.

use serde_json::json;

use super::{Endpoint, batch, create, delete, get, patch};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let new = json!({ "kind": "role", "value": "new" });
    let rule = json!({ "name": "New", "entitlement_ids": ["$entitlement_id", "$held_entitlement_id"] });
    let given = json!({ "entitlement_id": "$entitlement_id" });
    vec![
        get("/api/v2/entitlements"),
        create("/api/v2/entitlements", new.clone()),
        batch("/api/v2/entitlements/batch", &json!({ "op": "create", "data": new })),
        get("/api/v2/entitlements/{entitlement_id}"),
        patch("/api/v2/entitlements/{entitlement_id}", json!({ "display": "Renamed" })),
        delete("/api/v2/entitlements/{entitlement_id}"),
        get("/api/v2/users/{user_id}/entitlements"),
        create("/api/v2/users/{user_id}/entitlements", given.clone()),
        batch("/api/v2/users/{user_id}/entitlements/batch", &json!({ "op": "create", "data": given })),
        delete("/api/v2/users/{user_id}/entitlements/{assignment_id}"),
        get("/api/v2/entitlement-conflicts"),
        create("/api/v2/entitlement-conflicts", rule.clone()),
        batch("/api/v2/entitlement-conflicts/batch", &json!({ "op": "create", "data": rule })),
        get("/api/v2/entitlement-conflicts/{conflict_id}"),
        get("/api/v2/entitlement-conflicts/{conflict_id}/violations"),
        patch("/api/v2/entitlement-conflicts/{conflict_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/entitlement-conflicts/{conflict_id}"),
    ]
}
