//! What goes over the wire, as a caller writes and reads it.

use elder_api_types::{
    ErrorCode, OrganizationId, Patch, ProblemDocument, TenantId,
    batch::{BatchOperation, BatchRequest},
    organization::{Move, NewOrganization, OrganizationPatch},
    permission::PermissionName,
    platform::{Maintenance, PlatformSettings},
    settings::TenantSettings,
    tenant::Tenant,
    user::UserPatch,
};
use serde_json::{Value, json};

/// What a server of tomorrow answers.
fn tenant_of_tomorrow() -> Value {
    json!({
        "id": 2, "name": "Acme", "slug": "acme", "subscription_tier": "enterprise", "colour": "red",
        "data_retention_days": null, "storage_quota_gb": null,
        "settings": { "session": { "idle_seconds": 600, "of_tomorrow": 1 }, "novelty": {} },
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    })
}

#[test]
fn answers_may_have_fields_that_are_not_known_and_requests_may_not() {
    let tenant: Tenant = serde_json::from_value(tenant_of_tomorrow()).unwrap();
    assert_eq!((tenant.id, tenant.settings.session.idle_seconds), (TenantId(2), 600));
    let refused = serde_json::from_value::<TenantSettings>(tenant_of_tomorrow()["settings"].clone());
    assert!(refused.unwrap_err().to_string().starts_with("unknown field"));
    assert!(serde_json::from_value::<UserPatch>(json!({ "is_active": true })).is_err());
}

#[test]
fn maintenance_is_read_from_a_newer_answer() {
    let maintenance = json!({ "message": "Back at noon.", "retry_after_seconds": 600, "since": 1 });
    assert!(serde_json::from_value::<Maintenance>(maintenance.clone()).is_err(), "it is strict as a request");
    let mut settings =
        json!({ "name": "Elder", "registration": "off", "deletion_days": 30, "maintenance": null });
    let read =
        |settings: &Value| serde_json::from_value::<PlatformSettings>(settings.clone()).unwrap().maintenance;
    assert_eq!(read(&settings), None);
    settings["maintenance"] = maintenance;
    assert_eq!(read(&settings).unwrap().retry_after_seconds, 600);
}

#[test]
fn a_patch_names_what_it_changes_and_nothing_else() {
    let patch = UserPatch { full_name: Some("Ana".to_owned()), locale: Patch::Clear, ..UserPatch::default() };
    assert_eq!(json!(patch), json!({ "full_name": "Ana", "locale": null }));
    assert_eq!(json!(UserPatch::default()), json!({}));
    assert_eq!(json!(Move { parent_id: None }), json!({ "parent_id": null }), "null has to be said");
}

#[test]
fn the_operations_of_a_batch_are_told_apart_by_their_op() {
    let id: OrganizationId = "org_01h455vb4pex5vsknk084sn02q".parse().unwrap();
    let new = NewOrganization {
        parent_id: None,
        name: "Sales".parse().unwrap(),
        description: None,
        settings: serde_json::Map::new(),
    };
    let patch = OrganizationPatch { is_active: Some(false), ..OrganizationPatch::default() };
    let batch = BatchRequest {
        atomic: true,
        operations: vec![
            BatchOperation::Create { data: new },
            BatchOperation::Update { id, if_match: None, data: patch },
            BatchOperation::Delete { id, if_match: Some("\"1\"".to_owned()) },
        ],
    };
    let sent = json!(batch);
    let operations = json!([
        { "op": "create", "data": { "name": "Sales", "settings": {} } },
        { "op": "update", "id": id, "data": { "is_active": false } },
        { "op": "delete", "id": id, "if_match": "\"1\"" },
    ]);
    assert_eq!(sent, json!({ "atomic": true, "operations": operations }));
    let read: BatchRequest<OrganizationId, NewOrganization, OrganizationPatch> =
        serde_json::from_value(sent.clone()).unwrap();
    assert_eq!(json!(read), sent);
}

#[test]
fn a_permission_is_sent_by_its_name_and_no_other_is_taken() {
    assert_eq!(json!(PermissionName::ALL.first().unwrap()), json!("tenant:read"));
    for name in PermissionName::ALL {
        assert_eq!(serde_json::from_value::<PermissionName>(json!(name)).unwrap(), *name);
    }
    let refused = serde_json::from_value::<PermissionName>(json!("tenant:sell")).unwrap_err();
    assert_eq!(refused.to_string(), "there is no permission `tenant:sell`");
}

#[test]
fn a_problem_with_a_code_of_tomorrow_is_read() {
    let problem = |code: &str| -> ProblemDocument {
        serde_json::from_value(json!({
            "type": format!("/problems/{code}"), "title": "No", "status": 409, "detail": "no", "instance": "/x",
            "code": code, "request_id": "r", "errors": [{ "pointer": "/a", "code": "b", "detail": "c" }], "more": 1,
        }))
        .unwrap()
    };
    assert_eq!(problem("already_exists").known_code(), Some(ErrorCode::AlreadyExists));
    assert_eq!(problem("of_tomorrow").known_code(), None);
    assert_eq!(problem("of_tomorrow").to_string(), "of_tomorrow: no");
}
