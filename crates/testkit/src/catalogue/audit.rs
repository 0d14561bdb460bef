//! The audit log, its proofs and its checkpoints.

use super::{Endpoint, get};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/api/v2/audit/events"),
        get("/api/v2/audit/events/{event_id}"),
        get("/api/v2/audit/events/{event_id}/proof"),
        get("/api/v2/audit/checkpoints"),
        get("/api/v2/audit/checkpoints/consistency").query("?from=1&to=1"),
        get("/api/v2/audit/keys"),
        get("/api/v2/global/audit/events"),
    ]
}
