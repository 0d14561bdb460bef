//! Templates: named, changed, and reports by them.

use chrono::{DateTime, Duration, Utc};
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::support::TEMPLATES;

#[tokio::test]
async fn a_report_by_a_template_is_of_the_whole_month_before() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body = json!({ "name": "Access", "kind": "user_access", "period": "last_month", "format": "pdf",
        "organization_id": app.acme.child });
    let template = admin.post(TEMPLATES, body).await.expect(201);
    let path = format!("{TEMPLATES}/{}", template["id"].as_str().unwrap());
    let report = admin.post(&format!("{path}/reports"), json!({})).await.expect(201);
    for field in ["kind", "format", "organization_id"] {
        assert_eq!(report[field], template[field], "{field}");
    }
    let moment = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let (from, to) = (moment(&report["from"]), moment(&report["to"]));
    let days = (to - from).num_days();
    assert!(
        (28..=31).contains(&days) && to <= app.seam.now() && to > app.seam.now() - Duration::days(31),
        "{report}"
    );
    assert!(from.to_rfc3339().contains("-01T00:00:00"));
}

#[tokio::test]
async fn a_template_changes_and_another_has_not_its_name() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let new =
        |name: &str| json!({ "name": name, "kind": "data_access", "period": "last_week", "format": "csv" });
    let template = admin.post(TEMPLATES, new("Reads")).await.expect(201);
    admin.post(TEMPLATES, new("READS")).await.expect_problem(409, "already_exists");
    admin.post(TEMPLATES, new("Other")).await.expect(201);
    let path = format!("{TEMPLATES}/{}", template["id"].as_str().unwrap());
    admin.patch(&path, json!({ "name": "other" })).await.expect_problem(409, "already_exists");
    let changed = admin.patch(&path, json!({ "period": "last_year", "format": "pdf" })).await.expect(200);
    assert_eq!((&changed["period"], &changed["version"]), (&json!("last_year"), &json!(2)));
    admin.patch(&path, json!({ "kind": "controls" })).await.expect_problem(400, "unknown_field");
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect_problem(404, "not_found");
}
