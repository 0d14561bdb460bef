//! The installation as a whole.

use serde_json::json;

use super::{Endpoint, create, delete, get, patch, put};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/api/v2/global/health"),
        get("/api/v2/global/license"),
        get("/api/v2/global/usage").query("?from=2026-01-01&to=2026-01-31"),
        get("/api/v2/global/settings"),
        patch("/api/v2/global/settings", json!({ "deletion_days": 7 })),
        get("/api/v2/global/settings/tenant-template"),
        put("/api/v2/global/settings/tenant-template", json!({ "session": { "idle_seconds": 600 } })),
        get("/api/v2/global/feature-flags"),
        create("/api/v2/global/feature-flags", json!({ "name": "brand-new" })),
        get("/api/v2/global/feature-flags/{name}"),
        patch("/api/v2/global/feature-flags/{name}", json!({ "is_enabled": true })),
        delete("/api/v2/global/feature-flags/{name}"),
        put("/api/v2/global/feature-flags/{name}/tenants/{tenant}", json!({ "value": true })),
    ]
}
