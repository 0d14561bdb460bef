//! What unusual sign-ins lead to.

use std::process::Command;

use chrono::Duration;
use elder_portal_users::risk::Places;
use elder_testkit::{Actor, Answer, Options, PASSWORD, TestApp};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::people::create;

const ANA: &str = "ana@acme.com";
const BERLIN: &str = "192.0.2.7";
const MUNICH: &str = "203.0.113.7";
const SYDNEY: &str = "198.51.100.7";

/// A folder with files of places.
fn files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment what they may use")]
    let python =
        std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON names a python with mmdb_writer");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/places.py");
    assert!(Command::new(python).arg(script).arg(folder.path()).status().unwrap().success());
    folder
}

async fn start(names: &[&str]) -> TestApp {
    let folder = files();
    let places = names.iter().map(|name| folder.path().join(name)).collect();
    TestApp::start_with(Options { behind_proxy: true, places, ..Options::default() }).await
}

async fn set(admin: &Actor, risk: Value) {
    admin.patch("/api/v2/tenant", json!({ "settings": { "risk": risk } })).await.expect(200);
}

/// Signs in from an address, perhaps with a device that is known.
async fn login(app: &TestApp, from: &str, device: Option<&Value>) -> Answer {
    let mut body = json!({ "email": ANA, "password": PASSWORD });
    if let Some(device) = device {
        body["device_token"] = device.clone();
    }
    app.guest().with_header("x-forwarded-for", from).post("/api/v2/auth/login", body).await
}

/// What the newest event of an action says of the risk.
async fn explained(app: &TestApp, action: &str) -> Value {
    let sql =
        "select (metadata -> 'risk')::text from audit_logs where action = $1 order by ctid desc limit 1";
    let text: Option<String> = app.superuser.query_one(sql, &[&action]).await.unwrap().get(0);
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

async fn count(app: &TestApp, sql: &str) -> i64 {
    app.superuser.query_one(sql, &[]).await.unwrap().get(0)
}

#[test]
fn a_file_that_was_replaced_is_read_again_and_one_that_is_broken_is_not_used() {
    let folder = files();
    let [city, asn] = ["city.mmdb", "asn.mmdb"].map(|name| folder.path().join(name));
    let places = Places::read(&[city.clone(), asn.clone()]).unwrap();
    assert!(!places.read_again().unwrap());
    let good = std::fs::read(&city).unwrap();
    std::fs::copy(&asn, &city).unwrap();
    assert!(places.read_again().unwrap());
    assert!(!places.read_again().unwrap());
    std::fs::write(&city, "half of a file").unwrap();
    assert!(
        places.read_again().unwrap_err().to_string().ends_with("city.mmdb is not in the MaxMind DB format")
    );
    std::fs::remove_file(&city).unwrap();
    assert!(places.read_again().unwrap_err().to_string().starts_with("cannot read "));
    std::fs::write(&city, good).unwrap();
    assert!(places.read_again().unwrap());
}

#[tokio::test]
async fn every_sign_in_says_what_was_unusual_about_it() {
    let app = start(&["city.mmdb", "asn.mmdb"]).await;
    create(&app.tenant_admin().await, ANA).await;
    let first = login(&app, BERLIN, None).await.expect(200);
    assert_eq!(explained(&app, "session.started").await, Value::Null);
    app.clock.advance(Duration::hours(5));
    let device = &first["device_token"];
    login(&app, MUNICH, Some(device)).await.expect(200);
    assert_eq!(explained(&app, "session.started").await, Value::Null, "the same provider");
    login(&app, MUNICH, None).await.expect(200);
    let expected = json!({ "score": 20, "reasons": ["new_device"] });
    assert_eq!(explained(&app, "session.started").await, expected);
    login(&app, SYDNEY, None).await.expect(200);
    let reasons = json!(["new_network", "new_country", "impossible_travel", "new_device"]);
    assert_eq!(explained(&app, "session.started").await, json!({ "score": 100, "reasons": reasons }));
}

#[tokio::test]
async fn what_is_too_unusual_is_refused_like_a_wrong_password_and_told() {
    let app = start(&["city.mmdb"]).await;
    let admin = app.tenant_admin().await;
    create(&admin, ANA).await;
    let contacts = json!({ "notification": { "security_contacts": ["soc@acme.com"] } });
    admin.patch("/api/v2/tenant", json!({ "settings": contacts })).await.expect(200);
    set(&admin, json!({ "refuse_at": 90 })).await;
    let first = login(&app, BERLIN, None).await.expect(200);
    let sessions = count(&app, "select count(*) from sessions").await;
    let refused = login(&app, SYDNEY, None).await.expect_problem(401, "invalid_credentials");
    let guess = json!({ "email": ANA, "password": "wrong horse battery staple" });
    let guest = app.guest().with_header("x-forwarded-for", SYDNEY);
    let wrong = guest.post("/api/v2/auth/login", guess).await.expect_problem(401, "invalid_credentials");
    assert_eq!(refused["detail"], wrong["detail"]);
    assert_eq!(count(&app, "select count(*) from sessions").await, sessions);
    let blocked =
        "select count(*) from audit_logs where reason = 'risk' and (metadata #>> '{risk,score}')::int = 100";
    assert_eq!(count(&app, blocked).await, 1);

    // It is told beside the answer.
    let told = "select count(*) from mails where (kind, recipient) in
        (('sign_in_blocked', 'ana@acme.com'), ('security_alert', 'soc@acme.com'))";
    for _ in 0..250 {
        if count(&app, told).await == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(count(&app, told).await, 2);
    assert_eq!(app.audit_count("portal_user.sign_in_blocked").await, 1);
    app.clock.advance(Duration::days(2));
    login(&app, SYDNEY, Some(&first["device_token"])).await.expect(200);
}

#[tokio::test]
async fn a_stolen_password_is_not_tried_without_end() {
    let app = start(&[]).await;
    let admin = app.tenant_admin().await;
    create(&admin, ANA).await;
    login(&app, BERLIN, None).await.expect(200);
    set(&admin, json!({ "refuse_at": 40 })).await;
    for _ in 0..20 {
        login(&app, SYDNEY, None).await.expect_problem(401, "invalid_credentials");
        app.clock.advance(Duration::seconds(11));
    }
    let judged = "select count(*) from audit_logs where reason = 'risk'";
    assert_eq!(count(&app, judged).await, 10, "then strangers are locked out");
    login(&app, BERLIN, None).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a_second_factor_may_be_demanded_and_who_has_none_is_refused() {
    let app = start(&[]).await;
    let admin = app.tenant_admin().await;
    create(&admin, ANA).await;
    set(&admin, json!({ "second_factor_at": 40 })).await;
    let device = login(&app, BERLIN, None).await.expect(200)["device_token"].clone();
    login(&app, SYDNEY, Some(&device)).await.expect(200);
    login(&app, "2001:db8::1", None).await.expect_problem(401, "invalid_credentials");
    let factor = "insert into mfa_factors (tenant_id, id, user_id, kind, name, sealed_secret, confirmed_at, created_at)
        select tenant_id, gen_random_uuid(), id, 'totp', 'Phone', '', now(), now() from portal_users where email = $1";
    app.superuser.execute(factor, &[&ANA]).await.unwrap();
    let asked = login(&app, "2001:db8::1", None).await.expect(200);
    assert_eq!(asked["status"], "mfa_required");
    let reasons = json!(["new_network", "new_device"]);
    assert_eq!(explained(&app, "session.challenged").await, json!({ "score": 40, "reasons": reasons }));

    // A device that is remembered is asked too.
    let remember = "update devices set remembered_until = $1";
    let until = app.seam.now() + Duration::days(30);
    app.superuser.execute(remember, &[&until]).await.unwrap();
    assert_eq!(login(&app, SYDNEY, Some(&device)).await.expect(200)["status"], "signed_in");
    set(&admin, json!({ "second_factor_at": 25, "dormant_days": 1 })).await;
    app.clock.advance(Duration::days(1));
    assert_eq!(login(&app, SYDNEY, Some(&device)).await.expect(200)["status"], "mfa_required");
    let admin_offs = json!({ "settings": { "mfa": { "required": "off" } } });
    app.tenant_admin().await.patch("/api/v2/tenant", admin_offs).await.expect(200);
    login(&app, SYDNEY, Some(&device)).await.expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn the_settings_of_risk_have_bounds() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for risk in [json!({ "refuse_at": 0 }), json!({ "second_factor_at": 101 }), json!({ "dormant_days": 0 })]
    {
        let name = risk.as_object().unwrap().keys().next().unwrap().clone();
        let refused = admin.patch("/api/v2/tenant", json!({ "settings": { "risk": risk } })).await;
        let problem = refused.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], format!("/settings/risk/{name}"));
    }
}
