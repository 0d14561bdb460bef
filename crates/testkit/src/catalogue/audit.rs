//! The audit log, its proofs and its checkpoints.

use serde_json::json;

use super::{Endpoint, create, get, post, put};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/api/v2/audit/events"),
        get("/api/v2/audit/events/{event_id}"),
        get("/api/v2/audit/events/{event_id}/proof"),
        get("/api/v2/audit/checkpoints"),
        get("/api/v2/audit/checkpoints/consistency").query("?from=1&to=1"),
        get("/api/v2/audit/keys"),
        get("/api/v2/audit/retention"),
        put("/api/v2/audit/retention", json!({ "days": 400, "categories": { "authentication": 90 } })),
        get("/api/v2/audit/retention/preview").query("?days=30&authentication=60"),
        get("/api/v2/audit/archives"),
        get("/api/v2/audit/restored-events"),
        get("/api/v2/audit/legal-holds"),
        create("/api/v2/audit/legal-holds", json!({ "user_id": "$held_user_id", "reason": "Case 1" })),
        get("/api/v2/audit/legal-holds/{hold_id}"),
        post("/api/v2/audit/legal-holds/{hold_id}/release").body(json!({ "reason": "The case is closed" })),
        get("/api/v2/global/audit/events"),
    ]
}
