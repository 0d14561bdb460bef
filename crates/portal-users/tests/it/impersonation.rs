//! Acting in another's name.

use chrono::Duration;
use elder_access::Role;
use elder_kernel::{Id, TenantId};
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

use crate::people::create;

const WHY: &str = "A report shows nothing";

fn why() -> Value {
    json!({ "reason": WHY, "ticket": "4711", "minutes": 20 })
}

/// Somebody who acts in the name of `user`.
async fn impersonate(actor: &Actor, user: &str) -> Actor {
    let lent = actor.post(&format!("/api/v2/users/{user}/impersonate"), why()).await.expect(200);
    actor.with_token(lent["access_token"].as_str().unwrap())
}

async fn impersonate_in_acme(operator: &Actor, user: &str) -> Actor {
    let path = format!("/api/v2/global/users/acme/{user}/impersonate");
    operator.with_token(operator.post(&path, why()).await.expect(200)["access_token"].as_str().unwrap())
}

/// What the middle part of a JWT says.
fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}

async fn allow_support(app: &TestApp) {
    let allow = json!({ "settings": { "support_access": true } });
    app.tenant_admin().await.patch("/api/v2/tenant", allow).await.expect(200);
}

#[tokio::test]
async fn an_admin_acts_in_a_users_name_for_a_while() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    let path = format!("/api/v2/users/{user}/impersonate");
    let lent = admin.post(&path, why()).await.expect(200);
    assert_eq!((&lent["expires_in"], &lent["user"]["id"]), (&json!(1200), &json!(user)));
    assert!(lent.get("refresh_token").is_none());
    let token = lent["access_token"].as_str().unwrap();
    let claims = claims(token);
    assert_eq!((&claims["sub"], &claims["act"]["sub"]), (&json!(user), &json!(admin.id())));
    let ana = admin.with_token(token);
    assert_eq!(ana.get("/api/v2/me").await.expect(200)["id"], json!(user));
    let sessions = ana.get("/api/v2/me/sessions").await.expect(200);
    assert_eq!(sessions["data"][0]["impersonator_id"], json!(admin.id()), "the user sees who it is");
    app.clock.advance(Duration::seconds(1_206));
    ana.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn p_37_a_reason_a_bound_and_a_user_are_needed() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    let user = create(&admin, "ana@acme.com").await;
    let path = format!("/api/v2/users/{user}/impersonate");
    for wrong in [
        json!({}),
        json!({ "reason": " " }),
        json!({ "reason": "two\nlines" }),
        json!({ "reason": WHY, "minutes": 61 }),
        json!({ "reason": WHY, "minutes": 0 }),
    ] {
        admin.post(&path, wrong).await.expect_problem(400, "validation_failed");
    }
    let maintainer = app.member(app.acme.id, Some(Role::Maintainer)).await;
    maintainer.post(&path, why()).await.expect_problem(403, "permission_denied");
    stranger.post(&path, why()).await.expect_problem(404, "not_found");
    let own = format!("/api/v2/users/{}/impersonate", admin.id());
    admin.post(&own, why()).await.expect_problem(409, "conflict");
    admin.post(&format!("/api/v2/users/{user}/deactivate"), json!({})).await.expect(200);
    admin.post(&path, why()).await.expect_problem(409, "conflict");
    assert_eq!(app.audit_count("session.impersonated").await, 0);
}

#[tokio::test]
async fn p_37_nothing_is_touched_that_is_the_persons_alone() {
    let app = TestApp::start().await;
    let (admin, colleague) = (app.tenant_admin().await, app.tenant_admin().await);
    let user = create(&admin, "bob@acme.com").await;
    let name = impersonate(&admin, &colleague.id()).await;
    // What the colleague may do is lent as far as it reads, and for organizations.
    name.get("/api/v2/users").await.expect(200);
    name.get("/api/v2/me/sessions").await.expect(200);
    name.get("/api/v2/me/devices").await.expect(200);
    name.get("/api/v2/me/api-keys").await.expect(200);
    name.post("/api/v2/organizations", json!({ "name": "Made in another's name" })).await.expect(201);
    let session = colleague.get("/api/v2/me/sessions").await.expect(200)["data"][0]["id"].clone();
    let session = format!("/api/v2/me/sessions/{}", session.as_str().unwrap());
    let user = format!("/api/v2/users/{user}");
    let long = json!({ "password": "another horse battery staple" });
    let own = json!({ "current_password": "x", "password": "another horse battery staple" });
    let grants = json!({ "tenant_role": "admin", "roles": [] });
    for (method, path, body) in [
        ("PUT", "/api/v2/me/password".to_owned(), own),
        ("PATCH", "/api/v2/me".to_owned(), json!({ "full_name": "X" })),
        ("POST", "/api/v2/me/api-keys".to_owned(), json!({ "name": "K" })),
        ("DELETE", session, Value::Null),
        ("PUT", format!("{user}/password"), long),
        ("PATCH", user.clone(), json!({ "email": "x@acme.com" })),
        ("PUT", format!("{user}/grants"), grants),
        ("POST", format!("{user}/sessions/revoke"), json!({})),
        ("POST", format!("{user}/impersonate"), why()),
        (
            "POST",
            "/api/v2/service-accounts".to_owned(),
            json!({ "name": "S", "permissions": ["users:read"] }),
        ),
        ("POST", "/api/v2/roles".to_owned(), json!({ "name": "R", "tier": "tenant", "permissions": [] })),
        ("PATCH", "/api/v2/tenant".to_owned(), json!({ "name": "X" })),
    ] {
        let body = (!body.is_null()).then_some(body);
        let answer = name.send(method.parse().unwrap(), &path, body).await;
        answer.expect_problem(403, "permission_denied");
    }
    colleague.get("/api/v2/me").await.expect(200);
    name.post("/api/v2/auth/logout", json!({})).await.expect(204);
    name.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    admin.get("/api/v2/me").await.expect(200);
}

#[tokio::test]
async fn p_37_operators_act_only_where_the_tenant_lets_them_and_within_their_own_rights() {
    let app = TestApp::start().await;
    let (support, operator) = (app.support().await, app.operator().await);
    let subject = app.tenant_admin().await;
    let path = format!("/api/v2/global/users/acme/{}/impersonate", subject.id());
    for refused in [&support, &operator] {
        refused.post(&path, why()).await.expect_problem(403, "support_access_off");
    }
    let in_tenant = format!("/api/v2/users/{}/impersonate", subject.id());
    let entering = operator.with_header("elder-tenant", "acme");
    entering.post(&in_tenant, why()).await.expect_problem(403, "support_access_off");
    subject.post(&path, why()).await.expect_problem(403, "permission_denied");
    allow_support(&app).await;
    let lent = impersonate_in_acme(&support, &subject.id()).await;
    lent.get("/api/v2/users").await.expect(200);
    // An admin's name, but the rights of support: what an admin alone may read or write is not lent.
    lent.get(&format!("/api/v2/users/{}/sessions", subject.id()))
        .await
        .expect_problem(403, "permission_denied");
    let organization = json!({ "name": "No" });
    lent.post("/api/v2/organizations", organization.clone()).await.expect_problem(403, "permission_denied");
    // And what the subject may not do, nobody may in their name; nor does it lead out of the tenant.
    let reader = app.member(app.acme.id, Some(Role::Reader)).await;
    let lent = impersonate_in_acme(&operator, &reader.id()).await;
    lent.get("/api/v2/users").await.expect(200);
    lent.post("/api/v2/organizations", organization).await.expect_problem(403, "permission_denied");
    lent.get("/api/v2/global/tenants").await.expect_problem(403, "permission_denied");
    let elsewhere = lent.with_header("elder-tenant", "globex");
    elsewhere.get("/api/v2/users").await.expect_problem(403, "tenant_forbidden");
    let unknown = format!("/api/v2/global/users/globex/{}/impersonate", subject.id());
    let forbidden = operator.post(&unknown, why()).await;
    forbidden.expect_problem(403, "support_access_off");
}

#[tokio::test]
async fn p_37_an_operators_name_lends_no_global_right() {
    let app = TestApp::start().await;
    let system_admin = app.member(TenantId::SYSTEM, Some(Role::Admin)).await;
    let operator = app.operator().await;
    let lent = impersonate(&system_admin, &operator.id()).await;
    assert_eq!(lent.get("/api/v2/me").await.expect(200)["id"], json!(operator.id()));
    lent.get("/api/v2/global/tenants").await.expect_problem(403, "permission_denied");
    let acme = lent.with_header("elder-tenant", "acme");
    acme.get("/api/v2/users").await.expect_problem(403, "tenant_forbidden");
}

#[tokio::test]
async fn p_37_every_event_shows_who_acts_and_in_whose_name() {
    let app = TestApp::start().await;
    allow_support(&app).await;
    let (operator, subject) = (app.operator().await, app.tenant_admin().await);
    let lent = impersonate_in_acme(&operator, &subject.id()).await;
    lent.post("/api/v2/organizations", json!({ "name": "Made in another's name" })).await.expect(201);
    lent.patch("/api/v2/tenant", json!({ "name": "X" })).await.expect_problem(403, "permission_denied");
    let sql = "select actor_user_id, impersonator_id from audit_logs where action = any($1) order by action";
    let actions = ["access.denied", "organization.created"].as_slice();
    let mut rows = Vec::new();
    // A denial is written beside its answer.
    while rows.len() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        rows = app.superuser.query(sql, &[&actions]).await.unwrap();
    }
    for row in rows {
        let ids: (Option<uuid::Uuid>, Option<uuid::Uuid>) = (row.get(0), row.get(1));
        assert_eq!(ids, (subject.user.map(Id::uuid), operator.user.map(Id::uuid)));
    }
    let sql = "select actor_user_id, metadata from audit_logs where action = 'session.impersonated'";
    let row = app.superuser.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, Option<uuid::Uuid>>(0), operator.user.map(Id::uuid));
    let metadata: Value = row.get(1);
    assert_eq!((&metadata["reason"], &metadata["ticket"]), (&json!(WHY), &json!("4711")));
    assert_eq!((&metadata["user"], &metadata["impersonator_tenant"]), (&json!(subject.id()), &json!(1)));
}

#[tokio::test]
async fn p_37_it_ends_with_the_session_the_account_and_the_rights_of_who_acts() {
    let app = TestApp::start().await;
    allow_support(&app).await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    let ends = async |actor: &Actor, lent: &Actor, end: &str| {
        lent.get("/api/v2/me").await.expect(200);
        app.superuser.execute(end, &[&actor.user.unwrap().uuid()]).await.unwrap();
        lent.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    };
    let inactive = "update portal_users set is_active = false where id = $1";
    let operator = app.operator().await;
    ends(&operator, &impersonate_in_acme(&operator, &user).await, inactive).await;
    let support = app.support().await;
    let gone = "delete from portal_users where id = $1";
    ends(&support, &impersonate_in_acme(&support, &user).await, gone).await;
    let support = app.support().await;
    let lent = impersonate_in_acme(&support, &user).await;
    support.post("/api/v2/auth/logout", json!({})).await.expect(204);
    lent.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    // Who loses the rights that were lent, loses them in the other's name too.
    let (other, colleague) = (app.tenant_admin().await, app.tenant_admin().await);
    let lent = impersonate(&other, &colleague.id()).await;
    lent.get("/api/v2/users").await.expect(200);
    let demote = "update portal_users set tenant_role = null where id = $1";
    app.superuser.execute(demote, &[&other.user.unwrap().uuid()]).await.unwrap();
    lent.get("/api/v2/users").await.expect_problem(403, "permission_denied");
    // And the user can end it, as any of their sessions.
    let lent = impersonate(&admin, &colleague.id()).await;
    let sessions = colleague.get("/api/v2/me/sessions?filter=impersonator_id%20pr").await.expect(200);
    for session in sessions["data"].as_array().unwrap() {
        let path = format!("/api/v2/me/sessions/{}", session["id"].as_str().unwrap());
        colleague.delete(&path).await.expect(204);
    }
    lent.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    colleague.get("/api/v2/me").await.expect(200);
}

#[tokio::test]
async fn the_user_is_told_unless_the_tenant_does_not_want_that() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&admin, "ana@acme.com").await;
    let told =
        "select count(*) from mails where kind = 'impersonation_notice' and recipient = 'ana@acme.com'";
    let count = async || app.superuser.query_one(told, &[]).await.unwrap().get::<_, i64>(0);
    impersonate(&admin, &user).await;
    assert_eq!(count().await, 1);
    let silent = json!({ "settings": { "notification": { "impersonation": false } } });
    admin.patch("/api/v2/tenant", silent).await.expect(200);
    impersonate(&admin, &user).await;
    assert_eq!(count().await, 1);
}
