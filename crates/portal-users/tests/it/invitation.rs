//! Invitations.

use chrono::Duration;
use elder_access::{Role, markers};
use elder_testkit::{Actor, Answer, PASSWORD, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    mailbox::{demand_hidden, disguised, mails, set, token},
    people::{create, login},
};

const BOB: &str = "bob@example.com";

async fn invite(actor: &Actor, more: Value) -> Answer {
    let mut body = json!({ "email": BOB });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    actor.post("/api/v2/invitations", body).await
}

async fn accept(guest: &Actor, token: &str) -> Answer {
    let body = json!({ "token": token, "full_name": "Bob", "password": PASSWORD });
    guest.post("/api/v2/auth/invitations/accept", body).await
}

fn path(invitation: &Value) -> String {
    format!("/api/v2/invitations/{}", invitation["id"].as_str().unwrap())
}

/// A custom role of acme that gives one permission.
async fn role(admin: &Actor, tier: &str, permission: &str) -> Value {
    let body = json!({ "name": permission, "tier": tier, "permissions": [permission] });
    admin.post("/api/v2/roles", body).await.expect(201)["id"].clone()
}

#[tokio::test]
async fn who_accepts_gets_an_account_with_everything_that_was_promised() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let role = role(&admin, "tenant", "users:read").await;
    let seats = json!([{ "organization_id": app.acme.child, "role": "maintainer" }]);
    let promised = json!({ "tenant_role": "reader", "roles": [role], "organizations": seats, "days": 3 });
    let answer = invite(&admin, promised).await;
    let place = answer.header("location").to_owned();
    let invitation = answer.expect(201);
    assert_eq!(place, path(&invitation));
    assert_eq!((&invitation["invited_by"], &invitation["accepted_at"]), (&json!(admin.id()), &Value::Null));
    assert_eq!(admin.get(&place).await.expect(200), invitation);
    let token = token(&app, BOB).await;
    demand_hidden(&app, &token).await;
    app.clock.advance(Duration::days(3) - Duration::seconds(1));

    let bob = accept(&app.guest(), &token).await.expect(201);
    assert_eq!((&bob["email"], &bob["email_verified"]), (&json!(BOB), &json!(true)));
    assert_eq!((&bob["tenant_role"], &bob["full_name"]), (&json!("reader"), &json!("Bob")));
    let signed_in = login(&app, BOB, PASSWORD, None).await.expect(200);
    let me = app.guest().with_token(signed_in["access_token"].as_str().unwrap());
    let me = me.get("/api/v2/me").await.expect(200);
    assert_eq!(me["organizations"][0]["role"], "maintainer");
    let path = format!("/api/v2/users/{}/grants", bob["id"].as_str().unwrap());
    assert_eq!(app.tenant_admin().await.get(&path).await.expect(200)["roles"], json!([role]));
    let after = app.tenant_admin().await.get(&place).await.expect(200);
    assert_eq!(after["accepted_by"], bob["id"]);
    for action in ["created", "accepted"] {
        assert_eq!(app.audit_count(&format!("invitation.{action}")).await, 1);
    }
}

#[tokio::test]
async fn p_38_a_link_is_good_once_and_for_as_long_as_it_says() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    invite(&admin, json!({})).await.expect(201);
    let first = token(&app, BOB).await;
    app.clock.advance(Duration::days(7));
    accept(&app.guest(), &first).await.expect_problem(401, "invalid_link");
    let admin = app.tenant_admin().await;
    let page = admin.get("/api/v2/invitations").await.expect(200);
    let place = format!("{}/resend", path(&page["data"][0]));
    let again = admin.post(&place, json!({})).await.expect(200);
    assert_eq!(again["invited_by"], json!(admin.id()));
    accept(&app.guest(), &first).await.expect_problem(401, "invalid_link");
    let second = token(&app, BOB).await;
    accept(&app.guest(), &second).await.expect(201);
    accept(&app.guest(), &second).await.expect_problem(401, "invalid_link");
    admin.post(&place, json!({})).await.expect_problem(409, "conflict");
    admin.delete(&path(&page["data"][0])).await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn p_38_of_fifty_who_accept_at_once_one_gets_the_account() {
    let app = TestApp::start().await;
    invite(&app.tenant_admin().await, json!({})).await.expect(201);
    let token = token(&app, BOB).await;
    let tries = (0..50).map(|_| {
        let (guest, token) = (app.guest(), token.clone());
        async move { accept(&guest, &token).await.status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 401, 503].contains(status)), "{statuses:?}");
    assert_eq!(app.audit_count("invitation.accepted").await, 1);
}

#[tokio::test]
async fn p_38_nobody_is_promised_what_the_inviter_does_not_hold() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let clerk = app.member_with::<markers::InvitationsWrite>().await;
    let strong = role(&admin, "tenant", "users:write").await;
    let seated = role(&admin, "organization", "members:write").await;
    for promised in [
        json!({ "tenant_role": "admin" }),
        json!({ "tenant_role": "reader" }),
        json!({ "roles": [strong] }),
        json!({ "organizations": [{ "organization_id": app.acme.root, "role": "reader" }] }),
        json!({ "organizations": [{ "organization_id": app.acme.root, "role_id": seated }] }),
    ] {
        invite(&clerk, promised).await.expect_problem(403, "grant_exceeds_own");
    }
    assert!(mails(&app, BOB).await.is_empty());
    invite(&clerk, json!({})).await.expect(201);
    let raised =
        invite(&admin, json!({ "email": "eve@example.com", "tenant_role": "admin" })).await.expect(201);
    let resend = format!("{}/resend", path(&raised));
    clerk.post(&resend, json!({})).await.expect_problem(403, "grant_exceeds_own");
}

#[tokio::test]
async fn p_38_who_has_lost_their_roles_or_is_gone_gives_nothing_to_anybody() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let gone = app.tenant_admin().await;
    invite(&gone, json!({ "tenant_role": "admin" })).await.expect(201);
    let token = token(&app, BOB).await;
    let user = format!("/api/v2/users/{}", gone.id());
    admin
        .put(&format!("{user}/grants"), json!({ "tenant_role": "maintainer", "roles": [] }))
        .await
        .expect(200);
    accept(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    admin.put(&format!("{user}/grants"), json!({ "tenant_role": "admin", "roles": [] })).await.expect(200);
    admin.post(&format!("{user}/deactivate"), json!({})).await.expect(200);
    accept(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    admin.delete(&user).await.expect(204);
    accept(&app.guest(), &token).await.expect_problem(401, "invalid_link");
    login(&app, BOB, PASSWORD, None).await.expect_problem(401, "invalid_credentials");
    let page = admin.get("/api/v2/invitations").await.expect(200);
    admin.post(&format!("{}/resend", path(&page["data"][0])), json!({})).await.expect(200);
    let token = crate::mailbox::token(&app, BOB).await;
    assert_eq!(accept(&app.guest(), &token).await.expect(201)["tenant_role"], "admin");
}

#[tokio::test]
async fn p_38_an_edited_token_is_refused_and_makes_nobody() {
    let app = TestApp::start().await;
    invite(&app.tenant_admin().await, json!({})).await.expect(201);
    let token = token(&app, BOB).await;
    let acme = format!("_{}_", app.acme.id);
    let moved = disguised(&token.replacen(&acme, &format!("_{}_", app.globex.id), 1), "elder_invite");
    for bad in [moved.as_str(), "", &token[..token.len() - 9], &token.to_uppercase()] {
        accept(&app.guest(), bad).await.expect_problem(401, "invalid_link");
    }
    let other = json!({ "token": token, "full_name": "B", "password": PASSWORD, "email": "eve@example.com" });
    let answer = app.guest().post("/api/v2/auth/invitations/accept", other).await;
    answer.expect_problem(400, "unknown_field");
    let verify = json!({ "token": disguised(&token, "elder_email") });
    app.guest().post("/api/v2/auth/email/verify", verify).await.expect_problem(401, "invalid_link");
    accept(&app.guest(), &token).await.expect(201);
}

#[tokio::test]
async fn a_withdrawn_invitation_and_one_to_a_closed_tenant_are_good_for_nothing() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let invitation = invite(&admin, json!({})).await.expect(201);
    let first = token(&app, BOB).await;
    admin.delete(&path(&invitation)).await.expect(204);
    admin.get(&path(&invitation)).await.expect_problem(404, "not_found");
    accept(&app.guest(), &first).await.expect_problem(401, "invalid_link");
    invite(&admin, json!({})).await.expect(201);
    let second = token(&app, BOB).await;
    for (close, open) in [
        ("update tenants set is_active = false where slug = 'acme'", "update tenants set is_active = true"),
        (
            "update platform_settings set registration = 'off'",
            "update platform_settings set registration = 'invitation'",
        ),
    ] {
        app.superuser.batch_execute(close).await.unwrap();
        accept(&app.guest(), &second).await.expect_problem(401, "invalid_link");
        app.superuser.batch_execute(open).await.unwrap();
    }
    set(&admin, json!({ "registration": "off" })).await;
    accept(&app.guest(), &second).await.expect_problem(401, "invalid_link");
    invite(&admin, json!({ "email": "eve@example.com" })).await.expect_problem(409, "conflict");
    set(&admin, json!({ "registration": null })).await;
    accept(&app.guest(), &second).await.expect(201);
}

#[tokio::test]
async fn an_address_is_invited_once_and_never_if_it_has_an_account() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    invite(&admin, json!({})).await.expect(201);
    invite(&admin, json!({ "email": "BOB@example.com" })).await.expect_problem(409, "already_exists");
    create(&admin, "ana@acme.com").await;
    invite(&admin, json!({ "email": "ana@acme.com" })).await.expect_problem(409, "already_exists");
    let token = token(&app, BOB).await;
    create(&admin, BOB).await;
    accept(&app.guest(), &token).await.expect_problem(409, "already_exists");
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation_is_named() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let seat = json!({ "organization_id": app.acme.root, "role": "reader" });
    for (wrong, pointer) in [
        (json!({ "email": "nobody" }), "/email"),
        (json!({ "days": 0 }), "/days"),
        (json!({ "days": 31 }), "/days"),
        (json!({ "organizations": [seat, seat] }), "/organizations"),
        (json!({ "organizations": [{ "organization_id": app.acme.root }] }), "/organizations/0/role"),
    ] {
        let problem = invite(&admin, wrong).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    for missing in [
        json!({ "roles": ["rol_01h455vb4pex5vsknk084sn02q"] }),
        json!({ "organizations": [{ "organization_id": app.globex.root, "role": "reader" }] }),
    ] {
        invite(&admin, missing).await.expect_problem(404, "not_found");
    }
    set(&admin, json!({ "allowed_email_domains": ["acme.com"] })).await;
    let problem = invite(&admin, json!({})).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "domain_not_allowed");
    assert_eq!(app.audit_count("invitation.created").await, 0);
}

#[tokio::test]
async fn lower_roles_and_other_tenants_reach_no_invitation() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let path = path(&invite(&admin, json!({})).await.expect(201));
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    reader.get(&path).await.expect(200);
    invite(&reader, json!({})).await.expect_problem(403, "permission_denied");
    reader.delete(&path).await.expect_problem(403, "permission_denied");
    let stranger = app.other_tenant().await;
    let foreign = stranger.get(&path).await.expect_problem(404, "not_found");
    let random = "/api/v2/invitations/inv_01h455vb4pex5vsknk084sn02q";
    let random = stranger.get(random).await.expect_problem(404, "not_found");
    assert_eq!(foreign["detail"], random["detail"]);
    stranger.delete(&path).await.expect_problem(404, "not_found");
    stranger.post(&format!("{path}/resend"), json!({})).await.expect_problem(404, "not_found");
    admin.get(&path).await.expect(200);
}

#[tokio::test]
async fn invitations_are_listed_filtered_and_made_in_batches() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let create = |email: &str| json!({ "op": "create", "data": { "email": email, "tenant_role": "reader" } });
    let operations = json!([create("a@example.com"), create("b@example.com")]);
    let batch = json!({ "atomic": true, "operations": operations });
    admin.post("/api/v2/invitations/batch", batch).await.expect(200);
    let page = admin.get("/api/v2/invitations?filter=email%20eq%20%22B%40example.com%22").await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1, "{page}");
    let page = admin.get("/api/v2/invitations?filter=tenant_role%20eq%20%22reader%22").await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 2, "{page}");
    let of_a = admin.get("/api/v2/invitations?filter=email%20eq%20%22a%40example.com%22").await.expect(200);
    let id = &of_a["data"][0]["id"];
    let batch =
        json!({ "atomic": false, "operations": [{ "op": "delete", "id": id }, create("b@example.com")] });
    admin.post("/api/v2/invitations/batch", batch).await.expect(200);
    assert_eq!(admin.get("/api/v2/invitations").await.expect(200)["data"].as_array().unwrap().len(), 1);
    assert_eq!(mails(&app, "b@example.com").await.len(), 1);
}
