//! Batches over HTTP, in every collection that takes them.

use elder_access::Role;
use elder_testkit::{Actor, PASSWORD, TestApp};
use serde_json::{Value, json};

/// A collection that takes batches.
pub(crate) struct Collection {
    pub(crate) path: &'static str,
    /// What its audit actions begin with.
    pub(crate) action: &'static str,
    /// The n-th new resource.
    pub(crate) new: fn(usize) -> Value,
    /// Data that breaks a rule, and where.
    bad: (fn() -> Value, &'static str),
    patch: fn() -> Value,
    /// An id that nobody has.
    pub(crate) random: &'static str,
}

pub(crate) const COLLECTIONS: [Collection; 5] = [
    Collection {
        path: "/api/v2/users",
        action: "portal_user",
        new: |n| json!({ "email": format!("person{n}@example.com"), "full_name": "New" }),
        bad: (|| json!({ "email": "no address" }), "/email"),
        patch: || json!({ "full_name": "Renamed" }),
        random: "usr_01h455vb4pex5vsknk084sn02q",
    },
    Collection {
        path: "/api/v2/organizations",
        action: "organization",
        new: |n| json!({ "name": format!("Department {n}") }),
        bad: (|| json!({ "name": "x", "description": "x".repeat(2001) }), "/description"),
        patch: || json!({ "description": "Changed" }),
        random: "org_01h455vb4pex5vsknk084sn02q",
    },
    Collection {
        path: "/api/v2/roles",
        action: "role",
        new: |n| json!({ "name": format!("Role {n}"), "tier": "tenant", "permissions": ["users:read"] }),
        bad: (|| json!({ "name": "x", "tier": "tenant", "permissions": [] }), "/permissions"),
        patch: || json!({ "description": "Changed" }),
        random: "rol_01h455vb4pex5vsknk084sn02q",
    },
    Collection {
        path: "/api/v2/directories",
        action: "scim.directory",
        new: |n| json!({ "name": format!("Directory {n}") }),
        bad: (|| json!({ "name": "" }), "/name"),
        patch: || json!({ "provider": "okta" }),
        random: "dir_01h455vb4pex5vsknk084sn02q",
    },
    Collection {
        path: "/api/v2/service-accounts",
        action: "service_account",
        new: |n| json!({ "name": format!("Account {n}"), "permissions": ["users:read"] }),
        bad: (|| json!({ "name": "x", "permissions": [] }), "/permissions"),
        patch: || json!({ "description": "Changed" }),
        random: "svc_01h455vb4pex5vsknk084sn02q",
    },
];

impl Collection {
    pub(crate) fn creates(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<Value> {
        numbers.into_iter().map(|n| json!({ "op": "create", "data": (self.new)(n) })).collect()
    }

    /// Sends a batch as the request `name`; gives the status and the body.
    pub(crate) async fn send(
        &self,
        actor: &Actor,
        name: &str,
        is_atomic: bool,
        operations: &[Value],
    ) -> (u16, Value) {
        let body = json!({ "atomic": is_atomic, "operations": operations });
        let actor = actor.with_header("x-request-id", name);
        let answer = actor.post(&format!("{}/batch", self.path), body).await;
        (answer.status, answer.body)
    }
}

pub(crate) fn statuses(body: &Value) -> Vec<u64> {
    let results = body["results"].as_array().unwrap_or_else(|| panic!("{body}"));
    for (index, result) in results.iter().enumerate() {
        assert_eq!(result["index"], index);
        assert_eq!(result["id"].is_string(), result["error"].is_null(), "{result}");
    }
    results.iter().map(|result| result["status"].as_u64().unwrap()).collect()
}

/// The actions of the audit events of a request, and how many events of the outbox it left: one for each, or none.
pub(crate) async fn events(app: &TestApp, request: &str) -> Vec<String> {
    let audit = "select action, id from audit_logs a
        left join outbox o on o.tenant_id = a.tenant_id and o.data ->> 'audit_event' is not null
         and o.subject = a.resource_id and o.type = 'elder.' || a.action and o.time = a.timestamp
        where a.correlation_id = $1 order by a.action";
    let rows = app.superuser.query(audit, &[&request]).await.unwrap();
    assert!(rows.iter().all(|row| row.get::<_, Option<uuid::Uuid>>("id").is_some()), "an event was not told");
    rows.iter().map(|row| row.get("action")).collect()
}

async fn total(admin: &Actor, collection: &Collection) -> u64 {
    let page = admin.get(&format!("{}?include_total=true", collection.path)).await.expect(200);
    page["total"].as_u64().unwrap()
}

#[tokio::test]
async fn a_good_batch_is_done_in_its_order_with_one_event_for_each_operation() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for of in &COLLECTIONS {
        for (is_atomic, first) in [(true, 0), (false, 10)] {
            let name = format!("{}-{is_atomic}", of.action);
            let (status, made) =
                of.send(&admin, &format!("{name}-1"), is_atomic, &of.creates(first..first + 3)).await;
            assert_eq!((status, statuses(&made)), (200, vec![201; 3]), "{made}");
            let created = format!("{}.created", of.action);
            assert_eq!(events(&app, &format!("{name}-1")).await, vec![created.clone(); 3]);
            let id = |n: usize| made["results"][n]["id"].as_str().unwrap();
            let mixed = [
                json!({ "op": "update", "id": id(0), "data": (of.patch)() }),
                json!({ "op": "delete", "id": id(1) }),
                json!({ "op": "create", "data": (of.new)(first + 1) }),
            ];
            let (_, answer) = of.send(&admin, &format!("{name}-2"), is_atomic, &mixed).await;
            assert_eq!(statuses(&answer), [200, 204, 201], "{answer}");
            let (updated, deleted) = (format!("{}.updated", of.action), format!("{}.deleted", of.action));
            assert_eq!(events(&app, &format!("{name}-2")).await, [created.clone(), deleted, updated]);
            let shown = admin.get(&format!("{}/{}", of.path, id(0))).await.expect(200);
            for (field, value) in (of.patch)().as_object().unwrap() {
                assert_eq!(&shown[field], value);
            }
            admin.get(&format!("{}/{}", of.path, id(1))).await.expect_problem(404, "not_found");
            let again = [json!({ "op": "update", "id": id(0), "data": (of.patch)() })];
            let (_, unchanged) = of.send(&admin, &format!("{name}-3"), is_atomic, &again).await;
            assert_eq!(statuses(&unchanged), [200]);
            assert!(events(&app, &format!("{name}-3")).await.is_empty());
        }
    }
}

/// Of a hundred operations the fiftieth is wrong: by its data, or by what is there already.
#[tokio::test]
async fn w_08_an_atomic_batch_leaves_nothing_if_one_operation_fails() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for of in &COLLECTIONS {
        let before = total(&admin, of).await;
        let mut operations = of.creates(0..100);
        let (bad, pointer) = of.bad;
        for (data, status, code) in [(bad(), 400, "validation_failed"), ((of.new)(0), 409, "already_exists")]
        {
            operations[49]["data"] = data;
            let name = format!("{}-{code}", of.action);
            let (answered, problem) = of.send(&admin, &name, true, &operations).await;
            assert_eq!((answered, &problem["code"]), (422, &json!("batch_failed")), "{problem}");
            assert_eq!((&problem["index"], &problem["error"]["status"]), (&json!(49), &json!(status)));
            assert_eq!(problem["error"]["code"], code, "{problem}");
            if code == "validation_failed" {
                assert_eq!(problem["errors"][0]["pointer"], format!("/operations/49/data{pointer}"));
            }
            assert_eq!(total(&admin, of).await, before);
            assert!(events(&app, &name).await.is_empty());
        }
        // Nothing was taken by the failure: the right ones can come again.
        let (_, answer) = of.send(&admin, "again", true, &of.creates(0..100)).await;
        assert_eq!(statuses(&answer), [201; 100]);
        assert_eq!(total(&admin, of).await, before + 100);
    }
}

#[tokio::test]
async fn w_08_of_independent_operations_each_stands_for_itself_and_a_retry_does_none_twice() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for of in &COLLECTIONS {
        let (bad, pointer) = of.bad;
        for (data, status, first) in [(bad(), 400, 0), ((of.new)(100), 409, 100)] {
            let before = total(&admin, of).await;
            let mut operations = of.creates(first..first + 100);
            operations[49]["data"] = data;
            let name = format!("{}-{status}", of.action);
            let (_, answer) = of.send(&admin, &name, false, &operations).await;
            let mut expected = vec![201; 100];
            expected[49] = status;
            assert_eq!(statuses(&answer), expected);
            if status == 400 {
                let error = &answer["results"][49]["error"];
                assert_eq!(error["errors"][0]["pointer"], format!("/operations/49/data{pointer}"));
                assert!(error["request_id"].is_null(), "{error}");
            }
            assert_eq!(total(&admin, of).await, before + 99);
            assert_eq!(events(&app, &name).await, vec![format!("{}.created", of.action); 99]);
            let (_, again) = of.send(&admin, &format!("{name}-again"), false, &operations).await;
            let mut expected = vec![409; 100];
            expected[49] = status;
            assert_eq!(statuses(&again), expected);
            assert_eq!(total(&admin, of).await, before + 99);
            assert!(events(&app, &format!("{name}-again")).await.is_empty());
        }
    }
}

/// The first and the last are where savepoints begin and end.
#[tokio::test]
async fn of_many_users_each_result_is_that_of_its_operation() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let users = &COLLECTIONS[0];
    let mut operations = users.creates(0..250);
    operations[120] = operations[7].clone();
    let (_, answer) = users.send(&admin, "many", false, &operations).await;
    let mut expected = vec![201; 250];
    expected[120] = 409;
    assert_eq!(statuses(&answer), expected);
    for index in [0, 99, 100, 119, 121, 199, 200, 249] {
        let id = answer["results"][index]["id"].as_str().unwrap();
        let user = admin.get(&format!("{}/{id}", users.path)).await.expect(200);
        assert_eq!(user["email"], operations[index]["data"]["email"], "{index}");
    }
    assert_eq!(events(&app, "many").await.len(), 249);
}

#[tokio::test]
async fn failures_at_the_edges_and_in_a_row_take_nothing_with_them() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for of in &COLLECTIONS {
        let (bad, _) = of.bad;
        let taken = of.creates([0]).remove(0);
        admin.post(of.path, (of.new)(0)).await.expect(201);
        let invalid = json!({ "op": "create", "data": bad() });
        let mut operations = vec![taken.clone(), invalid.clone(), taken.clone(), taken.clone()];
        operations.extend(of.creates([1]));
        operations.extend([invalid.clone(), taken.clone()]);
        operations.extend(of.creates([2]));
        operations.extend([taken.clone(), taken]);
        let (_, answer) = of.send(&admin, of.action, false, &operations).await;
        assert_eq!(statuses(&answer), [409, 400, 409, 409, 201, 400, 409, 201, 409, 409], "{answer}");
        assert_eq!(events(&app, of.action).await.len(), 2);
    }
}

#[tokio::test]
async fn a_first_password_is_checked_and_hashed_as_in_a_single_call() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let [users, ..] = &COLLECTIONS;
    let with = |n, password: &str| {
        let mut data = (users.new)(n);
        data["password"] = json!(password);
        json!({ "op": "create", "data": data })
    };
    let operations = [with(1, PASSWORD), with(2, "short"), with(3, PASSWORD)];
    let (_, problem) = users.send(&admin, "atomic", true, &operations).await;
    assert_eq!((&problem["index"], &problem["error"]["code"]), (&json!(1), &json!("validation_failed")));
    let (_, answer) = users.send(&admin, "independent", false, &operations).await;
    assert_eq!(statuses(&answer), [201, 400, 201]);
    let pointer = &answer["results"][1]["error"]["errors"][0]["pointer"];
    assert_eq!(pointer, "/operations/1/data/password");
    let sign_in = json!({ "email": "person3@example.com", "password": PASSWORD });
    app.guest().post("/api/v2/auth/login", sign_in).await.expect(200);
    // Nothing of a password is written down.
    let leak = "select count(*) from outbox where data::text like '%battery%'";
    assert_eq!(app.superuser.query_one(leak, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_deleted_user_of_a_batch_is_signed_out_with_the_answer() {
    let app = TestApp::start().await;
    let (admin, member) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Reader)).await);
    let [users, ..] = &COLLECTIONS;
    member.get("/api/v2/users").await.expect(200);
    let operations = [json!({ "op": "delete", "id": member.id() })];
    let (_, answer) = users.send(&admin, "delete", false, &operations).await;
    assert_eq!(statuses(&answer), [204]);
    member.get("/api/v2/users").await.expect_problem(401, "unauthenticated");
}
