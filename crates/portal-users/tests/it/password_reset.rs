//! Forgotten passwords.

use chrono::Duration;
use elder_testkit::{Actor, Answer, PASSWORD, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    mailbox::{demand_hidden, disguised, mails, set, token, token_in},
    people::{create, holder, login},
};

const NEW: &str = "another horse battery staple";

async fn forget(app: &TestApp, email: &str, tenant: Option<&str>) -> Answer {
    app.guest().post("/api/v2/auth/password/forgot", json!({ "email": email, "tenant": tenant })).await
}

async fn reset(guest: &Actor, token: &str, password: &str) -> Answer {
    guest.post("/api/v2/auth/password/reset", json!({ "token": token, "password": password })).await
}

/// A tenant with Ana, who has forgotten her password, and the token that was mailed to her.
async fn forgotten() -> (TestApp, Actor, String, String) {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    forget(&app, "ANA@acme.com", None).await.expect(202);
    let token = token(&app, "ana@acme.com").await;
    (app, admin, user, token)
}

#[tokio::test]
async fn a_mailed_link_sets_another_password_proves_the_address_and_ends_all_sessions() {
    let (app, admin, user, token) = forgotten().await;
    let (ana, refresh) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    demand_hidden(&app, &token).await;
    let done = reset(&app.guest(), &token, NEW).await;
    assert_eq!((done.status, done.text.as_str()), (204, ""), "it signs nobody in (P-25)");
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let body = json!({ "refresh_token": refresh });
    app.guest().post("/api/v2/auth/refresh", body).await.expect_problem(401, "invalid_refresh_token");
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    login(&app, "ana@acme.com", NEW, None).await.expect(200);
    let user = admin.get(&format!("/api/v2/users/{user}")).await.expect(200);
    assert_eq!(user["email_verified"], true);
    assert_eq!(app.audit_count("portal_user.password_reset_requested").await, 1);
    assert_eq!(app.audit_count("portal_user.password_reset").await, 1);
}

#[tokio::test]
async fn p_25_a_link_is_good_once_for_half_an_hour_and_a_newer_one_ends_it() {
    let (app, _, _, first) = forgotten().await;
    forget(&app, "ana@acme.com", Some("acme")).await.expect(202);
    let second = token(&app, "ana@acme.com").await;
    reset(&app.guest(), &first, NEW).await.expect_problem(401, "invalid_link");
    reset(&app.guest(), &second, NEW).await.expect(204);
    reset(&app.guest(), &second, PASSWORD).await.expect_problem(401, "invalid_link");
    forget(&app, "ana@acme.com", None).await.expect(202);
    let third = token(&app, "ana@acme.com").await;
    app.clock.advance(Duration::minutes(30));
    reset(&app.guest(), &third, PASSWORD).await.expect_problem(401, "invalid_link");
    login(&app, "ana@acme.com", NEW, None).await.expect(200);
}

#[tokio::test]
async fn p_25_of_fifty_who_use_a_link_at_once_one_succeeds() {
    let (app, _, _, token) = forgotten().await;
    let tries = (0..50).map(|number| {
        let (guest, token) = (app.guest(), token.clone());
        async move { reset(&guest, &token, &format!("{NEW} {number}")).await.status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [204, 401, 503].contains(status)), "{statuses:?}");
    assert_eq!(app.audit_count("portal_user.password_reset").await, 1);
}

#[tokio::test]
async fn p_25_a_link_dies_with_the_password_and_with_the_address() {
    let (app, admin, user, first) = forgotten().await;
    let path = format!("/api/v2/users/{user}");
    admin.put(&format!("{path}/password"), json!({ "password": NEW })).await.expect(204);
    reset(&app.guest(), &first, PASSWORD).await.expect_problem(401, "invalid_link");
    forget(&app, "ana@acme.com", None).await.expect(202);
    let second = token(&app, "ana@acme.com").await;
    admin.patch(&path, json!({ "email": "ana@new.com" })).await.expect(200);
    reset(&app.guest(), &second, PASSWORD).await.expect_problem(401, "invalid_link");
    login(&app, "ana@new.com", NEW, None).await.expect(200);
}

#[tokio::test]
async fn p_25_a_link_leads_where_the_configuration_says_whatever_a_request_says_of_itself() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let poisoned = app
        .guest()
        .with_header("x-forwarded-host", "evil.example")
        .with_header("x-forwarded-proto", "gopher")
        .with_header("forwarded", "host=evil.example");
    poisoned.post("/api/v2/auth/password/forgot", json!({ "email": "ana@acme.com" })).await.expect(202);
    let letter = mails(&app, "ana@acme.com").await.remove(0);
    assert!(letter.contains("http://elder.test/reset?token=elder_reset_"), "{letter}");
    assert!(!letter.contains("evil") && !letter.contains("gopher"), "{letter}");
}

#[tokio::test]
async fn p_29_a_link_is_good_for_nothing_once_the_account_or_the_tenant_is_off() {
    let (app, admin, user, token) = forgotten().await;
    let turn = async |how: &str| {
        admin.post(&format!("/api/v2/users/{user}/{how}"), json!({})).await.expect(200);
    };
    turn("deactivate").await;
    reset(&app.guest(), &token, NEW).await.expect_problem(401, "invalid_link");
    turn("activate").await;
    let close = async |is_active: bool| {
        let sql = "update tenants set is_active = $1 where slug = 'acme'";
        app.superuser.execute(sql, &[&is_active]).await.unwrap();
    };
    close(false).await;
    reset(&app.guest(), &token, NEW).await.expect_problem(401, "invalid_link");
    close(true).await;
    reset(&app.guest(), &token, NEW).await.expect(204);
}

#[tokio::test]
async fn a_link_of_another_kind_tenant_or_row_sets_no_password() {
    let (app, _, _, token) = forgotten().await;
    let acme = format!("_{}_", app.acme.id);
    let moved = disguised(&token.replacen(&acme, &format!("_{}_", app.globex.id), 1), "elder_reset");
    for bad in [moved.as_str(), "", "elder_reset_nonsense", &token[..token.len() - 1]] {
        reset(&app.guest(), bad, NEW).await.expect_problem(401, "invalid_link");
    }
    let verify = json!({ "token": disguised(&token, "elder_email") });
    app.guest().post("/api/v2/auth/email/verify", verify).await.expect_problem(401, "invalid_link");
    let accept = json!({ "token": disguised(&token, "elder_invite"), "full_name": "E", "password": NEW });
    app.guest().post("/api/v2/auth/invitations/accept", accept).await.expect_problem(401, "invalid_link");
    reset(&app.guest(), &token, NEW).await.expect(204);
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_good_and_another_one_opens_a_locked_account() {
    let (app, _, _, token) = forgotten().await;
    let lock = "update portal_users set failed_in_a_row = 100, locked_until = now() + interval '1 day'
        where email = 'ana@acme.com'";
    app.superuser.batch_execute(lock).await.unwrap();
    login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    let weak = reset(&app.guest(), &token, "short").await.expect_problem(400, "validation_failed");
    assert_eq!(weak["errors"][0]["pointer"], "/password");
    reset(&app.guest(), &token, NEW).await.expect(204);
    login(&app, "ana@acme.com", NEW, None).await.expect(200);
}

#[tokio::test]
async fn each_tenant_that_knows_the_address_mails_a_link_of_its_own_and_a_named_one_alone() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@both.com").await;
    create(&app.other_tenant().await, "Ana@both.com").await;
    forget(&app, "ana@both.com", Some("globex")).await.expect(202);
    assert_eq!((mails(&app, "ana@both.com").await.len(), mails(&app, "Ana@both.com").await.len()), (0, 1));
    forget(&app, "ANA@BOTH.com", None).await.expect(202);
    let acme = token(&app, "ana@both.com").await;
    token(&app, "Ana@both.com").await;
    reset(&app.guest(), &acme, NEW).await.expect(204);
    login(&app, "ana@both.com", NEW, Some("acme")).await.expect(200);
    login(&app, "ana@both.com", PASSWORD, Some("globex")).await.expect(200);
}

#[tokio::test]
async fn an_address_gets_no_more_than_five_links_an_hour_and_nobody_is_told() {
    let (app, _, _, _) = forgotten().await;
    for _ in 0..6 {
        forget(&app, "ana@acme.com", None).await.expect(202);
    }
    let letters = mails(&app, "ana@acme.com").await;
    assert_eq!(letters.len(), 4);
    app.clock.advance(Duration::minutes(61));
    forget(&app, "ana@acme.com", None).await.expect(202);
    assert_eq!(mails(&app, "ana@acme.com").await.len(), 1);
    let refused = "select count(*) from audit_logs where reason = 'mailed_enough'";
    assert_eq!(app.superuser.query_one(refused, &[]).await.unwrap().get::<_, i64>(0), 2);
}

#[tokio::test]
async fn a_link_opens_nothing_from_a_network_that_the_tenant_keeps_out() {
    let (app, _, _, token) = forgotten().await;
    let sql = "update tenants set settings = '{\"ip_allowlist\": [\"192.0.2.0/24\"]}' where slug = 'acme'";
    app.superuser.batch_execute(sql).await.unwrap();
    reset(&app.guest(), &token, NEW).await.expect_problem(403, "network_forbidden");
    app.superuser.batch_execute("update tenants set settings = '{}' where slug = 'acme'").await.unwrap();
    reset(&app.guest(), &token, NEW).await.expect(204);
}

#[tokio::test]
async fn the_mail_is_in_the_readers_language() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let ana = json!({ "email": "ana@acme.com", "locale": "de-AT", "password": PASSWORD });
    admin.post("/api/v2/users", ana).await.expect(201);
    set(&admin, json!({ "branding": { "locale": "en" } })).await;
    forget(&app, "ana@acme.com", None).await.expect(202);
    let mail = admin.get("/api/v2/mails").await.expect(200)["data"][0].clone();
    assert_eq!((&mail["kind"], &mail["locale"]), (&json!("password_reset"), &json!("de")));
    assert!(token_in(&mails(&app, "ana@acme.com").await[0]).is_some());
    let wrong: Value = json!({ "email": "no address" });
    app.guest().post("/api/v2/auth/password/forgot", wrong).await.expect_problem(400, "validation_failed");
}
