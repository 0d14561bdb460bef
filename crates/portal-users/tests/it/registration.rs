//! Accounts that people ask for themselves.

use chrono::Duration;
use elder_testkit::{Answer, PASSWORD, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    mailbox::{demand_hidden, mails, open_platform, set, token, verify},
    people::{create, login},
};

const EVE: &str = "eve@example.com";

async fn register(app: &TestApp, email: &str, tenant: Option<&str>) -> Answer {
    let body = json!({ "email": email, "full_name": "Eve", "password": PASSWORD, "tenant": tenant });
    app.guest().post("/api/v2/auth/register", body).await
}

/// A platform whose tenant acme takes people by a policy.
async fn taking(policy: &str) -> TestApp {
    let app = TestApp::start().await;
    open_platform(&app).await;
    set(&app.tenant_admin().await, json!({ "registration": policy })).await;
    app
}

async fn own_domain(app: &TestApp, domain: &str) {
    let sql =
        "insert into tenant_domains (tenant_id, id, domain, verification_token, verified_at, verified_by)
        values ($1, gen_random_uuid(), $2, 'proof', now(), 'dns')";
    app.superuser.execute(sql, &[&app.acme.id.0, &domain]).await.unwrap();
}

async fn users(app: &TestApp, email: &str) -> Vec<Value> {
    let path = format!("/api/v2/users?filter=email%20eq%20%22{}%22", email.replace('@', "%40"));
    app.tenant_admin().await.get(&path).await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_account_is_made_when_the_link_is_opened_and_not_before() {
    let app = taking("open").await;
    register(&app, EVE, Some("acme")).await.expect(202);
    assert!(users(&app, EVE).await.is_empty(), "nobody occupies an address that is not theirs");
    login(&app, EVE, PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    let token = token(&app, EVE).await;
    demand_hidden(&app, &token).await;
    let proven = verify(&app.guest(), &token).await.expect(200);
    assert_eq!(proven, json!({ "outcome": "registered", "email": EVE }));
    let eve = &users(&app, EVE).await[0];
    assert_eq!((&eve["email_verified"], &eve["tenant_role"]), (&json!(true), &Value::Null));
    login(&app, EVE, PASSWORD, Some("acme")).await.expect(200);
    verify(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    assert_eq!(app.audit_count("portal_user.registration_requested").await, 1);
    assert_eq!(app.audit_count("portal_user.registered").await, 1);
}

#[tokio::test]
async fn a_tenant_takes_whom_its_policy_names_and_no_more_than_the_platform_lets_it() {
    for (platform, tenant, stranger, of_domain) in [
        ("open", "open", true, true),
        ("open", "domain", false, true),
        ("open", "invitation", false, false),
        ("open", "off", false, false),
        ("domain", "open", false, true),
        ("invitation", "open", false, false),
        ("off", "open", false, false),
    ] {
        let app = taking(tenant).await;
        own_domain(&app, "acme.com").await;
        let sql = "update platform_settings set registration = $1";
        app.superuser.execute(sql, &[&platform]).await.unwrap();
        for (email, is_taken) in [(EVE, stranger), ("ana@acme.com", of_domain)] {
            register(&app, email, Some("acme")).await.expect(202);
            let letters = mails(&app, email).await;
            assert_eq!(letters.len(), usize::from(is_taken), "{platform} {tenant} {email}");
        }
    }
}

#[tokio::test]
async fn without_a_tenant_the_one_that_has_proven_the_domain_is_meant() {
    let app = taking("domain").await;
    register(&app, "ana@acme.com", None).await.expect(202);
    assert!(mails(&app, "ana@acme.com").await.is_empty());
    own_domain(&app, "acme.com").await;
    register(&app, "ana@acme.com", None).await.expect(202);
    let token = token(&app, "ana@acme.com").await;
    verify(&app.guest(), &token).await.expect(200);
    login(&app, "ana@acme.com", PASSWORD, Some("acme")).await.expect(200);
}

#[tokio::test]
async fn who_has_an_account_is_told_so_by_mail_alone() {
    let app = taking("open").await;
    create(&app.tenant_admin().await, "Ana@acme.com").await;
    let (known, unknown) =
        (register(&app, "ana@acme.com", Some("acme")).await, register(&app, EVE, Some("acme")).await);
    assert_eq!((known.status, known.text), (unknown.status, unknown.text));
    let letters = mails(&app, "Ana@acme.com").await;
    assert!(letters.len() == 1 && letters[0].contains("You have an account"), "{letters:?}");
    assert!(!letters[0].contains("token="), "{letters:?}");
    assert_eq!(users(&app, "ana@acme.com").await.len(), 1);
}

#[tokio::test]
async fn who_was_invited_gets_what_was_promised_though_the_policy_takes_nobody_else() {
    let app = taking("invitation").await;
    let admin = app.tenant_admin().await;
    let new = json!({ "email": EVE, "tenant_role": "maintainer" });
    admin.post("/api/v2/invitations", new).await.expect(201);
    let invitation = token(&app, EVE).await;
    register(&app, EVE, Some("acme")).await.expect(202);
    let link = token(&app, EVE).await;
    verify(&app.guest(), &link).await.expect(200);
    assert_eq!(users(&app, EVE).await[0]["tenant_role"], "maintainer");
    let accept = json!({ "token": invitation, "full_name": "E", "password": PASSWORD });
    app.guest().post("/api/v2/auth/invitations/accept", accept).await.expect_problem(401, "invalid_link");
    assert_eq!(app.audit_count("invitation.accepted").await, 1);
}

#[tokio::test]
async fn of_fifty_who_open_the_link_at_once_one_makes_the_account() {
    let app = taking("open").await;
    register(&app, EVE, Some("acme")).await.expect(202);
    let token = token(&app, EVE).await;
    let tries = (0..50).map(|_| {
        let (guest, token) = (app.guest(), token.clone());
        async move { verify(&guest, &token).await.status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
    assert_eq!(users(&app, EVE).await.len(), 1);
}

#[tokio::test]
async fn whether_somebody_is_taken_is_asked_again_when_the_link_is_opened() {
    let app = taking("open").await;
    register(&app, EVE, Some("acme")).await.expect(202);
    let token = token(&app, EVE).await;
    let admin = app.tenant_admin().await;
    set(&admin, json!({ "registration": "off" })).await;
    verify(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    set(&admin, json!({ "registration": "open", "allowed_email_domains": ["acme.com"] })).await;
    verify(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    set(&admin, json!({ "allowed_email_domains": [] })).await;
    let close = async |is_active: bool| {
        let sql = "update tenants set is_active = $1 where slug = 'acme'";
        app.superuser.execute(sql, &[&is_active]).await.unwrap();
    };
    close(false).await;
    verify(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    close(true).await;
    create(&admin, EVE).await;
    verify(&app.guest(), &token).await.expect_problem(409, "already_exists");
    register(&app, "bob@example.com", Some("acme")).await.expect(202);
    let late = crate::mailbox::token(&app, "bob@example.com").await;
    app.clock.advance(Duration::hours(24));
    verify(&app.guest(), &late).await.expect_problem(401, "invalid_link");
}

#[tokio::test]
async fn an_address_does_not_make_the_owner_of_an_empty_platform() {
    let app = TestApp::start().await;
    open_platform(&app).await;
    for tenant in [None, Some("system"), Some("no-such-tenant")] {
        register(&app, EVE, tenant).await.expect(202);
    }
    assert!(mails(&app, EVE).await.is_empty());
    let refused = "select count(*) from audit_logs where reason = 'not_taken'";
    assert_eq!(app.superuser.query_one(refused, &[]).await.unwrap().get::<_, i64>(0), 3);
}

#[tokio::test]
async fn a_weak_password_is_refused_before_anything_is_looked_up() {
    let app = taking("open").await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    for email in ["ana@acme.com", EVE] {
        let body = json!({ "email": email, "full_name": "E", "password": "short", "tenant": "acme" });
        let problem = app.guest().post("/api/v2/auth/register", body).await;
        let problem = problem.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/password");
    }
    assert_eq!(app.audit_count("portal_user.registration_requested").await, 0);
}

#[tokio::test]
async fn p_29_nobody_is_written_to_for_a_tenant_that_may_not_be_used_or_was_not_meant() {
    let app = taking("open").await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let operator = app.operator().await;
    let of_system = format!("{}@example.com", operator.id());
    app.superuser.batch_execute("update tenants set is_active = false where slug = 'acme'").await.unwrap();
    for (email, tenant) in [("ana@acme.com", Some("acme")), (EVE, Some("acme")), (of_system.as_str(), None)] {
        register(&app, email, tenant).await.expect(202);
        assert!(mails(&app, email).await.is_empty(), "{email}");
    }
}
