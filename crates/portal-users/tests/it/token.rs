//! Access tokens that are not good.

use elder_kernel::TenantId;
use elder_testkit::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn p_32_a_bad_token_opens_nothing() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let user = admin.user.unwrap();
    let good = admin.token.clone().unwrap();
    let session = admin.get("/api/v2/me/sessions").await.expect(200)["data"][0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let claims = app.claims(app.acme.id, user, session);
    let bent = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        app.sign("at+jwt", &claims)
    };
    let now = app.seam.now().timestamp();
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let symmetric = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9";
    admin.with_token(app.sign("at+jwt", &claims)).get("/api/v2/me").await.expect(200);
    for (fault, token) in [
        ("empty", String::new()),
        ("no jwt", "x".to_owned()),
        ("dots", "..".to_owned()),
        ("long", "x".repeat(6_000)),
        ("alg none", format!("{none}.{body}.")),
        ("alg none with signature", format!("{none}.{body}.{signature}")),
        ("symmetric", format!("{symmetric}.{body}.{signature}")),
        ("unsigned", format!("{head}.{body}.")),
        (
            "another body",
            format!(
                "{head}.{}.{signature}",
                app.sign("at+jwt", &app.claims(app.globex.id, user, session)).split('.').nth(1).unwrap()
            ),
        ),
        ("another signature", format!("{head}.{body}.{}", "A".repeat(86))),
        ("another type", app.sign("JWT", &claims)),
        ("another issuer", bent("iss", json!("http://evil.test"))),
        ("another audience", bent("aud", json!("other"))),
        ("expired", bent("exp", json!(now - 6))),
        ("no expiry", bent("exp", Value::Null)),
        ("another tenant", bent("tenant_id", json!(app.globex.id))),
        ("system", bent("tenant_id", json!(TenantId::SYSTEM))),
        ("another user", bent("sub", json!(app.tenant_admin().await.user.unwrap()))),
        ("no session", bent("sid", json!("ses_01h455vb4pex5vsknk084sn02q"))),
    ] {
        let answer = admin.with_token(token).get("/api/v2/users").await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (401, Some("unauthenticated")), "{fault}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{fault}");
    }
}
