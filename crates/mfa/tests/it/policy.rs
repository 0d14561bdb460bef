//! What a tenant demands.

use chrono::Duration;
use elder_access::{Role, markers};
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::people::{ANA, Phone, ana, create, demand, flow, holder, login, phone_of, verify};

#[tokio::test]
async fn who_must_have_a_factor_sets_it_up_before_the_session_starts() {
    let app = TestApp::start().await;
    create(&app, ANA, None).await;
    demand(&app, json!({ "required": "everyone", "grace_days": 0 })).await;
    let waiting = login(&app, ANA).await.expect(200);
    assert_eq!(waiting["status"], "mfa_enrolment_required");
    assert_eq!(waiting["factors"], json!(["totp", "webauthn"]));
    let flow = waiting["flow"].as_str().unwrap();
    verify(&app, flow, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
    let begun = app.guest().post("/api/v2/auth/mfa/enrol/totp", json!({ "flow": flow })).await.expect(200);
    let phone = Phone::scan(&begun);
    verify(&app, flow, json!({ "code": "000000" })).await.expect_problem(401, "invalid_proof");
    let done = verify(&app, flow, json!({ "code": phone.code(&app) })).await.expect(200);
    let person = holder(&app, &done);
    let overview = person.get("/api/v2/me/mfa").await.expect(200);
    assert_eq!((&overview["is_required"], overview["factors"].as_array().unwrap().len()), (&json!(true), 1));
    person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect(200);
    verify(&app, flow, json!({ "code": phone.code(&app) })).await.expect_problem(401, "invalid_flow");
    let added = "select metadata->>'factor_added' from audit_logs where action = 'session.started'";
    let added: Option<String> = app.superuser.query_one(added, &[]).await.unwrap().get(0);
    assert_eq!(added.as_deref(), overview["factors"][0]["id"].as_str());
}

#[tokio::test]
async fn the_days_of_grace_are_told_and_then_over() {
    let app = TestApp::start().await;
    create(&app, ANA, None).await;
    demand(&app, json!({ "required": "everyone", "grace_days": 7 })).await;
    let first = login(&app, ANA).await.expect(200);
    let due_at = first["mfa_due_at"].as_str().unwrap().to_owned();
    let expected = app.seam.now() + Duration::days(7);
    assert_eq!(due_at.parse::<chrono::DateTime<chrono::Utc>>().unwrap(), expected);
    assert_eq!(holder(&app, &first).get("/api/v2/me/mfa").await.expect(200)["due_at"], json!(due_at));
    app.clock.advance(Duration::days(6));
    assert_eq!(login(&app, ANA).await.expect(200)["mfa_due_at"], json!(due_at), "it does not move");
    app.clock.advance(Duration::days(1));
    assert_eq!(login(&app, ANA).await.expect(200)["status"], "mfa_enrolment_required");
}

#[tokio::test]
async fn admins_alone_can_be_meant() {
    let app = TestApp::start().await;
    create(&app, ANA, None).await;
    create(&app, "boss@acme.com", Some(Role::Admin)).await;
    demand(&app, json!({ "required": "admins", "grace_days": 0 })).await;
    let plain = login(&app, ANA).await.expect(200);
    assert_eq!((&plain["status"], &plain["mfa_due_at"]), (&json!("signed_in"), &Value::Null));
    assert_eq!(login(&app, "boss@acme.com").await.expect(200)["status"], "mfa_enrolment_required");
}

#[tokio::test]
async fn a_kind_that_is_taken_no_more_opens_nothing() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let open = flow(&app, ANA).await;
    demand(&app, json!({ "required": "everyone", "factors": ["webauthn"], "grace_days": 0 })).await;
    let answer = verify(&app, &open, json!({ "code": phone.code(&app) })).await;
    answer.expect_problem(401, "invalid_proof");
    let waiting = login(&app, ANA).await.expect(200);
    assert_eq!(
        (&waiting["status"], &waiting["factors"]),
        (&json!("mfa_enrolment_required"), &json!(["webauthn"]))
    );
    let flow = waiting["flow"].as_str().unwrap();
    let refused = app.guest().post("/api/v2/auth/mfa/enrol/totp", json!({ "flow": flow })).await;
    refused.expect_problem(409, "conflict");
}

#[tokio::test]
async fn the_settings_are_taken_within_their_rules() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let set = async |settings: Value| admin.patch("/api/v2/tenant", json!({ "settings": settings })).await;
    let mfa =
        set(json!({ "mfa": { "required": "everyone", "factors": ["webauthn"], "grace_days": 3 } })).await;
    assert_eq!(mfa.expect(200)["settings"]["mfa"]["required"], "everyone");
    let useless = set(json!({ "mfa": { "factors": ["backup_code"] } })).await;
    let problem = useless.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/settings/mfa/factors");
    set(json!({ "password": { "min_length": 8 } })).await.expect(200);
    let alone = set(json!({ "mfa": { "required": "optional" } })).await;
    let problem = alone.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/settings/password", "8 is too short where it is all");
}

#[tokio::test]
async fn p_17_whatever_way_is_tried_no_session_starts_without_the_factor() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    phone_of(&app, &person).await;
    let sessions = async || {
        let count =
            "select count(*) from sessions s join portal_users u on u.id = s.user_id where u.email = $1";
        app.superuser.query_one(count, &[&ANA]).await.unwrap().get::<_, i64>(0)
    };
    let before = sessions().await;
    login(&app, ANA).await.expect(200);
    let another = json!({ "email": ANA, "password": elder_testkit::PASSWORD, "tenant": "acme",
        "new_password": "another horse battery staple" });
    let changed = app.guest().post("/api/v2/auth/login", another).await.expect(200);
    assert_eq!(changed["status"], "mfa_required", "the way of an expired password");
    let flow = changed["flow"].as_str().unwrap();
    verify(&app, flow, json!({ "code": "" })).await.expect_problem(401, "invalid_proof");
    verify(&app, flow, json!({ "backup_code": "" })).await.expect_problem(401, "invalid_proof");
    assert_eq!(sessions().await, before);
}

#[tokio::test]
async fn where_factors_are_off_nobody_is_asked_and_nobody_sets_one_up() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let phone = phone_of(&app, &person).await;
    let open = flow(&app, ANA).await;
    demand(&app, json!({ "required": "off", "required_roles": ["reader"] })).await;
    verify(&app, &open, json!({ "code": phone.code(&app) })).await.expect_problem(401, "invalid_proof");
    let person = holder(&app, &login(&app, ANA).await.expect(200));
    let overview = person.get("/api/v2/me/mfa").await.expect(200);
    assert_eq!((&overview["is_required"], overview["factors"].as_array().unwrap().len()), (&json!(false), 1));
    person.post("/api/v2/me/mfa/totp", json!({})).await.expect_problem(409, "conflict");
    person.post("/api/v2/me/mfa/backup-codes", json!({})).await.expect_problem(409, "conflict");
    demand(&app, json!({})).await;
    assert_eq!(login(&app, ANA).await.expect(200)["status"], "mfa_required", "what rested counts again");
}

#[tokio::test]
async fn a_role_demands_a_factor_of_whoever_holds_it() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = create(&app, ANA, Some(Role::Reader)).await;
    let status = async || login(&app, ANA).await.expect(200)["status"].clone();
    demand(&app, json!({ "required_roles": ["maintainer"], "grace_days": 0 })).await;
    assert_eq!(status().await, "signed_in");

    let grants = format!("/api/v2/users/{user}/grants");
    let custom = json!({ "name": "Keeper", "tier": "tenant", "permissions": ["users:read"],
        "requires_mfa": true });
    let role = admin.post("/api/v2/roles", custom).await.expect(201);
    let role = format!("/api/v2/roles/{}", role["id"].as_str().unwrap());
    let given = json!({ "tenant_role": "reader", "roles": [role.rsplit('/').next()] });
    admin.put(&grants, given).await.expect(200);
    assert_eq!(status().await, "mfa_enrolment_required", "a custom role");
    let weaker = app.member_with::<markers::RolesWrite>().await;
    let refused = weaker.patch(&role, json!({ "requires_mfa": false })).await;
    refused.expect_problem(403, "grant_exceeds_own");
    let changed = admin.patch(&role, json!({ "requires_mfa": false })).await.expect(200);
    assert_eq!(changed["requires_mfa"], false);
    assert_eq!(status().await, "signed_in");

    let member = format!("/api/v2/organizations/{}/members/{user}", app.acme.child);
    admin.put(&member, json!({ "role": "maintainer" })).await.expect(200);
    assert_eq!(status().await, "mfa_enrolment_required", "a built-in role of an organization");
}
