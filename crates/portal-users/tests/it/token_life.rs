//! How long tokens and sessions live, and what ends them: attacks on refreshing, on sessions, on what was disabled.

use std::collections::HashSet;

use chrono::Duration;
use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::{Id, Session};
use elder_testkit::{Actor, Answer, PASSWORD, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::people::{create, holder, login};

async fn refresh(guest: &Actor, token: &str) -> Answer {
    guest.post("/api/v2/auth/refresh", json!({ "refresh_token": token })).await
}

fn text(tokens: &Value, name: &str) -> String {
    tokens[name].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn p_30_fifty_refreshes_of_one_token_on_two_nodes_give_one_successor() {
    let app = TestApp::start().await;
    let other = app.another_node().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let (_, token) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let guests = [app.guest(), other.called_by(&app.guest())];
    let answers = join_all((0..50).map(|n| refresh(&guests[n % 2], &token))).await;
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.expect(200)).collect();
    let successors: HashSet<_> = answers.iter().map(|tokens| text(tokens, "refresh_token")).collect();
    assert_eq!(successors.len(), 1);
    let chain = "select generation from sessions order by generation desc limit 1";
    let generation: i32 = app.superuser.query_one(chain, &[]).await.unwrap().get(0);
    assert_eq!(generation, 2, "one step, however many asked for it");
    // Whoever of them goes on, goes on with the same.
    let successor = successors.into_iter().next().unwrap();
    refresh(&guests[1], &successor).await.expect(200);
    // Now the first is an old one, within the ten seconds too: its successor was used.
    refresh(&guests[0], &token).await.expect_problem(401, "invalid_refresh_token");
    assert_eq!(app.audit_count("session.refresh_reused").await, 1);
}

#[tokio::test]
async fn p_30_a_lost_answer_is_given_again_for_ten_seconds_and_no_longer() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let (_, token) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let guest = app.guest();
    let first = refresh(&guest, &token).await.expect(200);
    app.clock.advance(Duration::seconds(6));
    let again = refresh(&guest, &token).await.expect(200);
    assert_eq!(text(&first, "refresh_token"), text(&again, "refresh_token"));
    assert_ne!(text(&first, "access_token"), text(&again, "access_token"));
    // Asking again does not begin the ten seconds anew.
    app.clock.advance(Duration::seconds(6));
    refresh(&guest, &token).await.expect_problem(401, "invalid_refresh_token");
    refresh(&guest, &text(&first, "refresh_token")).await.expect_problem(401, "invalid_refresh_token");
    assert_eq!(app.audit_count("session.refresh_reused").await, 1);
}

#[tokio::test]
async fn refreshing_keeps_a_session_alive_until_it_ends_whatever_happens() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let hour =
        "update tenants set settings = '{\"session\": {\"idle_seconds\": 600, \"absolute_seconds\": 3600}}'";
    app.superuser.batch_execute(hour).await.unwrap();
    let (mut ana, mut token) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    for _ in 0..6 {
        app.clock.advance(Duration::seconds(590));
        ana.get("/api/v2/me").await.expect(200);
        (ana, token) = holder(&app, &refresh(&app.guest(), &token).await.expect(200));
    }
    app.clock.advance(Duration::seconds(61));
    // Until then the node believes what it saw a moment ago.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    refresh(&app.guest(), &token).await.expect_problem(401, "invalid_refresh_token");
    let (_, token) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    app.clock.advance(Duration::seconds(601));
    refresh(&app.guest(), &token).await.expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn p_27_every_sign_in_has_a_session_of_its_own_that_nobody_can_choose() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let first = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let chosen = json!({ "email": "ana@acme.com", "password": PASSWORD, "session_id": first["session_id"] });
    app.guest().post("/api/v2/auth/login", chosen).await.expect_problem(400, "unknown_field");
    let (ana, _) = holder(&app, &first);
    let body =
        json!({ "email": "ana@acme.com", "password": PASSWORD, "device_token": first["device_token"] });
    // Whoever is signed in already, with a cookie or a token, gets another session too.
    let signed_in = ana.with_header("cookie", "session=chosen");
    let second = signed_in.post("/api/v2/auth/login", body).await;
    assert_eq!(second.header("set-cookie"), "");
    let second = second.expect(200);
    for name in ["session_id", "access_token", "refresh_token"] {
        assert_ne!(text(&first, name), text(&second, name), "{name}");
    }
}

#[tokio::test]
async fn p_28_a_session_is_worth_its_whole_secret_and_nothing_less() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let tokens = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let (session, token) = (text(&tokens, "session_id"), text(&tokens, "refresh_token"));
    let id = session.parse::<Id<Session>>().unwrap().uuid();
    let forged = |kind| {
        let (text, _) = OpaqueToken::mint(kind, app.acme.id, id, &app.seam.random);
        text.expose().clone()
    };
    for nothing in [
        session.clone(),
        String::new(),
        token[..token.len() - 1].to_owned(),
        format!("{token}0"),
        token.to_uppercase(),
        forged(TokenKind::Device),
        forged(TokenKind::ScimToken),
    ] {
        refresh(&app.guest(), &nothing).await.expect_problem(401, "invalid_refresh_token");
        app.guest().with_token(&nothing).get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    }
    app.guest().with_token(&token).get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    let access = text(&tokens, "access_token");
    let cut = &access[..access.len() - 1];
    app.guest().with_token(cut).get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    app.guest().with_token(access).get("/api/v2/me").await.expect(200);
    let stored = "select (select s::text from sessions s where id = $1)";
    let row: String = app.superuser.query_one(stored, &[&id]).await.unwrap().get(0);
    let secret = token.rsplit('_').next().unwrap();
    assert!(!row.contains(&secret[..40]), "the token itself is not stored");
    // A secret that was never given out for a session that exists is an old one, for all that anybody can tell.
    refresh(&app.guest(), &forged(TokenKind::RefreshToken))
        .await
        .expect_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn p_29_who_is_disabled_neither_goes_on_nor_comes_back() {
    let app = TestApp::start().await;
    let (admin, operator) = (app.tenant_admin().await, app.operator().await);
    let other = app.another_node().await;
    let id = create(&admin, "ana@acme.com").await;
    let user = format!("/api/v2/users/{id}");
    let tenant = "/api/v2/global/tenants/acme".to_owned();
    for (who, path) in [(&admin, user), (&operator, tenant)] {
        let tokens = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
        let (ana, token) = holder(&app, &tokens);
        let there = other.called_by(&ana);
        there.get("/api/v2/me").await.expect(200);
        who.post(&format!("{path}/deactivate"), json!({})).await.expect(200);
        ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
        refresh(&app.guest(), &token).await.expect_problem(401, "invalid_refresh_token");
        refresh(&other.called_by(&app.guest()), &token).await.expect_problem(401, "invalid_refresh_token");
        login(&app, "ana@acme.com", PASSWORD, None).await.expect_problem(401, "invalid_credentials");
        let known =
            json!({ "email": "ana@acme.com", "password": PASSWORD, "device_token": tokens["device_token"] });
        let known = app.guest().post("/api/v2/auth/login", known).await;
        known.expect_problem(401, "invalid_credentials");
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        there.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
        // What was ended stays so.
        who.post(&format!("{path}/activate"), json!({})).await.expect(200);
        ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
        refresh(&app.guest(), &token).await.expect_problem(401, "invalid_refresh_token");
    }
}

#[tokio::test]
async fn p_39_after_a_sign_out_nothing_of_the_session_is_left_and_all_else_stays() {
    let app = TestApp::start().await;
    create(&app.tenant_admin().await, "ana@acme.com").await;
    let signed_in = login(&app, "ana@acme.com", PASSWORD, None).await;
    assert_eq!(signed_in.header("cache-control"), "no-store");
    let (ana, token) = holder(&app, &signed_in.expect(200));
    let (elsewhere, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let refreshed = refresh(&app.guest(), &token).await;
    assert_eq!(refreshed.header("cache-control"), "no-store");
    let (renewed, successor) = holder(&app, &refreshed.expect(200));
    let answer = renewed.post("/api/v2/auth/logout", json!({})).await;
    assert_eq!(answer.header("clear-site-data"), r#""cache", "cookies", "storage""#);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.expect(204);
    for gone in [&ana, &renewed] {
        gone.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    }
    for gone in [&token, &successor] {
        refresh(&app.guest(), gone).await.expect_problem(401, "invalid_refresh_token");
    }
    elsewhere.get("/api/v2/me").await.expect(200);
}

#[tokio::test]
async fn p_31_a_refresh_token_renews_its_own_session_and_widens_nothing() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let id = create(&admin, "ana@acme.com").await;
    let grants = format!("/api/v2/users/{id}/grants");
    admin.put(&grants, json!({ "tenant_role": "reader", "roles": [] })).await.expect(200);
    let first = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let token = text(&first, "refresh_token");
    for more in [json!({ "scope": "admin" }), json!({ "tenant": "globex" }), json!({ "client_id": "other" })]
    {
        let mut body = more;
        body["refresh_token"] = json!(token);
        app.guest().post("/api/v2/auth/refresh", body).await.expect_problem(400, "unknown_field");
    }
    admin.put(&grants, json!({ "tenant_role": null, "roles": [] })).await.expect(200);
    let second = login(&app, "ana@acme.com", PASSWORD, None).await.expect(200);
    let renewed = refresh(&app.guest(), &token).await.expect(200);
    assert_eq!(renewed["session_id"], first["session_id"], "its own, and no other of the same person");
    assert_ne!(renewed["session_id"], second["session_id"]);
    let (ana, _) = holder(&app, &renewed);
    ana.get("/api/v2/users").await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn p_35_of_revocations_of_one_person_and_of_all_the_later_counts() {
    let app = TestApp::start().await;
    let id = create(&app.tenant_admin().await, "ana@acme.com").await;
    let (one, all) = (format!("/api/v2/users/{id}/sessions/revoke"), "/api/v2/sessions/revoke".to_owned());
    let revoke = async |path: &str| app.tenant_admin().await.post(path, json!({})).await.expect(200);
    let login = async || holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    // Both orders: whichever comes later ends what the earlier one has let begin.
    for [earlier, later] in [[&one, &all], [&all, &one]] {
        let (before, token) = login().await;
        revoke(earlier).await;
        before.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
        let (between, successor) = login().await;
        between.get("/api/v2/me").await.expect(200);
        revoke(later).await;
        between.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
        for gone in [&token, &successor] {
            refresh(&app.guest(), gone).await.expect_problem(401, "invalid_refresh_token");
        }
    }
    login().await.0.get("/api/v2/me").await.expect(200);
}
