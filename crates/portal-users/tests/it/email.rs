//! Addresses: proven by a link, and changed when both the old and the new one agree.

use chrono::Duration;
use elder_access::Role;
use elder_testkit::{Actor, Answer, PASSWORD, TestApp};
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    mailbox::{demand_hidden, disguised, mails, set, token, verify},
    people::{create, holder, login},
};

const OLD: &str = "ana@acme.com";
const NEW: &str = "ana@new.com";

/// A tenant with Ana, who is signed in.
async fn with_ana() -> (TestApp, Actor, Actor, String) {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, OLD).await;
    let (ana, _) = holder(&app, &login(&app, OLD, PASSWORD, None).await.expect(200));
    (app, admin, ana, format!("/api/v2/users/{user}"))
}

async fn change(ana: &Actor, email: &str, password: &str) -> Answer {
    ana.post("/api/v2/me/email", json!({ "email": email, "current_password": password })).await
}

/// Asks for the new address, and gives the tokens for the old and the new one.
async fn asked(app: &TestApp, ana: &Actor) -> (String, String) {
    change(ana, NEW, PASSWORD).await.expect(202);
    (token(app, OLD).await, token(app, NEW).await)
}

async fn address(admin: &Actor, path: &str) -> (String, bool) {
    let user = admin.get(path).await.expect(200);
    (user["email"].as_str().unwrap().to_owned(), user["email_verified"].as_bool().unwrap())
}

#[tokio::test]
async fn an_address_is_proven_by_the_link_that_its_owner_or_an_admin_asks_for() {
    let (app, admin, ana, path) = with_ana().await;
    assert_eq!(address(&admin, &path).await, (OLD.to_owned(), false));
    ana.post("/api/v2/me/email/verification", json!({})).await.expect(202);
    let first = token(&app, OLD).await;
    demand_hidden(&app, &first).await;
    admin.post(&format!("{path}/email/verification"), json!({})).await.expect(202);
    let second = token(&app, OLD).await;
    verify(&app.guest(), &first).await.expect_problem(401, "invalid_link");
    let proven = verify(&app.guest(), &second).await.expect(200);
    assert_eq!(proven, json!({ "outcome": "verified", "email": OLD }));
    verify(&app.guest(), &second).await.expect_problem(401, "invalid_link");
    assert_eq!(address(&admin, &path).await, (OLD.to_owned(), true));
    ana.post("/api/v2/me/email/verification", json!({})).await.expect(202);
    assert!(mails(&app, OLD).await.is_empty(), "it is proven");
    assert_eq!(app.audit_count("portal_user.email_verification_sent").await, 2);
    assert_eq!(app.audit_count("portal_user.email_verified").await, 1);
}

#[tokio::test]
async fn who_may_not_change_users_has_no_link_sent_to_them() {
    let (app, _, _, path) = with_ana().await;
    let path = format!("{path}/email/verification");
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.post(&path, json!({})).await.expect_problem(403, "permission_denied");
    let foreign = app.other_tenant().await.post(&path, json!({})).await.expect_problem(404, "not_found");
    let random = "/api/v2/users/usr_01h455vb4pex5vsknk084sn02q/email/verification";
    let random = app.tenant_admin().await.post(random, json!({})).await.expect_problem(404, "not_found");
    assert_eq!(foreign["detail"], random["detail"]);
    assert!(mails(&app, OLD).await.is_empty());
}

#[tokio::test]
async fn an_address_gets_no_more_than_five_links_an_hour() {
    let (_app, _, ana, _) = with_ana().await;
    for _ in 0..5 {
        ana.post("/api/v2/me/email/verification", json!({})).await.expect(202);
    }
    let answer = ana.post("/api/v2/me/email/verification", json!({})).await;
    assert_eq!(answer.header("retry-after"), "3600");
    answer.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn a_link_proves_the_address_that_it_was_sent_to_alone_and_for_a_day() {
    let (app, admin, ana, path) = with_ana().await;
    ana.post("/api/v2/me/email/verification", json!({})).await.expect(202);
    let first = token(&app, OLD).await;
    admin.patch(&path, json!({ "email": NEW })).await.expect(200);
    verify(&app.guest(), &first).await.expect_problem(401, "invalid_link");
    assert_eq!(address(&admin, &path).await, (NEW.to_owned(), false));
    ana.post("/api/v2/me/email/verification", json!({})).await.expect(202);
    let second = token(&app, NEW).await;
    app.clock.advance(Duration::hours(24));
    verify(&app.guest(), &second).await.expect_problem(401, "invalid_link");
}

#[tokio::test]
async fn p_26_nobody_says_of_themselves_that_their_address_is_another_one_or_proven() {
    let (_app, admin, ana, path) = with_ana().await;
    for body in [json!({ "email": NEW }), json!({ "email_verified": true }), json!({ "verified": true })] {
        ana.patch("/api/v2/me", body).await.expect_problem(400, "unknown_field");
    }
    admin.patch(&path, json!({ "email_verified": true })).await.expect_problem(400, "unknown_field");
    assert_eq!(address(&admin, &path).await, (OLD.to_owned(), false));
}

#[tokio::test]
async fn p_26_an_address_changes_once_both_the_old_and_the_new_one_agree() {
    for old_first in [true, false] {
        let (app, admin, ana, path) = with_ana().await;
        let (old, new) = asked(&app, &ana).await;
        demand_hidden(&app, &old).await;
        let (first, second) = if old_first { (&old, &new) } else { (&new, &old) };
        let half = verify(&app.guest(), first).await.expect(200);
        assert_eq!(half, json!({ "outcome": "half_confirmed", "email": if old_first { OLD } else { NEW } }));
        assert_eq!(address(&admin, &path).await.0, OLD);
        verify(&app.guest(), first).await.expect_problem(401, "invalid_link");
        let done = verify(&app.guest(), second).await.expect(200);
        assert_eq!(done, json!({ "outcome": "changed", "email": NEW }));
        assert_eq!(address(&admin, &path).await, (NEW.to_owned(), true));
        login(&app, NEW, PASSWORD, None).await.expect(200);
        for action in ["requested", "confirmed"] {
            assert_eq!(app.audit_count(&format!("portal_user.email_change_{action}")).await, 1);
        }
        assert_eq!(app.audit_count("portal_user.email_changed").await, 1);
    }
}

#[tokio::test]
async fn both_links_that_are_opened_at_once_change_the_address_all_the_same() {
    for _ in 0..5 {
        let (app, admin, ana, path) = with_ana().await;
        let (old, new) = asked(&app, &ana).await;
        let tries = [&old, &new, &old, &new].map(|token| {
            let (guest, token) = (app.guest(), token.clone());
            async move { verify(&guest, &token).await.status }
        });
        let statuses = join_all(tries).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2, "{statuses:?}");
        assert_eq!(address(&admin, &path).await, (NEW.to_owned(), true));
    }
}

#[tokio::test]
async fn a_wrong_password_changes_no_address_and_counts_as_a_failed_sign_in() {
    let (app, admin, ana, path) = with_ana().await;
    let problem = change(&ana, NEW, "wrong").await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/current_password");
    assert_eq!(app.audit_count("session.refused").await, 1);
    assert!(mails(&app, OLD).await.is_empty() && mails(&app, NEW).await.is_empty());
    assert_eq!(address(&admin, &path).await.0, OLD);
}

#[tokio::test]
async fn links_of_two_changes_make_none_and_what_ends_links_ends_a_change() {
    let (app, admin, ana, path) = with_ana().await;
    let (old, _) = asked(&app, &ana).await;
    verify(&app.guest(), &old).await.expect(200);
    let (_, new) = asked(&app, &ana).await;
    let half = verify(&app.guest(), &new).await.expect(200);
    assert_eq!(half["outcome"], "half_confirmed");
    assert_eq!(address(&admin, &path).await.0, OLD);
    let (old, new) = asked(&app, &ana).await;
    verify(&app.guest(), &old).await.expect(200);
    admin.put(&format!("{path}/password"), json!({ "password": "another horse battery" })).await.expect(204);
    verify(&app.guest(), &new).await.expect_problem(401, "invalid_link");
    assert_eq!(address(&admin, &path).await.0, OLD);
}

#[tokio::test]
async fn a_change_to_an_address_of_somebody_else_is_refused_to_who_reads_that_mailbox_alone() {
    let (app, admin, ana, path) = with_ana().await;
    create(&admin, NEW).await;
    let (old, new) = asked(&app, &ana).await;
    verify(&app.guest(), &old).await.expect(200);
    verify(&app.guest(), &new).await.expect_problem(409, "already_exists");
    assert_eq!(address(&admin, &path).await.0, OLD);
}

#[tokio::test]
async fn a_change_keeps_to_the_domains_of_the_tenant_and_to_what_a_directory_manages() {
    let (app, admin, ana, _) = with_ana().await;
    set(&admin, json!({ "allowed_email_domains": ["acme.com"] })).await;
    let problem = change(&ana, NEW, PASSWORD).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "domain_not_allowed");
    change(&ana, OLD, PASSWORD).await.expect_problem(409, "conflict");
    let (directory, _) = app.directory().await;
    let sql = "update portal_users set managed_by = $1 where email = $2";
    app.superuser.execute(sql, &[&directory.uuid(), &OLD]).await.unwrap();
    change(&ana, "anna@acme.com", PASSWORD).await.expect_problem(409, "managed_by_directory");
    assert!(mails(&app, OLD).await.is_empty());
}

#[tokio::test]
async fn p_29_a_link_of_an_inactive_account_or_of_another_kind_proves_nothing() {
    let (app, admin, ana, path) = with_ana().await;
    ana.post("/api/v2/me/email/verification", json!({})).await.expect(202);
    let token = token(&app, OLD).await;
    let reset = json!({ "token": disguised(&token, "elder_reset"), "password": "another horse battery" });
    app.guest().post("/api/v2/auth/password/reset", reset).await.expect_problem(401, "invalid_link");
    admin.post(&format!("{path}/deactivate"), json!({})).await.expect(200);
    verify(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    assert_eq!(address(&admin, &path).await, (OLD.to_owned(), false));
}
