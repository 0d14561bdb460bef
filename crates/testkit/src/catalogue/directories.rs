//! SCIM directories, as their admins see them.

use serde_json::json;

use super::{Endpoint, batch, create, delete, get, patch, post};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/api/v2/directories"),
        create("/api/v2/directories", json!({ "name": "New" })),
        batch("/api/v2/directories/batch", &json!({ "op": "delete", "id": "$dir_id" })),
        get("/api/v2/directories/{dir_id}"),
        patch("/api/v2/directories/{dir_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/directories/{dir_id}"),
        post("/api/v2/directories/{dir_id}/pause"),
        post("/api/v2/directories/{dir_id}/resume").swaps(&[("dir_id", "paused_dir_id")]),
        get("/api/v2/directories/{dir_id}/tokens"),
        create("/api/v2/directories/{dir_id}/tokens", json!({ "name": "New" })),
        batch(
            "/api/v2/directories/{dir_id}/tokens/batch",
            &json!({ "op": "create", "data": { "name": "New" } }),
        ),
        delete("/api/v2/directories/{dir_id}/tokens/{token_id}"),
        get("/api/v2/directories/{dir_id}/test"),
        get("/api/v2/directories/{dir_id}/activity"),
        get("/api/v2/directories/{dir_id}/groups"),
        get("/api/v2/directories/{dir_id}/groups/{group_id}/members").swaps(&[("group_id", "scim_group_id")]),
        get("/api/v2/directories/{dir_id}/role-mappings"),
        create(
            "/api/v2/directories/{dir_id}/role-mappings",
            json!({ "source": "group", "value": "New", "role_id": "$mapped_role_id" }),
        ),
        batch(
            "/api/v2/directories/{dir_id}/role-mappings/batch",
            &json!({ "op": "delete", "id": "$mapping_id" }),
        ),
        delete("/api/v2/directories/{dir_id}/role-mappings/{mapping_id}"),
    ]
}
