//! What the guards share: every route with its catalogue entry, and the digest of everything that is stored.

use std::{fmt::Write as _, sync::LazyLock};

use elder_access::{Level, PermissionRow, PermissionSet, Tier};
use elder_http::Route;
use elder_testkit::{Actor, Answer, Endpoint, Fixture, TestApp, catalogue};
use reqwest::Method;
use serde_json::Value;

/// After it every budget is full again, so that the headers of two answers differ only if the requests cost differently.
pub(crate) const REFILL: chrono::Duration = chrono::Duration::milliseconds(1);

/// Every route of the server, with how to call it.
pub(crate) fn endpoints() -> Vec<(Route, Endpoint)> {
    let catalogue = catalogue();
    let api = elder_server::api();
    let mut endpoints = Vec::new();
    for route in api.routes() {
        let found =
            catalogue.iter().find(|entry| entry.method == route.method.as_str() && entry.path == route.path);
        let Some(entry) = found else {
            panic!(
                "{} {} is not in the catalogue: add a line to crates/testkit/src/catalogue.rs",
                route.method, route.path
            );
        };
        endpoints.push((route.clone(), entry.clone()));
    }
    assert_eq!(endpoints.len(), catalogue.len(), "the catalogue names routes that do not exist");
    endpoints
}

/// The good case before the refusals: who may read, does.
pub(crate) async fn reads_work(app: &TestApp, ids: &Fixture) {
    let mut read = 0;
    for (route, endpoint) in &endpoints() {
        if endpoint.method == "GET" && is_guarded(route) && endpoint.own_test.is_none() {
            let answer = call(&rightful(app, route, ids).await, endpoint, ids).await;
            assert_eq!(answer.status, endpoint.status, "{}: {}", answer.asked, answer.text);
            read += 1;
        }
    }
    assert!(read > 20, "{read}");
}

/// Whether something stands before a route that knows who is calling.
pub(crate) fn is_guarded(route: &Route) -> bool {
    !matches!(route.gate.kind, "public" | "guest")
}

/// The permission that a route needs.
pub(crate) fn permission(route: &Route) -> Option<&'static PermissionRow> {
    route.gate.name.parse().ok()
}

/// Whether a built-in role of a tenant holds it.
pub(crate) fn holds(level: Option<Level>, row: &PermissionRow) -> bool {
    let held = level.map(|level| PermissionSet::built_in(level, &[Tier::Tenant, Tier::Organization]));
    held.unwrap_or_default().holds(row)
}

/// Calls an endpoint with the ids of `ids` and the body of `body`.
pub(crate) async fn call(actor: &Actor, endpoint: &Endpoint, ids: &Fixture) -> Answer {
    let method = Method::from_bytes(endpoint.method.as_bytes()).unwrap();
    let body = endpoint.body.as_ref().map(|body| ids.body(body));
    let answer = actor.send(method, &ids.path(endpoint), body).await;
    expect_documented(endpoint, &answer);
    answer
}

/// Demands that the API's document knows the status of an answer, and the code of a problem.
#[track_caller]
pub(crate) fn expect_documented(endpoint: &Endpoint, answer: &Answer) {
    static DOCUMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::to_value(elder_server::openapi()).unwrap());
    let operation = &DOCUMENT["paths"][&endpoint.path][endpoint.method.to_lowercase()];
    let documented = &operation["responses"][answer.status.to_string()];
    assert!(documented.is_object(), "{}: {} is not documented", answer.asked, answer.status);
    if answer.headers.get("content-type").is_some_and(|kind| kind == "application/problem+json") {
        let codes = documented["x-elder-error-codes"].as_array().unwrap();
        assert!(codes.contains(&answer.body["code"]), "{}: {} is not documented", answer.asked, answer.text);
    }
}

/// What differs for every request, and whether the refusal went out before the body had come in.
const PASSING: [&str; 3] = ["date", "x-request-id", "connection"];

/// What a caller can see of an answer, without what differs for every request.
pub(crate) fn visible(answer: &Answer, path: &str) -> String {
    let mut body = answer.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("request_id");
    }
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !PASSING.contains(&name.as_str())).collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    format!("{} {headers:?} {body}", answer.status).replace(path, "(the path)")
}

/// Somebody who holds exactly what the route declares.
pub(crate) async fn rightful(app: &TestApp, route: &Route, ids: &Fixture) -> Actor {
    match route.gate.kind {
        "permission" if is_scim(route) => provider(app, ids).await,
        "permission" => app.member_holding(ids.tenant, route.gate.name).await,
        "global_permission" => app.operator().await,
        "own_account" => app.guest().with_token(&ids.user_token),
        _ => app.guest(),
    }
}

/// Who pushes into the fixture's directory. The use of a token is written down once a minute: here, and by no later
/// call, because the clock stands still.
pub(crate) async fn provider(app: &TestApp, ids: &Fixture) -> Actor {
    let provider = app.guest().with_token(&ids.scim_token);
    provider.get("/scim/v2/Users").await.expect(200);
    until_used(app, "scim_tokens", ids).await;
    provider
}

/// Waits until the use of a credential of the fixture's tenant is written down, which happens beside the request.
pub(crate) async fn until_used(app: &TestApp, table: &str, ids: &Fixture) {
    let used =
        format!("select exists (select from {table} where tenant_id = $1 and last_used_at is not null)");
    while !app.superuser.query_one(&used, &[&ids.tenant.0]).await.unwrap().get::<_, bool>(0) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Whether the route speaks SCIM.
pub(crate) fn is_scim(route: &Route) -> bool {
    route.path.starts_with("/scim/")
}

/// A digest of every row of every table but the one that denials are written to.
pub(crate) async fn digest(app: &TestApp) -> String {
    let tables =
        "select c.relname::text from pg_class c where c.relkind in ('r', 'p') and not c.relispartition
        and c.relnamespace = 'public'::regnamespace and c.relname not in
            -- What is refused is told, under a key of who was refused.
            ('refinery_schema_history', 'audit_logs', 'person_keys') order by 1";
    let mut digest = String::new();
    for row in app.superuser.query(tables, &[]).await.unwrap() {
        let table: &str = row.get(0);
        let sum = format!(
            "select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from public.{table} t"
        );
        let sum = app.superuser.query_one(&sum, &[]).await.unwrap();
        writeln!(digest, "{table}={}", sum.get::<_, &str>(0)).unwrap();
    }
    digest
}
