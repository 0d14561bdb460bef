//! Signing in, staying signed in, signing out.

use std::num::NonZeroUsize;

use chrono::Duration;
use elder_testkit::{Answer, Options, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::{
    notice::kinds,
    people::{create, holder, login},
};

fn same(mut problem: Value) -> Value {
    problem["request_id"] = Value::Null;
    problem
}

#[tokio::test]
async fn a_right_password_gives_tokens_that_work() {
    let app = TestApp::start().await;
    let user = create(&app.tenant_admin().await, "ana@acme.com").await;
    let tokens = login(&app, "ANA@acme.com", PASSWORD, Some("acme")).await.expect(200);
    assert_eq!((&tokens["token_type"], &tokens["user"]["id"]), (&json!("Bearer"), &json!(user)));
    let (ana, _) = holder(&app, &tokens);
    assert_eq!(ana.get("/api/v2/me").await.expect(200)["id"], json!(user));
    assert_eq!(app.audit_count("session.started").await, 1);
}

#[tokio::test]
async fn p_08_every_refusal_is_the_same() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant_admin().await, app.other_tenant().await);
    create(&acme, "ana@acme.com").await;
    let inactive = create(&acme, "off@acme.com").await;
    acme.post(&format!("/api/v2/users/{inactive}/deactivate"), json!({})).await.expect(200);
    create(&acme, "locked@acme.com").await;
    let lock =
        "update portal_users set locked_until = now() + interval '1 day' where email = 'locked@acme.com'";
    app.superuser.batch_execute(lock).await.unwrap();
    acme.post("/api/v2/users", json!({ "email": "none@acme.com" })).await.expect(201);
    create(&globex, "bob@globex.com").await;
    app.superuser.batch_execute("update tenants set is_active = false where slug = 'globex'").await.unwrap();
    let wrong = "wrong horse battery staple";
    let mut answers = Vec::new();
    for (email, password, tenant) in [
        ("ana@acme.com", wrong, Some("acme")),
        ("nobody@acme.com", PASSWORD, Some("acme")),
        ("off@acme.com", PASSWORD, Some("acme")),
        ("locked@acme.com", PASSWORD, None),
        ("none@acme.com", PASSWORD, None),
        ("bob@globex.com", PASSWORD, Some("globex")),
        ("ana@acme.com", PASSWORD, Some("no-such-tenant")),
        ("no address", PASSWORD, None),
    ] {
        answers.push(same(
            login(&app, email, password, tenant).await.expect_problem(401, "invalid_credentials"),
        ));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(app.audit_count("session.refused").await, 8);
    assert_eq!(app.audit_count("session.started").await, 0);
}

#[tokio::test]
async fn p_11_too_many_failures_lock_the_account_for_a_while() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    for _ in 0..10 {
        login(&app, "ana@acme.com", "wrong", None).await.expect_problem(401, "invalid_credentials");
        app.clock.advance(Duration::seconds(10));
    }
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    app.clock.advance(Duration::minutes(15) + Duration::seconds(1));
    login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
}

#[tokio::test]
async fn p_10_no_more_than_ninety_guesses_of_strangers_in_a_row_are_evaluated() {
    let app = TestApp::start().await;
    let user = create(&app.tenant_admin().await, "ana@acme.com").await;
    let (mut answers, day) = (Vec::new(), Duration::days(1));
    for _ in 0..91 {
        // As slow as the longest lock: no guess is refused for coming too soon.
        app.clock.advance(day);
        let answer = login(&app, "ana@acme.com", "wrong", None).await;
        answers.push(same(answer.expect_problem(401, "invalid_credentials")));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "no answer tells how many are left");
    let why =
        "select count(*) filter (where reason = 'wrong_password'), count(*) filter (where reason = 'locked')
        from audit_logs where action = 'session.refused'";
    let row = app.superuser.query_one(why, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (90, 1));
    app.clock.advance(day * 365);
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");

    let another = json!({ "password": "another horse battery staple" });
    let path = format!("/api/v2/users/{user}/password");
    app.tenant_admin().await.put(&path, another).await.expect(204);
    login(&app, "ana@acme.com", "another horse battery staple", None).await.expect(200);
}

#[tokio::test]
async fn p_10_a_sign_in_takes_back_what_failed_before() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    for _ in 0..3 {
        for _ in 0..2 {
            login(&app, "ana@acme.com", "wrong", None).await.expect_problem(401, "invalid_credentials");
        }
        login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    }
}

async fn login_with(app: &TestApp, password: &str, device: &Value) -> Answer {
    let body = json!({ "email": "ana@acme.com", "password": password, "device_token": device });
    app.guest().post("/api/v2/auth/login", body).await
}

#[tokio::test]
async fn p_11_the_change_of_the_own_password_counts_at_the_counter_of_its_device() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let tokens = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let (ana, _) = holder(&app, &tokens);
    let login_there = |password| login_with(&app, password, &tokens["device_token"]);
    let guess = json!({ "current_password": "wrong", "password": "another horse battery staple" });
    for _ in 0..2 {
        ana.put("/api/v2/me/password", guess.clone()).await.expect_problem(400, "validation_failed");
    }
    login_there("wrong").await.expect_problem(401, "invalid_credentials");
    login_there(PASSWORD).await.expect_problem(401, "invalid_credentials");
    let right = json!({ "current_password": PASSWORD, "password": "weak" });
    let problem = ana.put("/api/v2/me/password", right).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/current_password", "and nothing of the new one");
}

#[tokio::test]
async fn p_11_a_guess_that_carries_a_condition_counts_like_any_other() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let tokens = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let (ana, _) = holder(&app, &tokens);
    let (ana, guest) = (ana.with_header("if-match", "\"x\""), app.guest().with_header("if-match", "\"x\""));
    let guess = json!({ "current_password": "wrong", "password": "another horse battery staple" });
    for _ in 0..2 {
        ana.put("/api/v2/me/password", guess.clone()).await.expect_problem(400, "validation_failed");
    }
    let device = &tokens["device_token"];
    let guess = json!({ "email": "ana@acme.com", "password": "wrong", "device_token": device });
    guest.post("/api/v2/auth/login", guess).await.expect_problem(401, "invalid_credentials");
    // The third has made the next one wait, though it is right.
    login_with(&app, PASSWORD, device).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn p_11_guesses_made_at_once_at_two_nodes_are_counted_one_by_one() {
    let options = || Options { waiting_passwords: NonZeroUsize::new(64), ..Options::default() };
    let app = TestApp::start_with(options()).await;
    let other = app.another_node_with(options()).await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let guests = [app.guest(), other.called_by(&app.guest())];
    let guess = json!({ "email": "ana@acme.com", "password": "wrong" });
    let guesses = (0..50).map(|n| guests[n % 2].post("/api/v2/auth/login", guess.clone()));
    let answers = futures_util::future::join_all(guesses).await;
    // The third has made the next one wait, and the clock stands still.
    let evaluated = "select count(*) filter (where reason = 'wrong_password'), count(*) from audit_logs
        where action = 'session.refused'";
    let row = app.superuser.query_one(evaluated, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (3, 50));
    let mut bodies: Vec<_> = answers.into_iter().map(|answer| (answer.status, same(answer.body))).collect();
    let right = login(&app, "ana@acme.com", PASSWORD, None).await;
    bodies.push((right.status, same(right.body)));
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
    assert_eq!(bodies[0].0, 401);
}

#[tokio::test]
async fn sign_ins_past_the_queue_are_told_to_come_again_and_others_are_answered() {
    let app =
        TestApp::start_with(Options { waiting_passwords: NonZeroUsize::new(1), ..Options::default() }).await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let admin = app.tenant_admin().await;
    let logins = (0..30).map(|_| login(&app, "ana@acme.com", PASSWORD, None));
    let (answers, other) = tokio::join!(futures_util::future::join_all(logins), admin.get("/api/v2/me"));
    other.expect(200);
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert!(count(200) > 0 && count(503) > 0 && count(200) + count(503) == 30, "{answers:?}");
    for answer in answers.into_iter().filter(|answer| answer.status == 503) {
        assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
        answer.expect_problem(503, "busy");
    }
}

#[tokio::test]
async fn without_a_tenant_those_are_asked_for_whose_password_fits() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant_admin().await, app.other_tenant().await);
    create(&acme, "ana@both.com").await;
    let other = json!({ "email": "ana@both.com", "password": "another horse battery staple" });
    globex.post("/api/v2/users", other).await.expect(201);
    login(&app, "ana@both.com", PASSWORD, None).await.expect(200);

    create(&acme, "bob@both.com").await;
    create(&globex, "bob@both.com").await;
    let problem = login(&app, "bob@both.com", PASSWORD, None).await.expect_problem(409, "tenant_required");
    let slugs: Vec<_> = problem["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["slug"]).collect();
    assert_eq!(slugs, ["acme", "globex"]);
    login(&app, "bob@both.com", "wrong", None).await.expect_problem(401, "invalid_credentials");
    login(&app, "bob@both.com", PASSWORD, Some(&app.globex.id.to_string())).await.expect(200);

    let own =
        "insert into tenant_domains (tenant_id, id, domain, verification_token, verified_at, verified_by)
        values ($1, gen_random_uuid(), 'both.com', '', now(), 'dns')";
    app.superuser.execute(own, &[&app.globex.id.0]).await.unwrap();
    let tokens = login(&app, "bob@both.com", PASSWORD, None).await.expect(200);
    let (bob, _) = holder(&app, &tokens);
    assert_eq!(bob.get("/api/v2/me").await.expect(200)["tenant"]["slug"], "globex");
}

#[tokio::test]
async fn p_30_a_refresh_token_is_good_once_and_its_reuse_ends_the_family() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    create(&admin, "ana@acme.com").await;
    let contacts = json!({ "settings": { "notification": { "security_contacts": ["soc@acme.com"] } } });
    admin.patch("/api/v2/tenant", contacts).await.expect(200);
    let (ana, first) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let refresh =
        async |token: &str| app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": token })).await;
    let (_, second) = holder(&app, &refresh(&first).await.expect(200));
    let (_, third) = holder(&app, &refresh(&second).await.expect(200));
    app.clock.advance(Duration::seconds(11));
    refresh(&second).await.expect_problem(401, "invalid_refresh_token");
    assert_eq!(app.audit_count("session.refresh_reused").await, 1);
    assert_eq!(kinds(&app, "soc@acme.com").await, ["security_alert"]);
    refresh(&third).await.expect_problem(401, "invalid_refresh_token");
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    refresh("elder_rt_nonsense").await.expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn tokens_and_sessions_end_with_time() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let (ana, refresh) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    app.clock.advance(Duration::seconds(606));
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    app.clock.advance(Duration::hours(12));
    let late = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": refresh })).await;
    late.expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let (ana, refresh) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    ana.post("/api/v2/auth/logout", json!({})).await.expect(204);
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let again = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": refresh })).await;
    again.expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn during_maintenance_global_admins_alone_get_in() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let (_, refresh) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let close =
        r#"update platform_settings set maintenance = '{"message":"back soon","retry_after_seconds":60}'"#;
    app.superuser.batch_execute(close).await.unwrap();
    app.clock.advance(Duration::seconds(1));
    let shut = login(&app, "ana@acme.com", PASSWORD, None).await;
    assert_eq!(shut.header("retry-after"), "60");
    shut.expect_problem(503, "maintenance");
    login(&app, "ana@acme.com", "wrong", None).await.expect_problem(401, "invalid_credentials");
    let renewed = app.guest().post("/api/v2/auth/refresh", json!({ "refresh_token": refresh })).await;
    renewed.expect_problem(503, "maintenance");
}

#[tokio::test]
async fn the_public_keys_are_public_and_hold_no_secret() {
    let app = TestApp::start().await;
    let answer = app.guest().get("/.well-known/jwks.json").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=600");
    let keys = answer.expect(200);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(keys["keys"][0].get("d").is_none());
}
