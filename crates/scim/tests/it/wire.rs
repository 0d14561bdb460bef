//! What the tests send and what they demand.

use std::time::Duration;

use elder_testkit::{Answer, TestApp};
use futures_util::future::join3;
use serde_json::{Value, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A user as most providers send one.
pub(crate) fn ana() -> Value {
    json!({
        "schemas": [USER], "userName": "ana@example.com", "externalId": "00u1",
        "name": {"givenName": "Ana", "familyName": "Gruber"},
        "emails": [{"value": "ana@example.com", "type": "work", "primary": true}], "active": true,
    })
}

/// A user with nothing but a name.
pub(crate) fn named(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

/// A group of these members, who are given as resources.
pub(crate) fn group(name: &str, members: &[&Value]) -> Value {
    let members: Vec<_> = members.iter().map(|member| json!({"value": member["id"]})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

/// The ids of a group's members, in order.
pub(crate) fn members(group: &Value) -> Vec<&str> {
    let members = group.get("members").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut ids: Vec<_> = members.iter().map(|member| member["value"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

/// The ids of resources, in order.
pub(crate) fn ids<'a>(resources: &[&'a Value]) -> Vec<&'a str> {
    let mut ids: Vec<_> = resources.iter().map(|resource| resource["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

/// A query with these parameters.
pub(crate) fn query(path: &str, parameters: &[(&str, &str)]) -> String {
    let url = reqwest::Url::parse_with_params("http://elder.test/", parameters).unwrap();
    format!("{path}?{}", url.query().unwrap_or_default())
}

/// A PATCH of these operations.
pub(crate) fn patch(operations: &Value) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}

/// The path of a resource.
pub(crate) fn path(resource: &Value) -> String {
    let location = resource["meta"]["location"].as_str().unwrap();
    location.strip_prefix("http://elder.test").unwrap().to_owned()
}

/// Demands an error as RFC 7644 §3.12 words it; gives it.
#[track_caller]
pub(crate) fn expect_error(answer: Answer, status: u16, kind: Option<&str>) -> Value {
    assert_eq!(answer.header("content-type"), "application/scim+json", "{}: {}", answer.asked, answer.text);
    let body = answer.expect(status);
    assert_eq!(body["schemas"], json!([ERROR]));
    assert_eq!(body["status"], status.to_string());
    assert_eq!(body.get("scimType").and_then(Value::as_str), kind, "{body}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    body
}

/// How many rows of acme a table has.
pub(crate) async fn rows(app: &TestApp, table: &str) -> i64 {
    let count = format!("select count(*) from {table} where tenant_id = $1");
    app.superuser.query_one(&count, &[&app.acme.id.0]).await.unwrap().get(0)
}

/// Both at once: neither ends before each waits, for the other or to write its event.
pub(crate) async fn at_once<T>(
    app: &TestApp,
    first: impl Future<Output = T>,
    second: impl Future<Output = T>,
) -> (T, T) {
    let mut session = app.database.superuser().await;
    let kept_out = session.transaction().await.unwrap();
    kept_out.batch_execute("lock table audit_logs in share row exclusive mode").await.unwrap();
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'elder_app' and wait_event_type = 'Lock'";
    let let_in = async {
        while app.superuser.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        kept_out.commit().await.unwrap();
    };
    let (first, second, ()) = join3(first, second, let_in).await;
    (first, second)
}
