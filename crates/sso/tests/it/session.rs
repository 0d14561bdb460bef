//! Sessions that rest on one at a provider, as programs see them: an application's tokens, got by its person's sign-in.

use chrono::Duration;
use elder_testkit::{Actor, Fault};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, back_from},
    world::{World, ana, ana_but},
};

const BACK: &str = "https://app.acme.example/back";
/// What RFC 7636 shows in its appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An application that acts for whoever is signed in at the browser.
pub(crate) async fn application(world: &World, browser: &Browser) -> Actor {
    let new = json!({ "name": "Payroll", "redirect_uris": [BACK] });
    let made = world.admin.post("/api/v2/applications", new).await.expect(201);
    let parameters = [
        ("application", made["id"].as_str().unwrap()),
        ("redirect_uri", BACK),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let url = reqwest::Url::parse_with_params("http://x/authorize", parameters).unwrap();
    let back = browser.get(&format!("/authorize?{}", url.query().unwrap())).await.leads_to();
    let back = reqwest::Url::parse(&back).unwrap();
    let (_, code) = back.query_pairs().find(|(name, _)| name == "code").unwrap();
    let body = json!({ "code": code, "code_verifier": VERIFIER, "redirect_uri": BACK });
    let tokens = world.app.guest().post("/api/v2/auth/token", body).await.expect(200);
    world.app.guest().with_token(tokens["access_token"].as_str().unwrap())
}

fn path(world: &World, name: &str) -> String {
    format!("/sso/oidc/{name}/{}", world.idp)
}

#[tokio::test]
async fn a_program_signs_its_person_out_here_and_learns_where_the_provider_is_told() {
    let world = World::making_accounts().await;
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    let program = application(&world, &browser).await;
    program.get("/api/v2/me").await.expect(200);
    let told = program.post(&path(&world, "logout"), json!({})).await.expect(200);
    let url = told["url"].as_str().unwrap();
    assert!(url.starts_with(&world.op.issuer) && url.contains("id_token_hint=ey"), "{url}");
    assert!(url.contains("post_logout_redirect_uri=http%3A%2F%2Felder.test%2Fsign-in"), "{url}");
    world.app.clock.advance(Duration::seconds(1));
    program.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    // The browser's session rests on the same sign-in.
    assert_eq!(browser.account().await, None);
    let rests = "select count(*) from sso_sessions";
    assert_eq!(world.app.superuser.query_one(rests, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn what_the_provider_gave_is_sealed_and_works_for_its_own_session_alone() {
    let world = World::making_accounts().await;
    let claims = ana_but(json!({ "sub": "ada" }));
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, claims).await;
    let program = application(&world, &browser).await;
    let row = "select sealed from sso_sessions";
    let sealed: Vec<u8> = world.app.superuser.query_one(row, &[]).await.unwrap().get(0);
    let text = String::from_utf8_lossy(&sealed);
    assert!(!text.contains("an-access-token") && !text.contains("refresh_token"));

    world.op.fault(Fault::Discovery(json!({ "userinfo_endpoint": format!("{}/userinfo", world.op.issuer) })));
    bump(&world).await;
    let info = program.get(&path(&world, "userinfo")).await.expect(200);
    assert_eq!((&info["claims"]["sub"], &info["claims"]["name"]), (&json!("ada"), &json!("Ada")));
    let renewed = program.post(&path(&world, "refresh"), json!({})).await.expect(200);
    assert!(renewed["good_until"].is_string() && renewed["can_be_renewed"] == true, "{renewed}");
    let again: Vec<u8> = world.app.superuser.query_one(row, &[]).await.unwrap().get(0);
    assert_ne!(sealed, again);
    assert_eq!(world.app.audit_count("sso.tokens_renewed").await, 1);

    // Another person of the tenant has no session there, and nobody knows one by the id of a provider.
    for name in ["userinfo", "logout", "refresh"] {
        let method = if name == "userinfo" { reqwest::Method::GET } else { reqwest::Method::POST };
        let other = world.admin.send(method.clone(), &path(&world, name), Some(json!({}))).await;
        other.expect_problem(404, "not_found");
        world
            .app
            .guest()
            .send(method, &path(&world, name), Some(json!({})))
            .await
            .expect_problem(401, "unauthenticated");
    }
    world.op.fault(Fault::UserInfo(json!({ "sub": "somebody else" })));
    bump(&world).await;
    program.get(&path(&world, "userinfo")).await.expect_problem(502, "provider_failed");
    world.op.fault(Fault::Says("/token", 400, json!({ "error": "invalid_grant" }).to_string()));
    program.post(&path(&world, "refresh"), json!({})).await.expect_problem(502, "provider_failed");
}

/// Has Elder ask the provider anew what it can do.
async fn bump(world: &World) {
    static TURN: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let name = format!("Renamed {}", TURN.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    world
        .admin
        .patch(&format!("/api/v2/identity-providers/{}", world.idp), json!({ "name": name }))
        .await
        .expect(200);
}

async fn tell(world: &World, claims: Value) -> elder_testkit::Answer {
    let token = world.op.logout_token(&claims);
    let body = format!("logout_token={token}").into_bytes();
    let kind = "application/x-www-form-urlencoded";
    world
        .app
        .guest()
        .send_bytes(reqwest::Method::POST, &path(world, "backchannel-logout"), kind, Some(body))
        .await
}

#[tokio::test]
async fn o_21_what_the_provider_has_ended_ends_here_too() {
    let world = World::making_accounts().await;
    let with_session = |session: &str| ana_but(json!({ "sid": session }));
    let (first, _) = back_from(&world.app, &world.op, &world.idp, with_session("s-1")).await;
    let (second, _) = back_from(&world.app, &world.op, &world.idp, with_session("s-2")).await;
    let bert = json!({ "sub": "bert-1", "email": "bert@acme.com", "email_verified": true, "name": "Bert" });
    let (bert, _) = back_from(&world.app, &world.op, &world.idp, bert).await;

    tell(&world, json!({ "sid": "s-1", "jti": "one" })).await.expect(200);
    world.app.clock.advance(Duration::seconds(1));
    assert_eq!(first.account().await, None);
    assert!(second.account().await.is_some() && bert.account().await.is_some());
    // The same token once more ends nothing; a person's name ends all of theirs.
    tell(&world, json!({ "sid": "s-1", "jti": "one" })).await.expect(200);
    assert_eq!(world.app.audit_count("sso.logged_out").await, 1);
    tell(&world, json!({ "sub": "ana-1", "jti": "two" })).await.expect(200);
    world.app.clock.advance(Duration::seconds(1));
    assert_eq!(second.account().await, None);
    assert!(bert.account().await.is_some());
}

#[tokio::test]
async fn o_21_a_logout_token_that_is_not_good_ends_nothing() {
    let world = World::making_accounts().await;
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    for bad in [
        json!({ "sub": "ana-1", "aud": "another" }),
        json!({ "sub": "ana-1", "iss": "https://another.example" }),
        json!({ "sub": "ana-1", "nonce": "n" }),
        json!({ "sub": "ana-1", "events": {} }),
        json!({ "sub": "ana-1", "iat": 1 }),
        json!({}),
    ] {
        tell(&world, bad).await.expect_problem(400, "invalid_logout_token");
    }
    for (body, code) in [("logout_token=x.y.z", "invalid_logout_token"), ("other=1", "validation_failed")] {
        let (path, body) = (path(&world, "backchannel-logout"), Some(body.as_bytes().to_vec()));
        let kind = "application/x-www-form-urlencoded";
        let answer = world.app.guest().send_bytes(reqwest::Method::POST, &path, kind, body).await;
        answer.expect_problem(400, code);
    }
    assert!(browser.account().await.is_some());
}
