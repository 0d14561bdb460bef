//! Devices: what they show at a sign-in, how they are remembered and withdrawn.

use chrono::Duration;
use elder_portal_users::forget_ended;
use elder_testkit::{Answer, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::people::{create, holder, login};

const WRONG: &str = "wrong horse battery staple";

async fn login_with(app: &TestApp, email: &str, password: &str, device: &str) -> Answer {
    let body = json!({ "email": email, "password": password, "device_token": device });
    app.guest().post("/api/v2/auth/login", body).await
}

/// Signs in, and gives the token of the new device.
async fn new_device(app: &TestApp, email: &str) -> String {
    device_token(&login(app, email, PASSWORD, None).await.expect(200))
}

fn device_token(signed_in: &Value) -> String {
    signed_in["device_token"].as_str().expect("a new device gets a token").to_owned()
}

fn same(mut problem: Value) -> Value {
    problem["request_id"] = Value::Null;
    problem
}

#[tokio::test]
async fn a_device_gets_its_token_once_and_is_known_by_it() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let firefox = app.guest().with_header("user-agent", "Mozilla/5.0 (X11; Linux) Firefox/140.0");
    let body = json!({ "email": "ana@acme.com", "password": PASSWORD });
    let device = device_token(&firefox.post("/api/v2/auth/login", body.clone()).await.expect(200));
    app.clock.advance(Duration::minutes(1));
    let mut again = body.clone();
    again["device_token"] = json!(device);
    let tokens = firefox.post("/api/v2/auth/login", again).await.expect(200);
    assert!(tokens.get("device_token").is_none());
    let (ana, _) = holder(&app, &tokens);
    let devices = ana.get("/api/v2/me/devices").await.expect(200);
    assert_eq!(devices["data"].as_array().unwrap().len(), 1);
    let shown = &devices["data"][0];
    assert_eq!((&shown["name"], &shown["is_current"]), (&json!("Firefox on Linux"), &json!(true)));
    assert!(shown["first_seen_at"].as_str().unwrap() < shown["last_seen_at"].as_str().unwrap());
    firefox.post("/api/v2/auth/login", body).await.expect(200);
    let devices = ana.get("/api/v2/me/devices").await.expect(200);
    assert_eq!(devices["data"].as_array().unwrap().len(), 2, "who shows nothing is new");
    let sessions = ana.get("/api/v2/me/sessions").await.expect(200);
    let session =
        sessions["data"].as_array().unwrap().iter().find(|each| each["is_current"] == true).unwrap();
    assert_eq!((&session["device_id"], &session["device_name"]), (&shown["id"], &shown["name"]));
}

#[tokio::test]
async fn p_28_a_device_token_opens_nothing_by_itself() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    create(&admin, "ana@acme.com").await;
    create(&admin, "bob@acme.com").await;
    let device = new_device(&app, "ana@acme.com").await;
    app.guest().with_token(&device).get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let refresh = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": device })).await;
    refresh.expect_problem(401, "invalid_refresh_token");
    login_with(&app, "ana@acme.com", WRONG, &device).await.expect_problem(401, "invalid_credentials");
    // Somebody else's, an altered one and another kind of token show nothing: the device is a new one.
    let tokens = login(&app, "bob@acme.com", PASSWORD, None).await.expect(200);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    for shown in [device.as_str(), &device[..device.len() - 1], refresh_token, "elder_dev_nonsense", ""] {
        device_token(&login_with(&app, "bob@acme.com", PASSWORD, shown).await.expect(200));
    }
    let stored: Vec<u8> = {
        let row = app.superuser.query_one("select secret_hash from devices order by id limit 1", &[]).await;
        row.unwrap().get(0)
    };
    assert_eq!(stored.len(), 32, "its hash alone is kept");
}

#[tokio::test]
async fn p_12_a_lock_made_by_strangers_does_not_keep_the_owner_out() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let device = new_device(&app, "ana@acme.com").await;
    for _ in 0..10 {
        login(&app, "ana@acme.com", WRONG, None).await.expect_problem(401, "invalid_credentials");
        app.clock.advance(Duration::seconds(10));
    }
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    login_with(&app, "ana@acme.com", PASSWORD, &device).await.expect(200);
    // The owner's sign-in opens the lock for nobody else, and even past the last guess of strangers the owner gets in.
    let stranger =
        login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    let guess = login_with(&app, "ana@acme.com", WRONG, &device).await;
    assert_eq!(same(guess.expect_problem(401, "invalid_credentials")), same(stranger));
    let exhausted = "update portal_users set failed_in_a_row = 90 where email = 'ana@acme.com'";
    app.superuser.batch_execute(exhausted).await.unwrap();
    app.clock.advance(Duration::days(400));
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    login_with(&app, "ana@acme.com", PASSWORD, &device).await.expect(200);
    login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn p_11_a_device_is_no_way_round_the_limit() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let device = new_device(&app, "ana@acme.com").await;
    let exhausted = "update portal_users set failed_in_a_row = 90 where email = 'ana@acme.com'";
    app.superuser.batch_execute(exhausted).await.unwrap();
    for _ in 0..10 {
        app.clock.advance(Duration::days(1));
        login_with(&app, "ana@acme.com", WRONG, &device).await.expect_problem(401, "invalid_credentials");
    }
    app.clock.advance(Duration::days(400));
    login_with(&app, "ana@acme.com", PASSWORD, &device).await.expect_problem(401, "invalid_credentials");
    let why =
        "select count(*) filter (where reason = 'wrong_password'), count(*) filter (where reason = 'locked')
        from audit_logs where action = 'session.refused'";
    let row = app.superuser.query_one(why, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (10, 1));
}

#[tokio::test]
async fn p_11_guesses_made_at_once_with_a_device_are_counted_one_by_one() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let device = new_device(&app, "ana@acme.com").await;
    let guesses = (0..8).map(|_| login_with(&app, "ana@acme.com", WRONG, &device));
    futures_util::future::join_all(guesses).await;
    // The third has made the next one wait, and the clock stands still.
    let evaluated = "select count(*) from audit_logs where reason = 'wrong_password'";
    let count: i64 = app.superuser.query_one(evaluated, &[]).await.unwrap().get(0);
    assert_eq!(count, 3);
    login_with(&app, "ana@acme.com", PASSWORD, &device).await.expect_problem(401, "invalid_credentials");
    // What failed on one device is no other's.
    login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn i_rename_and_withdraw_my_own_devices_alone() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    create(&admin, "ana@acme.com").await;
    create(&admin, "bob@acme.com").await;
    let first = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let second = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let (here, _) = holder(&app, &first);
    let (there, there_refresh) = holder(&app, &second);
    let (bob, _) = holder(&app, &login(&app, "bob@acme.com", PASSWORD, None).await.expect(200));
    let devices = here.get("/api/v2/me/devices").await.expect(200);
    let other = devices["data"].as_array().unwrap().iter().find(|each| each["is_current"] == false).unwrap();
    let path = format!("/api/v2/me/devices/{}", other["id"].as_str().unwrap());
    let name = json!({ "name": "Old laptop" });
    for stranger in [&bob, &admin, &app.other_tenant().await] {
        stranger.get(&path).await.expect_problem(404, "not_found");
        stranger.patch(&path, name.clone()).await.expect_problem(404, "not_found");
        stranger.delete(&path).await.expect_problem(404, "not_found");
    }
    here.patch(&path, json!({ "name": " " })).await.expect_problem(400, "validation_failed");
    assert_eq!(here.patch(&path, name.clone()).await.expect(200)["name"], "Old laptop");
    here.patch(&path, name).await.expect(200);
    assert_eq!(app.audit_count("device.updated").await, 1, "a patch that changes nothing leaves no event");
    let stale = here.with_header("if-match", "\"stale\"");
    stale.delete(&path).await.expect_problem(412, "version_mismatch");
    there.get("/api/v2/me").await.expect(200);
    here.delete(&path).await.expect(204);
    there.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let refresh = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": there_refresh })).await;
    refresh.expect_problem(401, "invalid_refresh_token");
    here.get("/api/v2/me").await.expect(200);
    here.get(&path).await.expect_problem(404, "not_found");
    let again = login_with(&app, "ana@acme.com", PASSWORD, &device_token(&second)).await.expect(200);
    assert_ne!(device_token(&again), device_token(&second), "it is a stranger from now on");
}

#[tokio::test]
async fn what_ended_long_ago_is_forgotten_as_the_tenant_says() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    create(&app.other_tenant().await, "bob@globex.com").await;
    for email in ["ana@acme.com", "bob@globex.com"] {
        let (person, _) = holder(&app, &login(&app, email, PASSWORD, None).await.expect(200));
        person.post("/api/v2/auth/logout", json!({})).await.expect(204);
    }
    let soon =
        "update tenants set settings = '{\"retention\": {\"ended_sessions_days\": 1}}' where slug = 'acme'";
    app.superuser.batch_execute(soon).await.unwrap();
    let left = async |app: &TestApp| {
        let count = "select t.slug || ' ' || (select count(*) from sessions s join portal_users u
                on u.tenant_id = s.tenant_id and u.id = s.user_id where s.tenant_id = t.id and u.email like '%.com'
                and u.email not like '%@example.com')
            || ' ' || (select count(*) from devices d where d.tenant_id = t.id)
            from tenants t where t.slug in ('acme', 'globex') order by t.slug";
        let rows = app.superuser.query(count, &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    // The first round deletes the sessions, the next their devices.
    let clean = async || {
        forget_ended(&app.worker).await.unwrap();
        forget_ended(&app.worker).await.unwrap();
    };
    app.clock.advance(Duration::hours(23));
    clean().await;
    assert_eq!(left(&app).await, ["acme 1 1", "globex 1 1"]);
    app.clock.advance(Duration::hours(2));
    clean().await;
    assert_eq!(left(&app).await, ["acme 0 0", "globex 1 1"]);
    app.superuser.batch_execute("update tenants set legal_hold = true where slug = 'globex'").await.unwrap();
    app.clock.advance(Duration::days(91));
    clean().await;
    assert_eq!(left(&app).await, ["acme 0 0", "globex 1 1"], "a legal hold keeps everything");
    app.superuser.batch_execute("update tenants set legal_hold = false where slug = 'globex'").await.unwrap();
    clean().await;
    assert_eq!(left(&app).await, ["acme 0 0", "globex 0 0"]);
}
