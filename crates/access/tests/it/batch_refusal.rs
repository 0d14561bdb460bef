//! Batches that are refused, whole or in part: for lack of a right, of a form, of a budget, or by a fault of Elder.

use elder_access::{Quotas, Role};
use elder_testkit::{TestApp, quotas};
use serde_json::{Value, json};

use crate::{
    batch::{COLLECTIONS, events, statuses},
    limit,
};

#[tokio::test]
async fn a_lower_role_is_refused_before_anything_is_read() {
    let app = TestApp::start().await;
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    for of in &COLLECTIONS {
        for is_atomic in [true, false] {
            let (status, problem) = of.send(&reader, "refused", is_atomic, &of.creates(0..2)).await;
            assert_eq!((status, &problem["code"]), (403, &json!("permission_denied")));
        }
        let (status, _) = of.send(&app.guest(), "refused", false, &of.creates(0..2)).await;
        assert_eq!(status, 401);
    }
}

#[tokio::test]
async fn another_tenants_ids_are_as_unknown_as_random_ones_and_spoil_no_other_operation() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    for of in &COLLECTIONS {
        let foreign = admin.post(of.path, (of.new)(0)).await.expect(201)["id"].clone();
        let touch = |id: &Value| {
            [json!({ "op": "update", "id": id, "data": {} }), json!({ "op": "delete", "id": id })]
        };
        let mut operations = [touch(&foreign), touch(&json!(of.random))].concat();
        let (_, problem) = of.send(&stranger, "foreign", true, &operations).await;
        assert_eq!((&problem["index"], &problem["error"]["code"]), (&json!(0), &json!("not_found")));
        operations.extend(of.creates([1]));
        let (_, answer) = of.send(&stranger, of.action, false, &operations).await;
        assert_eq!(statuses(&answer), [404, 404, 404, 404, 201], "{answer}");
        let error = |index: usize| &answer["results"][index]["error"];
        assert_eq!((error(0), error(1)), (error(2), error(3)));
        assert_eq!(events(&app, of.action).await.len(), 1);
        admin.get(&format!("{}/{}", of.path, foreign.as_str().unwrap())).await.expect(200);
    }
}

#[tokio::test]
async fn nobody_grants_in_a_batch_what_they_do_not_hold() {
    let app = TestApp::start().await;
    let maintainer = app.member_holding(app.acme.id, "users:write").await;
    let [users, _, roles, ..] = &COLLECTIONS;
    let mut operations = users.creates(0..2);
    operations[1]["data"]["tenant_role"] = json!("admin");
    let (_, answer) = users.send(&maintainer, "roles", false, &operations).await;
    assert_eq!(statuses(&answer), [201, 403]);
    assert_eq!(answer["results"][1]["error"]["code"], "grant_exceeds_own");
    let keeper = app.member_holding(app.acme.id, "roles:write").await;
    let (_, problem) = roles.send(&keeper, "roles", true, &roles.creates(0..2)).await;
    assert_eq!((&problem["index"], &problem["error"]["code"]), (&json!(0), &json!("grant_exceeds_own")));
}

#[tokio::test]
async fn whoever_reaches_one_organization_reaches_no_other_in_a_batch() {
    let app = TestApp::start().await;
    let member = app.organization_member(app.acme.child, Role::Admin).await;
    let [_, organizations, ..] = &COLLECTIONS;
    let operations = [
        json!({ "op": "create", "data": { "name": "Below", "parent_id": app.acme.child } }),
        json!({ "op": "create", "data": { "name": "A root" } }),
        json!({ "op": "update", "id": app.acme.root, "data": { "name": "Mine" } }),
    ];
    let (_, answer) = organizations.send(&member, "reach", false, &operations).await;
    let statuses = statuses(&answer);
    assert_eq!((statuses[0], statuses[2]), (201, 404), "{answer}");
    assert!((400..500).contains(&statuses[1]), "{answer}");
    assert_eq!(events(&app, "reach").await, ["organization.created"]);
}

#[tokio::test]
async fn a_batch_without_the_form_of_one_is_refused_whole_in_either_mode() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for of in &COLLECTIONS {
        let with = |wrong: Value| [of.creates([0]), vec![wrong]].concat();
        let cases = [
            (vec![], "validation_failed", "/operations"),
            (of.creates(0..1_001), "validation_failed", "/operations"),
            (with(json!({ "op": "upsert", "data": {} })), "validation_failed", "/operations/1/op"),
            (with(json!({ "data": {} })), "validation_failed", "/operations/1"),
            (with(json!({ "op": "create" })), "validation_failed", "/operations/1/data"),
            (with(json!({ "op": "delete", "id": of.random, "x": 1 })), "unknown_field", "/operations/1/x"),
        ];
        for (operations, code, pointer) in cases {
            for is_atomic in [true, false] {
                let (status, problem) = of.send(&admin, of.action, is_atomic, &operations).await;
                assert_eq!((status, &problem["code"]), (400, &json!(code)), "{problem}");
                assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
            }
        }
        let (_, answer) =
            of.send(&admin, of.action, false, &with(json!({ "op": "delete", "id": "usr_1" }))).await;
        assert_eq!(statuses(&answer), [201, 400]);
        assert_eq!(answer["results"][1]["error"]["code"], "invalid_id");
        assert_eq!(events(&app, of.action).await.len(), 1);
    }
}

#[tokio::test]
async fn a_fault_of_elder_ends_the_whole_batch_and_a_retry_is_safe() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let [_, organizations, ..] = &COLLECTIONS;
    let trap = "create function trap() returns trigger language plpgsql as
          $$ begin raise exception 'out of order'; end $$;
        create trigger trap before insert on organizations for each row
          when (new.name = 'Department 2') execute function trap()";
    app.superuser.batch_execute(trap).await.unwrap();
    for is_atomic in [true, false] {
        let (status, problem) =
            organizations.send(&admin, "broken", is_atomic, &organizations.creates(0..4)).await;
        assert_eq!((status, &problem["code"]), (500, &json!("internal_error")));
        assert!(!problem.to_string().contains("out of order"), "{problem}");
    }
    assert!(events(&app, "broken").await.is_empty());
    app.superuser.batch_execute("drop trigger trap on organizations").await.unwrap();
    let (_, answer) = organizations.send(&admin, "mended", false, &organizations.creates(0..4)).await;
    assert_eq!(statuses(&answer), [201; 4]);
}

#[tokio::test]
async fn each_operation_costs_what_a_single_call_costs_and_none_is_done_beyond_the_budget() {
    let app = limit::app(Quotas { user: limit::burst(10), ..quotas(1_000) }).await;
    let (admin, [users, ..]) = (app.tenant_admin().await, &COLLECTIONS);
    let path = format!("{}/batch", users.path);
    let body = |numbers| json!({ "atomic": false, "operations": users.creates(numbers) });
    let answer = admin.post(&path, body(0..7)).await;
    assert!(answer.header("ratelimit").contains(r#""user";r=3;"#), "{}", answer.header("ratelimit"));
    answer.expect(200);
    let refused = admin.post(&path, body(7..11)).await;
    assert!(refused.header("ratelimit").contains(r#""user";r=2;"#), "{}", refused.header("ratelimit"));
    assert_eq!(refused.header("retry-after"), "60");
    refused.expect_problem(429, "rate_limited");
    assert_eq!(app.audit_count("portal_user.created").await, 7);
    admin.post(&path, body(7..9)).await.expect(200);
    admin.post(&path, body(9..10)).await.expect_problem(429, "rate_limited");
}
