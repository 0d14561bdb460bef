//! What an error tells: its code and the request's id, and nothing of the inside.

use elder_testkit::{Actor, Answer, TestApp};
use serde_json::json;

/// What no answer may hold: words of SQL, of the database, of the code and of the machine.
const INSIDE: [&str; 24] = [
    "select ",
    "insert into",
    "constraint",
    "duplicate key",
    "relation",
    "portal_users",
    "pg_",
    "postgres",
    "elder_app",
    "elder_platform",
    "sqlstate",
    "tokio",
    "deadpool",
    "panicked",
    "backtrace",
    ".rs:",
    "crates/",
    "/tmp/",
    "socket",
    "localhost",
    "127.0.0.1",
    "connection refused",
    "row-level",
    "os error",
];

/// Demands a problem of this code that holds the request's id and nothing of the inside.
#[track_caller]
fn assert_tells_nothing(answer: Answer, status: u16, code: &str) {
    let (id, text) = (answer.header("x-request-id").to_owned(), answer.text.to_lowercase());
    let asked = answer.asked.clone();
    let problem = answer.expect_problem(status, code);
    assert_eq!(problem["request_id"], *id, "{asked}");
    assert!(!id.is_empty(), "{asked}");
    for word in INSIDE {
        assert!(!text.contains(word), "{asked}: `{word}` in {text}");
    }
}

async fn kinds_of_requests(app: &TestApp, actor: &Actor) -> Vec<Answer> {
    let login = json!({ "email": "ann@example.com", "password": "correct horse battery staple" });
    vec![
        actor.get("/api/v2/users").await,
        actor.get("/api/v2/me").await,
        actor
            .post("/api/v2/roles", json!({ "name": "r", "tier": "tenant", "permissions": ["users:read"] }))
            .await,
        app.guest().post("/api/v2/auth/login", login).await,
    ]
}

#[tokio::test]
async fn w_32_without_a_database_an_error_tells_nothing_of_the_inside() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.get("/api/v2/users").await.expect(200);
    let (_, provider) = app.directory().await;
    app.keeper.close();
    app.clock.advance(chrono::Duration::seconds(2));
    for answer in kinds_of_requests(&app, &admin).await {
        assert_eq!(answer.header("retry-after"), "1", "{}: {}", answer.asked, answer.text);
        assert_tells_nothing(answer, 503, "unavailable");
    }
    let refused = provider.get("/scim/v2/Users").await;
    assert_eq!((refused.status, refused.body["status"].as_str()), (503, Some("503")), "{}", refused.text);
    assert!(!INSIDE.iter().any(|word| refused.text.to_lowercase().contains(word)), "{}", refused.text);
}

/// A statement that fails for a reason that nobody thought of.
#[tokio::test]
async fn w_32_an_unforeseen_fault_of_the_database_tells_nothing_of_the_inside() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let role = |name: &str| json!({ "name": name, "tier": "tenant", "permissions": ["users:read"] });
    admin.post("/api/v2/roles", role("before")).await.expect(201);
    let break_it = "
        alter table roles add constraint portal_users_unforeseen check (name <> 'refused');
        create function pg_boom() returns trigger language plpgsql as
            $$ begin raise exception 'duplicate key in /tmp/x.rs:1, select from portal_users'; end $$;
        create trigger boom before update on roles for each row execute function pg_boom()";
    app.superuser.batch_execute(break_it).await.unwrap();
    assert_tells_nothing(admin.post("/api/v2/roles", role("refused")).await, 409, "conflict");
    let id = admin.post("/api/v2/roles", role("taken")).await.expect(201)["id"].as_str().unwrap().to_owned();
    let changed = admin.patch(&format!("/api/v2/roles/{id}"), json!({ "name": "other" })).await;
    assert_tells_nothing(changed, 500, "internal_error");
    app.superuser.batch_execute("alter table organizations rename to gone").await.unwrap();
    assert_tells_nothing(admin.get("/api/v2/organizations").await, 500, "internal_error");
}

#[tokio::test]
async fn w_32_an_error_of_the_caller_tells_nothing_of_the_inside() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let role = json!({ "name": "twice", "tier": "tenant", "permissions": ["users:read"] });
    admin.post("/api/v2/roles", role.clone()).await.expect(201);
    assert_tells_nothing(admin.post("/api/v2/roles", role).await, 409, "already_exists");
    for (body, code) in [
        ("{", "malformed_json"),
        (r#"{"name":1}"#, "validation_failed"),
        (r#"{"name":"x","tier":"nowhere","permissions":[]}"#, "validation_failed"),
        (r#"{"surprise":1}"#, "unknown_field"),
    ] {
        let method = reqwest::Method::POST;
        let answer = admin.send_bytes(method, "/api/v2/roles", "application/json", Some(body.into())).await;
        assert_tells_nothing(answer, 400, code);
    }
    assert_tells_nothing(admin.get("/api/v2/roles?cursor=x").await, 400, "invalid_cursor");
    assert_tells_nothing(admin.get("/api/v2/roles?limit=x").await, 400, "invalid_parameter");
    assert_tells_nothing(admin.get("/api/v2/roles/rol_x").await, 400, "invalid_id");
    assert_tells_nothing(admin.with_token("x").get("/api/v2/roles").await, 401, "unauthenticated");
    assert_tells_nothing(admin.get("/api/v2/nowhere").await, 404, "route_not_found");
}
