//! Access tokens that are not good, at every route.

use chrono::DateTime;
use elder_access::Role;
use elder_crypto::{Algorithm, KeyRing, NewSigningKey, StoredKey};
use elder_kernel::{Id, Session, TenantId};
use elder_testkit::{Actor, Fixture, TestApp};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::support::{call, digest, endpoints, is_guarded, is_scim, provider, reads_work};

/// What is wrong, and the token.
type Fault = (&'static str, String);

/// Claims of which one is there twice.
struct Twice<'a> {
    claims: &'a Value,
    name: &'static str,
    second: Value,
}

impl Serialize for Twice<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let claims = self.claims.as_object().unwrap();
        serializer.collect_map(claims.iter().chain([(&self.name.to_owned(), &self.second)]))
    }
}

#[tokio::test]
async fn p_32_a_bad_token_opens_no_route() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    reads_work(&app, &ids).await;
    let admin = app.member(ids.tenant, Some(Role::Admin)).await;
    let claims = claims(&app, &admin).await;
    admin.with_token(app.sign("at+jwt", &claims)).get("/api/v2/users").await.expect(200);
    let mut faults = badly_written(admin.token.as_ref().unwrap());
    faults.extend(badly_signed(&app, &claims));
    faults.extend(badly_meant(&app, &claims));
    let colleague = app.member(ids.tenant, Some(Role::Admin)).await.user;
    faults.push(("another user", bent(&app, &claims, "sub", json!(colleague))));
    faults.push(("a refresh token", ids.value("refresh_token").to_owned()));
    let before = digest(&app).await;
    let mut asked = 0;
    for (route, endpoint) in endpoints().iter().filter(|(route, _)| is_guarded(route)) {
        for (fault, token) in &faults {
            let answer = call(&app.guest().with_token(token), endpoint, &ids).await;
            let (member, code) = if is_scim(route) { ("status", "401") } else { ("code", "unauthenticated") };
            let said = (answer.status, answer.body[member].as_str());
            assert_eq!(said, (401, Some(code)), "{fault}: {}: {}", answer.asked, answer.text);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{fault}: {}", answer.asked);
            asked += 1;
        }
    }
    assert!(asked > 2_000, "{asked}");
    assert_eq!(before, digest(&app).await, "a refused call changed something");
}

/// Those of a token that opens what its owner may.
async fn claims(app: &TestApp, owner: &Actor) -> Value {
    let sessions = owner.get("/api/v2/me/sessions").await.expect(200);
    let session: Id<Session> = sessions["data"][0]["id"].as_str().unwrap().parse().unwrap();
    app.claims(owner.tenant, owner.user.unwrap(), session)
}

fn bent(app: &TestApp, claims: &Value, name: &str, value: Value) -> String {
    let mut claims = claims.clone();
    claims[name] = value;
    app.sign("at+jwt", &claims)
}

/// Texts that are no token, or not quite.
fn badly_written(good: &str) -> Vec<Fault> {
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    vec![
        ("empty", String::new()),
        ("no jwt", "x".to_owned()),
        ("dots", "..".to_owned()),
        ("long", "x".repeat(6_000)),
        ("very long", "x".repeat(50_000)),
        ("two dots at first", format!("{head}..{body}.{signature}")),
        ("two dots at last", format!("{head}.{body}..{signature}")),
        ("a dot before", format!(".{good}")),
        ("a dot behind", format!("{good}.")),
        ("dots that look alike", good.replace('.', "\u{3002}")),
        ("one dot that looks alike", good.replacen('.', "\u{2024}", 1)),
    ]
}

fn badly_signed(app: &TestApp, claims: &Value) -> Vec<Fault> {
    let good = app.sign("at+jwt", claims);
    let foreign = bent(app, claims, "tenant_id", json!(app.globex.id));
    let [head, body, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let symmetric = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9";
    vec![
        ("unknown key", strange_keys().sign("at+jwt", claims, app.seam.now()).unwrap()),
        ("alg none", format!("{none}.{body}.")),
        ("alg none with signature", format!("{none}.{body}.{signature}")),
        ("symmetric", format!("{symmetric}.{body}.{signature}")),
        ("unsigned", format!("{head}.{body}.")),
        ("another body", format!("{head}.{}.{signature}", foreign.split('.').nth(1).unwrap())),
        ("another signature", format!("{head}.{body}.{}", "A".repeat(86))),
        ("another type", app.sign("JWT", claims)),
    ]
}

/// A ring that the application does not know.
fn strange_keys() -> KeyRing {
    let key = NewSigningKey::generate(Algorithm::default()).unwrap();
    let NewSigningKey { algorithm, private_pkcs8, .. } = key;
    let stored = StoredKey { algorithm, private_pkcs8, signs_from: DateTime::UNIX_EPOCH, ends_at: None };
    KeyRing::new(vec![stored]).unwrap()
}

/// Tokens that are signed well and say what is not so.
fn badly_meant(app: &TestApp, claims: &Value) -> Vec<Fault> {
    let now = app.seam.now().timestamp();
    let bent = |name: &str, value: Value| bent(app, claims, name, value);
    let twice = |name, second| app.sign("at+jwt", &Twice { claims, name, second });
    vec![
        ("another issuer", bent("iss", json!("http://evil.test"))),
        ("another audience", bent("aud", json!("other"))),
        ("not yet valid", bent("nbf", json!(now + 60))),
        ("expired", bent("exp", json!(now - 6))),
        ("no expiry", bent("exp", Value::Null)),
        ("another tenant", bent("tenant_id", json!(app.globex.id))),
        ("system", bent("tenant_id", json!(TenantId::SYSTEM))),
        ("no session", bent("sid", json!("ses_01h455vb4pex5vsknk084sn02q"))),
        ("expiry twice", twice("exp", json!(now + 6_000))),
        ("subject twice", twice("sub", claims["sub"].clone())),
        ("tenant twice", twice("tenant_id", json!(app.globex.id))),
    ]
}

/// Those of other directories and tenants, and none at all, are in `isolation.rs` and `access.rs`, at every route too.
#[tokio::test]
async fn d_02_a_token_that_has_ended_opens_no_route_of_its_directory() {
    let app = TestApp::start().await;
    for (how, end) in [("expired", "expires_at"), ("revoked", "revoked_at")] {
        let ids = Fixture::create(&app, how).await;
        let provider = provider(&app, &ids).await;
        let end = format!("update scim_tokens set {end} = $2 where tenant_id = $1");
        app.superuser.execute(&end, &[&ids.tenant.0, &app.seam.now()]).await.unwrap();
        // What a node believes of a credential, it believes for 900 ms.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let before = digest(&app).await;
        let mut asked = 0;
        for (_, endpoint) in endpoints().iter().filter(|(route, _)| is_guarded(route) && is_scim(route)) {
            let answer = call(&provider, endpoint, &ids).await;
            assert_eq!(answer.status, 401, "{how}: {}: {}", answer.asked, answer.text);
            asked += 1;
        }
        assert!(asked > 30, "{asked}");
        assert_eq!(before, digest(&app).await, "{how}: a refused call changed something");
    }
}
