//! What the tests of this crate share.

use chrono::Duration;
use elder_audit::{Written, seal};
use elder_compliance::write_report;
use elder_testkit::{Actor, Answer, TestApp};
use serde_json::Value;

pub(crate) const REPORTS: &str = "/api/v2/compliance/reports";
pub(crate) const TEMPLATES: &str = "/api/v2/compliance/templates";
pub(crate) const SCHEDULES: &str = "/api/v2/compliance/schedules";
pub(crate) const ORIGIN: &str = "elder.test";

/// Asks for a report.
pub(crate) async fn asked(admin: &Actor, body: Value) -> String {
    admin.post(REPORTS, body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

/// Seals the log, and does the job of a report.
pub(crate) async fn written(app: &TestApp, admin: &Actor, id: &str) -> Written {
    seal(&app.worker, ORIGIN).await.unwrap();
    write_report(&app.worker, admin.tenant, id.parse().unwrap()).await.unwrap()
}

pub(crate) async fn downloaded(admin: &Actor, id: &str) -> Answer {
    let answer = admin.get(&format!("{REPORTS}/{id}/content")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// Asks for a report a second later, has it written, and downloads it.
pub(crate) async fn made(app: &TestApp, admin: &Actor, body: Value) -> Answer {
    app.clock.advance(Duration::seconds(1));
    let id = asked(admin, body).await;
    let end = written(app, admin, &id).await;
    assert_eq!(end, Written::Completed, "{}", admin.get(&format!("{REPORTS}/{id}")).await.text);
    downloaded(admin, &id).await
}

/// The file as it lies in the database.
pub(crate) async fn stored_bytes(app: &TestApp, admin: &Actor, id: &str) -> Vec<u8> {
    let id: elder_kernel::Id<elder_kernel::ComplianceReport> = id.parse().unwrap();
    let find = "select content from compliance_report_chunks where tenant_id = $1 and report_id = $2 order by number";
    let rows = app.superuser.query(find, &[&admin.tenant.0, &id.uuid()]).await.unwrap();
    rows.iter().flat_map(|row| row.get::<_, Vec<u8>>(0)).collect()
}

/// The actions of a report's events, in their order.
pub(crate) fn actions(report: &Value) -> Vec<&str> {
    report["events"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect()
}
