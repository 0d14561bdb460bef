//! What nobody may hold together.

use elder_access::{Role, markers};
use elder_kernel::{Entitlement, EntitlementConflict};
use elder_testkit::TestApp;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::world::{RULES, apart, given, held, holdings, role};

/// Ids in their order: those of one moment come in any.
fn in_order(ids: &[&Value]) -> Value {
    let mut ids: Vec<_> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    ids.sort_unstable();
    json!(ids)
}

#[tokio::test]
async fn nobody_is_given_what_a_rule_keeps_apart() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (orders, pays, reads) =
        (role(&admin, "orders").await, role(&admin, "pays").await, role(&admin, "reads").await);
    apart(&admin, "Who orders does not pay", &[&orders, &pays]).await;
    let ana = holdings(&app).await;
    let first = admin.post(&ana, given(&orders)).await.expect(201);
    let problem = admin.post(&ana, given(&pays)).await.expect_problem(409, "sod_conflict");
    let told = "The rule `Who orders does not pay` lets nobody hold more than 1 of these: orders, pays.";
    assert_eq!(problem["detail"], told);
    admin.post(&ana, given(&reads)).await.expect(201);
    assert_eq!(held(&admin, &ana).await, ["orders", "reads"]);
    admin.delete(&format!("{ana}/{}", first["id"].as_str().unwrap())).await.expect(204);
    admin.post(&ana, given(&pays)).await.expect(201);
    assert_eq!(app.audit_count("entitlement.assigned").await, 3);
}

#[tokio::test]
async fn of_two_who_give_at_the_same_time_what_is_kept_apart_one_wins() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (orders, pays) = (role(&admin, "orders").await, role(&admin, "pays").await);
    apart(&admin, "Apart", &[&orders, &pays]).await;
    for _ in 0..10 {
        let ana = holdings(&app).await;
        let answers = join_all([&orders, &pays].map(|one| admin.post(&ana, given(one)))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        assert_eq!(held(&admin, &ana).await.len(), 1);
    }
}

#[tokio::test]
async fn a_rule_may_allow_some_of_its_entitlements() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let roles = [role(&admin, "a").await, role(&admin, "b").await, role(&admin, "c").await];
    let rule = json!({"name": "Two of three", "entitlement_ids": roles, "most": 2});
    admin.post(RULES, rule).await.expect(201);
    let ana = holdings(&app).await;
    admin.post(&ana, given(&roles[0])).await.expect(201);
    admin.post(&ana, given(&roles[1])).await.expect(201);
    admin.post(&ana, given(&roles[2])).await.expect_problem(409, "sod_conflict");
}

#[tokio::test]
async fn who_broke_a_rule_before_it_was_made_is_listed_and_goes_on() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (orders, pays, reads) =
        (role(&admin, "orders").await, role(&admin, "pays").await, role(&admin, "reads").await);
    let (ana, bo) = (holdings(&app).await, holdings(&app).await);
    admin.post(&ana, given(&orders)).await.expect(201);
    let second = admin.post(&ana, given(&pays)).await.expect(201);
    admin.post(&bo, given(&pays)).await.expect(201);
    let violations = format!("{}/violations", apart(&admin, "Apart", &[&orders, &pays]).await);
    let listed = admin.get(&format!("{violations}?include_total=true")).await.expect(200);
    let who = ana.split('/').nth(4).unwrap();
    assert_eq!((&listed["data"][0]["user_id"], &listed["total"]), (&json!(who), &json!(1)), "{listed}");
    assert_eq!(listed["data"][0]["entitlement_ids"].as_array().unwrap().len(), 2);
    admin.post(&ana, given(&reads)).await.expect(201);
    admin.delete(&format!("{ana}/{}", second["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(admin.get(&violations).await.expect(200)["data"], json!([]));
    admin.post(&ana, given(&pays)).await.expect_problem(409, "sod_conflict");
}

#[tokio::test]
async fn a_rule_is_made_shown_changed_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (a, b, c) = (role(&admin, "a").await, role(&admin, "b").await, role(&admin, "c").await);
    let path = apart(&admin, "Apart", &[&b, &a]).await;
    let made = admin.get(&path).await.expect(200);
    assert_eq!((&made["entitlement_ids"], &made["most"]), (&in_order(&[&a, &b]), &json!(1)));
    let patch = json!({"entitlement_ids": [a, c]});
    let changed = admin.patch(&path, patch.clone()).await.expect(200);
    assert_eq!((&changed["entitlement_ids"], &changed["version"]), (&in_order(&[&a, &c]), &json!(2)));
    assert_eq!(admin.patch(&path, patch).await.expect(200)["version"], 2, "nothing changed");
    assert_eq!(admin.get(RULES).await.expect(200)["data"], json!([changed]));
    let ana = holdings(&app).await;
    admin.post(&ana, given(&a)).await.expect(201);
    admin.post(&ana, given(&b)).await.expect(201);
    admin.delete(&path).await.expect(204);
    admin.post(&ana, given(&c)).await.expect(201);
    for (action, times) in [("created", 1), ("updated", 1), ("deleted", 1)] {
        assert_eq!(app.audit_count(&format!("entitlement_conflict.{action}")).await, times, "{action}");
    }
}

#[tokio::test]
async fn a_rule_is_about_entitlements_that_there_are_and_has_a_name_of_its_own() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (a, b) = (role(&admin, "a").await, role(&admin, "b").await);
    let path = apart(&admin, "Apart", &[&a, &b]).await;
    let rule = |name: &str, members: Value| json!({"name": name, "entitlement_ids": members});
    admin.post(RULES, rule("APART", json!([a, b]))).await.expect_problem(409, "already_exists");
    let theirs = role(&app.other_tenant().await, "theirs").await;
    for unknown in [theirs, json!(app.seam.id::<Entitlement>())] {
        admin.post(RULES, rule("Other", json!([a, unknown]))).await.expect_problem(404, "not_found");
        admin.patch(&path, json!({"entitlement_ids": [a, unknown]})).await.expect_problem(404, "not_found");
    }
    for members in [json!([a]), json!([a, a])] {
        let problem =
            admin.post(RULES, rule("Other", members)).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/entitlement_ids");
    }
    let other = app.other_tenant().await;
    for path in [path.clone(), format!("{RULES}/{}", app.seam.id::<EntitlementConflict>())] {
        other.get(&path).await.expect_problem(404, "not_found");
        other.get(&format!("{path}/violations")).await.expect_problem(404, "not_found");
        other.patch(&path, json!({"most": 2})).await.expect_problem(404, "not_found");
        other.delete(&path).await.expect_problem(404, "not_found");
    }
    let assigner = app.member_with::<markers::EntitlementsAssign>().await;
    assigner.delete(&path).await.expect_problem(403, "permission_denied");
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.patch(&path, json!({"most": 2})).await.expect_problem(403, "permission_denied");
    assert_eq!(reader.get(&path).await.expect(200)["version"], 1);
}
