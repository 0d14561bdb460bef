//! Calls of the API in the audit log, also while PostgreSQL is away.

use std::{path::Path, time::Duration};

use elder_access::Asides;
use elder_testkit::{Options, TestApp};
use serde_json::{Value, json};

fn recorded(folder: Option<&Path>) -> Options {
    let asides = Asides { calls: true, folder: folder.map(Path::to_owned), most_bytes: 1 << 20 };
    Options { asides, ..Options::default() }
}

/// What was written of calls: route, path, status, outcome, kind of actor.
async fn calls(app: &TestApp) -> Vec<(String, String, i64, String, String)> {
    let find = "select resource_id, metadata->>'path', (metadata->>'status')::bigint, outcome, actor_type
        from audit_logs where action = 'api.called' and category = 'api_access' order by event_id";
    let rows = app.superuser.query(find, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))).collect()
}

async fn until(app: &TestApp, count: usize) {
    for _ in 0..200 {
        if calls(app).await.len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", calls(app).await);
}

/// Shuts the database to Elder, or opens it again.
async fn shut(app: &TestApp, shut: bool) {
    let (maintenance, name) = (app.database.maintenance().await, app.database.name());
    let allow = format!("alter database {name} with allow_connections {}", !shut);
    maintenance.batch_execute(&allow).await.unwrap();
    let end = "select pg_terminate_backend(pid) from pg_stat_activity
        where $2 and datname = $1 and usename in ('elder_app', 'elder_platform')";
    maintenance.execute(end, &[&name, &shut]).await.unwrap();
}

#[actix_web::test]
async fn each_call_leaves_its_route_status_and_sizes_and_not_what_was_searched_for() {
    let app = TestApp::start_with(recorded(None)).await;
    let (admin, nobody) = (app.tenant_admin().await, app.member(app.acme.id, None).await);
    let (_, provider) = app.directory().await;
    let user = admin.user.unwrap();
    let body = json!({ "email": "ada@acme.com", "full_name": "Ada" });
    let answer = admin.get("/api/v2/users?filter=email%20eq%20%22secret@acme.com%22").await;
    let id = answer.header("x-request-id").to_owned();
    admin.get(&format!("/api/v2/users/{user}")).await;
    admin.post("/api/v2/users", body.clone()).await;
    admin.post("/api/v2/users", body.clone()).await;
    nobody.get("/api/v2/users").await;
    provider.get("/scim/v2/Users").await;
    app.guest().get("/api/v2/users").await;
    app.guest().get("/livez").await;
    app.keeper.drain().await;

    let mut told = calls(&app).await;
    // The clock of a test stands still, so that they have no order.
    told.sort_unstable();
    let told: Vec<_> = told
        .iter()
        .map(|(route, path, status, outcome, actor)| {
            (route.as_str(), path.as_str(), *status, outcome.as_str(), actor.as_str())
        })
        .collect();
    let own = format!("/api/v2/users/{user}");
    assert_eq!(
        told,
        [
            ("GET /api/v2/users", "/api/v2/users", 200, "success", "user"),
            ("GET /api/v2/users", "/api/v2/users", 403, "denied", "user"),
            ("GET /api/v2/users/{user_id}", own.as_str(), 200, "success", "user"),
            ("GET /scim/v2/Users", "/scim/v2/Users", 200, "success", "directory"),
            ("POST /api/v2/users", "/api/v2/users", 201, "success", "user"),
            ("POST /api/v2/users", "/api/v2/users", 409, "failure", "user"),
        ]
    );
    let first = "select tenant_id, actor_user_id, metadata, to_jsonb(a)::text from audit_logs a
        where action = 'api.called' and correlation_id = $1";
    let row = app.superuser.query_one(first, &[&id]).await.unwrap();
    assert_eq!((row.get::<_, i32>(0), row.get::<_, uuid::Uuid>(1)), (app.acme.id.0, user.uuid()));
    let metadata: Value = row.get(2);
    assert!(
        metadata["response_bytes"].as_u64().unwrap() > 10 && metadata["duration_us"].is_u64(),
        "{metadata}"
    );
    assert!(!row.get::<_, String>(3).contains("secret@"), "what was searched for is nobody's business");
    let sent = "select max((metadata->>'request_bytes')::int) from audit_logs where action = 'api.called'";
    assert_eq!(
        usize::try_from(app.superuser.query_one(sent, &[]).await.unwrap().get::<_, i32>(0)).unwrap(),
        serde_json::to_vec(&body).unwrap().len()
    );
}

#[actix_web::test]
async fn a_tenant_chooses_which_calls_are_written() {
    let app = TestApp::start_with(recorded(None)).await;
    for (choice, written) in [("changes", 2), ("off", 2), ("all", 4)] {
        let set = "update tenants set settings = jsonb_set(settings, '{audit_api_calls}', to_jsonb($1::text)) where id = $2";
        app.superuser.execute(set, &[&choice, &app.acme.id.0]).await.unwrap();
        // A new session, so that nothing is believed of the setting before.
        let (admin, other) = (app.tenant_admin().await, app.other_tenant().await);
        admin.get("/api/v2/users").await;
        admin
            .post("/api/v2/users", json!({ "email": format!("{choice}@acme.com"), "full_name": "Ada" }))
            .await;
        if choice == "changes" {
            other.get("/api/v2/users").await;
        }
        until(&app, written).await;
    }
    app.keeper.drain().await;
    let mut told: Vec<_> = calls(&app).await.into_iter().map(|call| call.0).collect();
    told.sort_unstable();
    let (get, post) = ("GET /api/v2/users", "POST /api/v2/users");
    assert_eq!(told, [get, get, post, post], "one of each, the other tenant's, and what was changed");
}

#[actix_web::test]
async fn calls_wait_in_a_file_while_postgresql_is_away_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(recorded(Some(folder.path()))).await;
    let admin = app.tenant_admin().await;
    admin.get("/api/v2/users").await;
    until(&app, 1).await;

    let waiting = || std::fs::read_dir(folder.path()).unwrap().count();
    shut(&app, true).await;
    // Who is calling is still believed; what they ask for is not to be had.
    assert_eq!(admin.get("/api/v2/users").await.status, 503);
    for _ in 0..200 {
        if waiting() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(waiting(), 1, "one file");
    shut(&app, false).await;
    until(&app, 2).await;
    let mut told: Vec<_> = calls(&app).await.into_iter().map(|call| call.2).collect();
    told.sort_unstable();
    assert_eq!(told, [200, 503]);
    for _ in 0..100 {
        if waiting() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the file is still there");
}

#[actix_web::test]
async fn what_was_said_waits_sealed_and_what_comes_after_an_erasure_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(recorded(Some(folder.path()))).await;
    let admin = app.tenant_admin().await;
    let all = json!({ "settings": { "audit_api_bodies": "all" } });
    admin.patch("/api/v2/tenant", all).await.expect(200);
    let kept = || async {
        let row = app.superuser.query_one("select count(*) from audit_bodies", &[]).await.unwrap();
        row.get::<_, i64>(0)
    };
    let named = json!({ "name": "Plainly Said" });
    admin.post("/api/v2/organizations", named.clone()).await.expect(201);
    // So that who is calling is believed.
    admin.get("/api/v2/organizations").await.expect(200);
    until(&app, 3).await;
    assert_eq!(kept().await, 2);

    shut(&app, true).await;
    assert_eq!(admin.post("/api/v2/organizations", named).await.status, 503);
    let mut file = None;
    for _ in 0..200 {
        file = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).next();
        if file.as_ref().is_some_and(|path| path.extension().is_some_and(|end| end == "ndjson")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let waits = std::fs::read_to_string(file.unwrap()).unwrap();
    assert!(waits.contains("POST /api/v2/organizations") && !waits.contains("Plainly"), "{waits}");
    let erased = "insert into person_keys (tenant_id, person, sealed, erased_at) values ($1, gen_random_uuid(), null, $2)";
    app.superuser.execute(erased, &[&app.acme.id.0, &app.seam.now()]).await.unwrap();
    shut(&app, false).await;
    until(&app, 4).await;
    assert_eq!(kept().await, 2, "it was said before somebody was erased");
}

#[actix_web::test]
async fn what_a_node_could_not_write_before_it_stopped_its_next_start_does_once() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Options::default()).await;
    let admin = app.tenant_admin().await;
    let node = app.another_node_with(recorded(Some(folder.path()))).await;
    assert_eq!(node.called_by(&admin).get("/api/v2/users").await.status, 200);
    shut(&app, true).await;
    node.drain().await;
    drop(node);
    shut(&app, false).await;
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    // As if it had been killed after it was written and before it was removed.
    std::fs::copy(&files[0], folder.path().join("000000000007.ndjson")).unwrap();
    let _node = app.another_node_with(recorded(Some(folder.path()))).await;
    until(&app, 1).await;
    for _ in 0..100 {
        if std::fs::read_dir(folder.path()).unwrap().count() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(calls(&app).await.len(), 1, "once");
}
