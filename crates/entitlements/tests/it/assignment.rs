//! Who holds what.

use elder_access::{Role, markers};
use elder_kernel::{EntitlementAssignment, User};
use elder_testkit::TestApp;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::world::{CATALOGUE, given, held, holdings, role};

#[tokio::test]
async fn an_entitlement_is_given_listed_and_taken() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (billing, ana) = (role(&admin, "billing").await, holdings(&app).await);
    let made = admin.post(&ana, given(&billing)).await.expect(201);
    assert_eq!(
        (&made["entitlement_id"], &made["value"], &made["directory_id"]),
        (&billing, &json!("billing"), &Value::Null)
    );
    assert_eq!(made["assigned_by"], admin.id());
    assert_eq!(admin.get(&ana).await.expect(200)["data"], json!([made]));
    admin.post(&ana, given(&billing)).await.expect_problem(409, "already_exists");
    let place = format!("{ana}/{}", made["id"].as_str().unwrap());
    admin.delete(&place).await.expect(204);
    admin.delete(&place).await.expect_problem(404, "not_found");
    assert!(held(&admin, &ana).await.is_empty());
    assert_eq!(app.audit_count("entitlement.assigned").await, 1);
    assert_eq!(app.audit_count("entitlement.revoked").await, 1);
}

#[tokio::test]
async fn who_may_assign_assigns_and_nobody_in_another_tenant() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (billing, ana) = (role(&admin, "billing").await, holdings(&app).await);
    let writer = app.member_with::<markers::EntitlementsWrite>().await;
    for lesser in [&writer, &app.member(app.acme.id, Some(Role::Reader)).await] {
        lesser.post(&ana, given(&billing)).await.expect_problem(403, "permission_denied");
    }
    let other = app.other_tenant().await;
    other.get(&ana).await.expect_problem(404, "not_found");
    other.post(&ana, given(&billing)).await.expect_problem(404, "not_found");
    let nobody = format!("/api/v2/users/{}/entitlements", app.seam.id::<User>());
    admin.get(&nobody).await.expect_problem(404, "not_found");
    admin.post(&nobody, given(&billing)).await.expect_problem(404, "not_found");
    let theirs = role(&other, "billing").await;
    admin.post(&ana, given(&theirs)).await.expect_problem(404, "not_found");
    let assigner = app.member_with::<markers::EntitlementsAssign>().await;
    let made = assigner.post(&ana, given(&billing)).await.expect(201);
    let (id, bo) = (made["id"].as_str().unwrap(), holdings(&app).await);
    admin.delete(&format!("{bo}/{id}")).await.expect_problem(404, "not_found");
    admin
        .delete(&format!("{ana}/{}", app.seam.id::<EntitlementAssignment>()))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(held(&admin, &ana).await, ["billing"]);
}

#[tokio::test]
async fn what_is_supported_no_more_stays_and_is_given_to_nobody() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (old, ana, bo) = (role(&admin, "old").await, holdings(&app).await, holdings(&app).await);
    admin.post(&ana, given(&old)).await.expect(201);
    let entry = format!("{CATALOGUE}/{}", old.as_str().unwrap());
    admin.patch(&entry, json!({"is_supported": false})).await.expect(200);
    admin.post(&bo, given(&old)).await.expect_problem(409, "conflict");
    assert_eq!(held(&admin, &ana).await, ["old"]);
}

#[tokio::test]
async fn of_a_limited_number_no_more_are_given_however_many_ask_at_once() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let seats = admin
        .post(CATALOGUE, json!({"kind": "entitlement", "value": "seat", "max_holders": 2}))
        .await
        .expect(201);
    let mut people = Vec::new();
    for _ in 0..6 {
        people.push(holdings(&app).await);
    }
    let answers = join_all(people.iter().map(|person| admin.post(person, given(&seats["id"])))).await;
    let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(good.len(), 2);
    for refused in bad {
        refused.expect_problem(409, "entitlement_exhausted");
    }
    let entry = format!("{CATALOGUE}/{}", seats["id"].as_str().unwrap());
    assert_eq!(admin.get(&entry).await.expect(200)["holders"], 2);
}

#[tokio::test]
async fn what_one_person_holds_changes_in_batches() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (a, b, ana) = (role(&admin, "a").await, role(&admin, "b").await, holdings(&app).await);
    let create = |entitlement: &Value| json!({"op": "create", "data": given(entitlement)});
    let batch = format!("{ana}/batch");
    admin.post(&batch, json!({"atomic": true, "operations": [create(&a), create(&b)]})).await.expect(200);
    let twice = json!({"atomic": true, "operations": [create(&a)]});
    admin.post(&batch, twice).await.expect_problem(422, "batch_failed");
    assert_eq!(held(&admin, &ana).await, ["a", "b"]);
}
