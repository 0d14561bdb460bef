//! Many operations in one request (RFC 7644 §3.7).

use std::time::Duration;

use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::wire::{GROUP, ana, at_once, expect_error, ids, members, named, patch, path, rows};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const PLACE: &str = "/scim/v2/Bulk";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn request(operations: Value) -> Value {
    let mut body = json!({"schemas": [BULK]});
    body["Operations"] = operations;
    body
}

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    let mut operation = json!({"method": "POST", "path": path, "bulkId": bulk_id});
    operation["data"] = data;
    operation
}

fn group_of(name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|member| json!({"value": member})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

/// Sends the operations; gives what became of them.
async fn bulk(provider: &Actor, operations: Value) -> Vec<Value> {
    let answer = provider.post(PLACE, request(operations)).await.expect(200);
    assert_eq!(answer["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    answer["Operations"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}

/// The resource that an operation has made.
async fn made(provider: &Actor, result: &Value) -> Value {
    let location = result["location"].as_str().unwrap();
    provider.get(location.strip_prefix("http://elder.test").unwrap()).await.expect(200)
}

#[tokio::test]
async fn blk_1_blk_2_blk_9_each_method_does_what_it_does_alone_and_leaves_its_event() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let user = provider.post("/scim/v2/Users", ana()).await.expect(201);
    let own = format!("/Users/{}", user["id"].as_str().unwrap());
    let mut renamed = ana();
    renamed["displayName"] = "Ana G.".into();
    let results = bulk(
        &provider,
        json!([
            post("/Users", "bo", named("bo@example.com")),
            {"method": "PUT", "path": own, "data": renamed, "version": "W/\"1\""},
            {"method": "PATCH", "path": own, "data": patch(&json!([{"op": "add", "path": "title", "value": "Dr."}]))},
            {"method": "DELETE", "path": own, "bulkId": "gone"},
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["201", "200", "200", "204"]);
    let bo = made(&provider, &results[0]).await;
    assert_eq!((&results[0]["bulkId"], &results[0]["version"]), (&json!("bo"), &bo["meta"]["version"]));
    assert_eq!(
        (&results[2]["version"], &results[2]["location"]),
        (&json!("W/\"3\""), &user["meta"]["location"])
    );
    assert_eq!((&results[3]["bulkId"], results[3].get("version")), (&json!("gone"), None));
    expect_error(provider.get(&path(&user)).await, 404, None);
    for (action, times) in [("created", 2), ("updated", 2), ("deleted", 1)] {
        assert_eq!(app.audit_count(&format!("scim.user.{action}")).await, times, "{action}");
    }
}

#[tokio::test]
async fn blk_4_blk_5_operations_refer_to_what_others_create_before_or_after_them() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let mut bo = named("bo@example.com");
    bo[ENTERPRISE] = json!({"manager": {"value": "bulkId:ana"}});
    let join = patch(&json!([{"op": "add", "path": "members", "value": [{"value": "bulkId:bo"}]}]));
    let results = bulk(
        &provider,
        json!([
            post("/Groups", "staff", group_of("Staff", &["bulkId:ana"])),
            post("/Users", "bo", bo),
            post("/Users", "ana", ana()),
            {"method": "PATCH", "path": "/Groups/bulkId:staff", "data": join},
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["201", "201", "201", "200"]);
    let [staff, bo, ana] = [
        made(&provider, &results[0]).await,
        made(&provider, &results[1]).await,
        made(&provider, &results[2]).await,
    ];
    assert_eq!(members(&staff), ids(&[&ana, &bo]));
    assert_eq!(bo[ENTERPRISE]["manager"]["value"], ana["id"]);
    assert_eq!(results[3]["location"], staff["meta"]["location"]);
}

#[tokio::test]
async fn blk_5_circles_are_created_first_and_closed_afterwards() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let mut boss = ana();
    boss[ENTERPRISE] = json!({"department": "R&D", "manager": {"value": "bulkId:bo"}});
    let mut bo = named("bo@example.com");
    bo[ENTERPRISE] = json!({"manager": {"value": "bulkId:ana"}});
    let results = bulk(
        &provider,
        json!([
            post("/Groups", "a", group_of("A", &["bulkId:b", "bulkId:ana"])),
            post("/Groups", "b", group_of("B", &["bulkId:a", "bulkId:b"])),
            post("/Users", "ana", boss),
            post("/Users", "bo", bo),
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["201"; 4]);
    let mut all = Vec::new();
    for result in &results {
        let resource = made(&provider, result).await;
        assert_eq!(result["version"], resource["meta"]["version"]);
        all.push(resource);
    }
    let [a, b, ana, bo] = [&all[0], &all[1], &all[2], &all[3]];
    assert_eq!((members(a), members(b)), (ids(&[b, ana]), ids(&[a, b])));
    assert_eq!(ana[ENTERPRISE]["manager"]["value"], bo["id"]);
    assert_eq!(bo[ENTERPRISE]["manager"]["value"], ana["id"]);
}

#[tokio::test]
async fn blk_6_blk_7_the_rest_is_done_until_so_many_have_failed() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let operations = json!([
        post("/Users", "a", named("a@example.com")),
        post("/Users", "b", named("A@example.com")),
        post("/Users", "c", named("c@example.com")),
        {"method": "DELETE", "path": "/Users/12345"},
        post("/Users", "d", named("d@example.com")),
    ]);
    let mut body = request(operations.clone());
    body["failOnErrors"] = 2.into();
    let answer = provider.post(PLACE, body).await.expect(200);
    assert_eq!(statuses(answer["Operations"].as_array().unwrap()), ["201", "409", "201", "404"]);
    assert_eq!(rows(&app, "scim_users").await, 2);
    let results = bulk(&provider, operations).await;
    assert_eq!(statuses(&results), ["409", "409", "409", "404", "201"]);
}

#[tokio::test]
async fn blk_8_blk_10_blk_11_a_failure_tells_what_the_single_request_would() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let user = provider.post("/scim/v2/Users", ana()).await.expect(201);
    let own = format!("/Users/{}", user["id"].as_str().unwrap());
    let results = bulk(
        &provider,
        json!([
            post("/Users", "a", named("ANA@example.com")),
            {"method": "PATCH", "path": own, "version": "W/\"7\"",
                "data": patch(&json!([{"op": "add", "path": "title", "value": "x"}]))},
            {"method": "PUT", "path": own, "data": {"schemas": []}},
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["409", "412", "400"]);
    let error = |result: &Value| {
        let error = &result["response"];
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(error["status"], result["status"]);
        error["scimType"].clone()
    };
    let kinds: Vec<_> = results.iter().map(error).collect();
    assert_eq!(kinds, [json!("uniqueness"), Value::Null, json!("invalidValue")]);
    assert_eq!((results[0].get("location"), &results[1]["location"]), (None, &user["meta"]["location"]));
    assert_eq!(provider.get(&path(&user)).await.expect(200), user);
}

#[tokio::test]
async fn blk_13_blk_14_what_is_wrong_or_refers_to_what_failed_fails_alone() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let results = bulk(
        &provider,
        json!([
            post("/Users", "bad", json!({"schemas": []})),
            post("/Groups", "g", group_of("G", &["bulkId:bad"])),
            post("/Groups", "h", group_of("H", &["bulkId:nowhere"])),
            {"method": "POST", "path": "/Users", "data": named("x@example.com")},
            {"method": "GET", "path": "/Users"},
            {"method": "PUT", "path": "/Users", "data": named("x@example.com")},
            {"method": "DELETE", "path": "/Printers/1"},
            post("/Users", "good", named("good@example.com")),
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["400", "400", "400", "400", "400", "405", "404", "201"]);
    assert_eq!((rows(&app, "scim_users").await, rows(&app, "scim_groups").await), (1, 0));
}

#[tokio::test]
async fn blk_12_blk_16_a_request_that_is_none_or_is_too_large_does_nothing() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let users = |number: usize| {
        let one =
            |number: usize| post("/Users", &number.to_string(), named(&format!("u{number}@example.com")));
        (0..number).map(one).collect::<Value>()
    };
    for body in [json!({}), json!({"schemas": [BULK]}), json!({"schemas": [BULK], "Operations": 1})] {
        expect_error(provider.post(PLACE, body).await, 400, Some("invalidSyntax"));
    }
    let error = expect_error(provider.post(PLACE, request(users(1_001))).await, 413, None);
    assert!(error["detail"].as_str().unwrap().contains("1000"), "{error}");
    let large = request(json!([post("/Users", "a", named(&"x".repeat(1 << 20)))]));
    let error = expect_error(provider.post(PLACE, large).await, 413, None);
    assert!(error["detail"].as_str().unwrap().contains("1048576"), "{error}");
    assert_eq!(rows(&app, "scim_users").await, 0);
    assert_eq!(bulk(&provider, json!([])).await.len(), 0);
}

#[tokio::test]
async fn a_bulk_request_that_is_sent_again_under_its_key_is_done_once() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let provider = provider.with_header("idempotency-key", "import-1");
    let body = request(json!([post("/Users", "a", named("a")), post("/Users", "b", json!({}))]));
    let first = provider.post(PLACE, body.clone()).await.expect(200);
    let again = provider.post(PLACE, body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(200), first);
    assert_eq!((rows(&app, "scim_users").await, app.audit_count("scim.user.created").await), (1, 1));
    expect_error(provider.post(PLACE, request(json!([]))).await, 422, None);
}

/// A circle, which takes a second look at each, and one that fails.
fn circle() -> Value {
    request(json!([
        post("/Groups", "a", group_of("A", &["bulkId:b", "bulkId:u"])),
        post("/Groups", "b", group_of("B", &["bulkId:a"])),
        post("/Users", "u", named("u")),
        post("/Users", "nobody", json!({})),
    ]))
}

async fn expect_one_circle(app: &TestApp) {
    let counts = [rows(app, "scim_users").await, rows(app, "scim_groups").await];
    let events = ["user", "group"].map(|kind| format!("scim.{kind}.created"));
    assert_eq!(counts, [1, 2]);
    assert_eq!([app.audit_count(&events[0]).await, app.audit_count(&events[1]).await], [1, 2]);
}

/// What is answered in the end to who sends it again while another sending is under way.
async fn answer_to_circle(provider: &Actor) -> Value {
    loop {
        let answer = provider.post(PLACE, circle()).await;
        if answer.status != 409 {
            return answer.expect(200);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn w_09_of_bulk_requests_sent_at_once_under_one_key_on_two_nodes_each_operation_is_done_once() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let provider = provider.with_header("idempotency-key", "import-1");
    let other = app.another_node().await;
    let there = other.called_by(&provider);
    let (here, there) = at_once(&app, answer_to_circle(&provider), answer_to_circle(&there)).await;
    assert_eq!(here, there);
    // Neither found in its way what the other had just done.
    assert_eq!(statuses(here["Operations"].as_array().unwrap()), ["201", "201", "201", "400"]);
    expect_one_circle(&app).await;
}

#[tokio::test]
async fn w_09_a_bulk_request_whose_answer_was_lost_with_its_server_goes_on_where_it_was() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let provider = provider.with_header("idempotency-key", "import-1");
    let first = provider.post(PLACE, circle()).await.expect(200);
    // The server was killed before the answer was kept, and before the last operation that succeeded.
    let lost = "delete from idempotency_keys where key in ('import-1', E'import-1\\x1f2')";
    assert_eq!(app.superuser.execute(lost, &[]).await.unwrap(), 2);
    let user = first["Operations"][2]["location"].as_str().unwrap().to_owned();
    let user = user.strip_prefix("http://elder.test").unwrap();
    provider.delete(user).await.expect(204);
    let again = provider.post(PLACE, circle()).await.expect(200);
    let of = |answer: &Value, index: usize| answer["Operations"][index]["location"].clone();
    assert_eq!([of(&again, 0), of(&again, 1)], [of(&first, 0), of(&first, 1)]);
    assert_eq!([rows(&app, "scim_users").await, rows(&app, "scim_groups").await], [1, 2]);
    // Another request finds the operations of this one.
    app.superuser.execute("delete from idempotency_keys where key = 'import-1'", &[]).await.unwrap();
    let other = request(json!([post("/Groups", "c", group_of("C", &[]))]));
    expect_error(provider.post(PLACE, other).await, 422, None);
    assert_eq!(rows(&app, "scim_groups").await, 2);
}

#[tokio::test]
async fn auth_2_a_token_that_may_only_read_does_nothing_in_bulk() {
    let app = TestApp::start().await;
    let (directory, provider) = app.directory().await;
    app.superuser.execute("update scim_tokens set can_write = false", &[]).await.unwrap();
    expect_error(provider.post(PLACE, request(json!([post("/Users", "a", ana())]))).await, 403, None);
    let place = format!("/scim/v2/{directory}/Groups");
    expect_error(provider.post(&place, group_of("G", &[])).await, 403, None);
    assert_eq!(rows(&app, "scim_users").await, 0);
    provider.get(&place).await.expect(200);
}
