//! The catalogue.

use elder_access::{Role, markers};
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::world::{CATALOGUE, given, holdings, role};

fn path(entitlement: &Value) -> String {
    format!("{CATALOGUE}/{}", entitlement["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_entitlement_is_added_shown_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let new = json!({"kind": "entitlement", "value": "invoices:pay", "display": "Pays", "category": "finance",
        "permissions": ["invoices:read", "invoices:pay"], "max_holders": 3});
    let made = admin.post(CATALOGUE, new).await.expect(201);
    assert_eq!(
        (&made["holders"], &made["is_supported"], &made["directory_id"]),
        (&json!(0), &json!(true), &Value::Null)
    );
    assert_eq!(admin.get(&path(&made)).await.expect(200), made);
    let patch = json!({"display": "Pays invoices", "category": null, "max_holders": null});
    let changed = admin.patch(&path(&made), patch.clone()).await.expect(200);
    assert_eq!(
        (&changed["version"], &changed["category"], &changed["holders"]),
        (&json!(2), &Value::Null, &Value::Null)
    );
    assert_eq!(admin.patch(&path(&made), patch).await.expect(200)["version"], 2, "nothing changed");
    let found = admin.get(&format!("{CATALOGUE}?filter=value%20eq%20%22INVOICES:pay%22")).await.expect(200);
    assert_eq!(found["data"], json!([changed]));
    admin.delete(&path(&made)).await.expect(204);
    admin.get(&path(&made)).await.expect_problem(404, "not_found");
    for (action, times) in [("created", 1), ("updated", 1), ("deleted", 1)] {
        assert_eq!(app.audit_count(&format!("entitlement.{action}")).await, times, "{action}");
    }
}

#[tokio::test]
async fn a_value_is_unique_among_its_kind_in_any_letter_case_and_never_changes() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let made = admin.post(CATALOGUE, json!({"kind": "role", "value": "Billing"})).await.expect(201);
    assert_eq!(made["display"], "Billing");
    let taken = admin.post(CATALOGUE, json!({"kind": "role", "value": "billing"})).await;
    assert_eq!(taken.expect_problem(409, "already_exists")["errors"][0]["pointer"], "/value");
    admin.post(CATALOGUE, json!({"kind": "entitlement", "value": "billing"})).await.expect(201);
    app.other_tenant().await.post(CATALOGUE, json!({"kind": "role", "value": "billing"})).await.expect(201);
    admin.patch(&path(&made), json!({"value": "other"})).await.expect_problem(400, "unknown_field");
    for (bad, pointer) in [
        (json!({"kind": "role", "value": "a b"}), "/value"),
        (json!({"kind": "role", "value": "ok", "max_holders": 0}), "/max_holders"),
        (json!({"kind": "role", "value": "ok", "display": " x"}), "/display"),
    ] {
        let problem = admin.post(CATALOGUE, bad).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    let elsewhere =
        json!({"kind": "role", "value": "x", "directory_id": app.seam.id::<elder_kernel::Directory>()});
    admin.post(CATALOGUE, elsewhere).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn readers_see_the_catalogue_and_those_who_assign_do_not_change_it() {
    let app = TestApp::start().await;
    let made =
        app.tenant_admin().await.post(CATALOGUE, json!({"kind": "role", "value": "x"})).await.expect(201);
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    let assigner = app.member_with::<markers::EntitlementsAssign>().await;
    for lesser in [&reader, &assigner] {
        lesser
            .post(CATALOGUE, json!({"kind": "role", "value": "y"}))
            .await
            .expect_problem(403, "permission_denied");
        lesser.patch(&path(&made), json!({"display": "y"})).await.expect_problem(403, "permission_denied");
        lesser.delete(&path(&made)).await.expect_problem(403, "permission_denied");
    }
    assert_eq!(reader.get(CATALOGUE).await.expect(200)["data"], json!([made]));
    app.member(app.acme.id, None).await.get(CATALOGUE).await.expect_problem(403, "permission_denied");
    let other = app.other_tenant().await;
    for path in [path(&made), format!("{CATALOGUE}/{}", app.seam.id::<elder_kernel::Entitlement>())] {
        other.get(&path).await.expect_problem(404, "not_found");
        other.patch(&path, json!({"display": "y"})).await.expect_problem(404, "not_found");
        other.delete(&path).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn what_somebody_holds_is_not_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (billing, ana) = (role(&admin, "billing").await, holdings(&app).await);
    let assignment = admin.post(&ana, given(&billing)).await.expect(201);
    let entry = format!("{CATALOGUE}/{}", billing.as_str().unwrap());
    let problem = admin.delete(&entry).await.expect_problem(409, "conflict");
    assert!(problem["detail"].as_str().unwrap().starts_with("1 people hold it"), "{problem}");
    admin.delete(&format!("{ana}/{}", assignment["id"].as_str().unwrap())).await.expect(204);
    admin.delete(&entry).await.expect(204);
}

#[tokio::test]
async fn entitlements_are_added_changed_and_deleted_in_batches() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let create = |value: &str| json!({"op": "create", "data": {"kind": "role", "value": value}});
    let batch = format!("{CATALOGUE}/batch");
    admin.post(&batch, json!({"atomic": true, "operations": [create("a"), create("b")]})).await.expect(200);
    let twice = json!({"atomic": true, "operations": [create("c"), create("A")]});
    admin.post(&batch, twice).await.expect_problem(422, "batch_failed");
    assert_eq!(admin.get(CATALOGUE).await.expect(200)["data"].as_array().unwrap().len(), 2);
}
