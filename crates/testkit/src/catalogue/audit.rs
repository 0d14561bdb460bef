//! The audit log, its proofs and its checkpoints.

use serde_json::json;

use super::{Endpoint, create, delete, get, patch, post, put};

/// A hold of which somebody asks that it be released.
const ASKED: &[(&str, &str)] = &[("hold_id", "asked_hold_id")];

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/api/v2/audit/events"),
        get("/api/v2/audit/events/stream").own_test("it does not end by itself: audit/tests/it/tail.rs"),
        get("/api/v2/audit/events/{event_id}"),
        get("/api/v2/audit/events/{event_id}/proof"),
        get("/api/v2/audit/events/{event_id}/body").discloses(),
        get("/api/v2/audit/checkpoints"),
        get("/api/v2/audit/checkpoints/consistency").query("?from=1&to=1"),
        get("/api/v2/audit/keys"),
        get("/api/v2/audit/streams"),
        create("/api/v2/audit/streams", json!({ "name": "New", "target": { "kind": "file" } })),
        get("/api/v2/audit/streams/{stream_id}"),
        patch("/api/v2/audit/streams/{stream_id}", json!({ "name": "Renamed" })),
        post("/api/v2/audit/streams/{stream_id}/test"),
        delete("/api/v2/audit/streams/{stream_id}"),
        get("/api/v2/audit/searches"),
        create("/api/v2/audit/searches", json!({ "name": "New", "filter": "action pr", "is_shared": true })),
        get("/api/v2/audit/searches/{search_id}"),
        get("/api/v2/audit/searches/{search_id}/events"),
        patch("/api/v2/audit/searches/{search_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/audit/searches/{search_id}"),
        get("/api/v2/audit/alerts"),
        create(
            "/api/v2/audit/alerts",
            json!({ "name": "New", "filter": "action pr", "threshold": 1000, "window_minutes": 1,
                "channel": { "kind": "mail", "to": ["soc@example.com"] } }),
        ),
        get("/api/v2/audit/alerts/{alert_id}"),
        get("/api/v2/audit/alerts/{alert_id}/firings"),
        patch("/api/v2/audit/alerts/{alert_id}", json!({ "name": "Renamed" })),
        post("/api/v2/audit/alerts/{alert_id}/test"),
        delete("/api/v2/audit/alerts/{alert_id}"),
        get("/api/v2/audit/exports"),
        create("/api/v2/audit/exports", json!({ "format": "csv" })),
        get("/api/v2/audit/exports/{export_id}"),
        get("/api/v2/audit/exports/{export_id}/content").discloses(),
        delete("/api/v2/audit/exports/{export_id}"),
        get("/api/v2/audit/retention"),
        put("/api/v2/audit/retention", json!({ "days": 400, "categories": { "authentication": 90 } })),
        post("/api/v2/audit/retention/approve"),
        post("/api/v2/audit/retention/reject"),
        get("/api/v2/audit/retention/preview").query("?days=30&authentication=60"),
        get("/api/v2/audit/archives"),
        get("/api/v2/audit/restored-events"),
        get("/api/v2/audit/legal-holds"),
        create("/api/v2/audit/legal-holds", json!({ "user_id": "$held_user_id", "reason": "Case 1" })),
        get("/api/v2/audit/legal-holds/{hold_id}"),
        post("/api/v2/audit/legal-holds/{hold_id}/release").body(json!({ "reason": "The case is closed" })),
        post("/api/v2/audit/legal-holds/{hold_id}/release/approve").swaps(ASKED),
        post("/api/v2/audit/legal-holds/{hold_id}/release/reject").swaps(ASKED),
        get("/api/v2/global/audit/events"),
        get("/api/v2/privacy/requests"),
        create(
            "/api/v2/privacy/requests",
            json!({ "kind": "erasure", "user_id": "$inactive_user_id", "reason": "A letter" }),
        ),
        get("/api/v2/privacy/requests/{request_id}"),
        post("/api/v2/privacy/requests/{request_id}/approve"),
        post("/api/v2/privacy/requests/{request_id}/reject")
            .body(json!({ "reason": "It was somebody else" })),
        get("/api/v2/privacy/requests/{request_id}/certificate")
            .swaps(&[("request_id", "erased_request_id")]),
        get("/api/v2/privacy/requests/{request_id}/content")
            .swaps(&[("request_id", "copied_request_id")])
            .discloses(),
    ]
}

/// Reports for auditors, what they are made by, and controls.
pub(super) fn compliance() -> Vec<Endpoint> {
    let report = json!({ "kind": "data_access", "format": "csv" });
    let template = json!({ "name": "New", "kind": "user_access", "period": "last_month", "format": "pdf" });
    let schedule = json!({ "name": "New", "template_id": "$template_id", "frequency": "daily", "hour": 6,
        "time_zone": "Europe/Vienna", "delivery": { "kind": "mail", "recipients": ["$user_id"] } });
    vec![
        get("/api/v2/compliance/frameworks"),
        get("/api/v2/compliance/frameworks/{framework}").ids_are_public(),
        get("/api/v2/compliance/reports"),
        create("/api/v2/compliance/reports", report),
        get("/api/v2/compliance/reports/{report_id}"),
        get("/api/v2/compliance/reports/{report_id}/content").discloses(),
        delete("/api/v2/compliance/reports/{report_id}"),
        get("/api/v2/compliance/templates"),
        create("/api/v2/compliance/templates", template),
        get("/api/v2/compliance/templates/{template_id}"),
        patch("/api/v2/compliance/templates/{template_id}", json!({ "name": "Renamed" })),
        Endpoint { status: 201, ..post("/api/v2/compliance/templates/{template_id}/reports") },
        delete("/api/v2/compliance/templates/{template_id}").swaps(&[("template_id", "unused_template_id")]),
        get("/api/v2/compliance/schedules"),
        create("/api/v2/compliance/schedules", schedule),
        get("/api/v2/compliance/schedules/{schedule_id}"),
        patch("/api/v2/compliance/schedules/{schedule_id}", json!({ "name": "Renamed" })),
        delete("/api/v2/compliance/schedules/{schedule_id}"),
    ]
}
