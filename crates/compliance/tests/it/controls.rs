//! Frameworks: what was measured is there, and changes with what it was measured of.

use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::support::made;

const FRAMEWORKS: &str = "/api/v2/compliance/frameworks";

fn evidence<'a>(controls: &'a Value, check: &str) -> &'a Value {
    let all = controls["controls"].as_array().unwrap();
    let found = all.iter().flat_map(|control| control["evidence"].as_array().unwrap());
    found
        .into_iter()
        .find(|evidence| evidence["check"] == check)
        .unwrap_or_else(|| panic!("{check}: {controls}"))
}

#[tokio::test]
async fn a_17_evidence_follows_the_configuration() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let before = admin.get(&format!("{FRAMEWORKS}/soc2")).await.expect(200);
    assert_eq!(evidence(&before, "contacts_named")["state"], "not_met");
    assert_eq!(evidence(&before, "tenants_isolated")["state"], "met", "{before}");
    assert_eq!(evidence(&before, "log_append_only")["state"], "met", "{before}");
    assert_eq!(evidence(&before, "holds_enforced")["state"], "met", "{before}");
    let settings =
        json!({ "settings": { "notification": { "security_contacts": ["security@acme.example"] } } });
    admin.patch("/api/v2/tenant", settings).await.expect(200);
    let after = admin.get(&format!("{FRAMEWORKS}/soc2")).await.expect(200);
    assert_eq!(evidence(&after, "contacts_named")["state"], "met");
}

#[tokio::test]
async fn a_log_that_is_not_sealed_and_a_trigger_that_is_off_are_found() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.post("/api/v2/organizations", json!({ "name": "Sales" })).await.expect(201);
    app.clock.advance(chrono::Duration::minutes(2));
    let admin = app.tenant_admin().await;
    let iso = async || admin.get(&format!("{FRAMEWORKS}/iso27001")).await.expect(200);
    assert_eq!(evidence(&iso().await, "log_sealed")["state"], "not_met");
    elder_audit::seal(&app.worker, crate::support::ORIGIN).await.unwrap();
    assert_eq!(evidence(&iso().await, "log_sealed")["state"], "met");
    let off = "alter table audit_leaves disable trigger audit_leaves_append_only;
        alter table portal_users disable trigger portal_users_held";
    app.superuser.batch_execute(off).await.unwrap();
    let found = iso().await;
    assert_eq!(evidence(&found, "log_append_only")["state"], "not_met");
    assert_eq!(evidence(&found, "holds_enforced")["state"], "not_met");
}

#[tokio::test]
async fn the_frameworks_are_listed_with_sums_that_are_those_of_their_controls() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let list = admin.get(FRAMEWORKS).await.expect(200);
    let names: Vec<_> =
        list["data"].as_array().unwrap().iter().map(|framework| framework["id"].clone()).collect();
    assert_eq!(names, ["gdpr", "hipaa", "iso27001", "soc2"]);
    for framework in list["data"].as_array().unwrap() {
        let path = format!("{FRAMEWORKS}/{}", framework["id"].as_str().unwrap());
        let found = admin.get(&path).await.expect(200);
        assert_eq!(&found["framework"], framework);
        let count = |state: &str| {
            let all = found["controls"].as_array().unwrap();
            all.iter().filter(|control| control["state"] == state).count()
        };
        assert_eq!(json!(count("met")), framework["met"]);
        assert_eq!(json!(count("partly")), framework["partly"]);
        assert_eq!(json!(count("not_met")), framework["not_met"]);
    }
    let one = admin.get(&format!("{FRAMEWORKS}?filter=id%20eq%20%22soc2%22")).await.expect(200);
    assert_eq!(one["data"].as_array().unwrap().len(), 1);
    assert_ne!(admin.get(&format!("{FRAMEWORKS}/pci")).await.status, 200);
}

#[tokio::test]
async fn the_report_of_a_framework_says_what_the_route_says() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let report = json!({ "kind": "controls", "framework": "hipaa", "format": "json" });
    let report = made(&app, &admin, report).await.body;
    let shown = admin.get(&format!("{FRAMEWORKS}/hipaa")).await.expect(200);
    let rows = report["controls"].as_array().unwrap();
    let pairs: usize = shown["controls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|control| control["evidence"].as_array().unwrap().len())
        .sum();
    assert_eq!(rows.len(), pairs);
    assert_eq!(report["figures"]["Controls that are looked at"], shown["framework"]["controls"]);
    assert!(report["title"].as_str().unwrap().contains("HIPAA"));
    // To have looked at who has what is evidence itself.
    made(&app, &admin, json!({ "kind": "user_access", "format": "csv" })).await;
    let after = admin.get(&format!("{FRAMEWORKS}/hipaa")).await.expect(200);
    assert_eq!(evidence(&shown, "access_reviewed")["state"], "not_met");
    assert_eq!(evidence(&after, "access_reviewed")["state"], "met");
}
