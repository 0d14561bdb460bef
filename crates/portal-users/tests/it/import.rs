//! People who move in from another system, with the hashes of their passwords.

use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::people::login;

/// What all of [`HASHES`] are hashes of.
const PASSWORD: &str = "grüne Wiese 7";

/// As Django 5.2.19, Werkzeug 3.1.9 and bcrypt 5.0.0 of `PyPI` made them, at the least cost that they take.
const HASHES: [&str; 4] = [
    "$2b$04$wLjmdzExoNbQh37WCMq2q.WQsWsFnthhBsPHZ9KlpXMZI5StGga56",
    "scrypt:1024:8:1$pXcx1q1LIYpPmeGO$23fc85966f09e0469793b0569533c3e4b937ebd587a338171f09d547448ea7ea59cfa9fdff420a1a6338f9097d6fcb86399dc4ce32467a9ab481126a316ec2d3",
    "pbkdf2_sha256$1000$seasalt12$8t6txg2M/XlCo96f7ZgBtm3ztr/F+t3yoW+xFEUOVAA=",
    "argon2$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdDEy$iWXAkqsc1s5RAVTre0dVCXb1uFrM1hX3+SMthMdOwLk",
];

async fn stored(app: &TestApp, email: &str) -> String {
    let ask = "select password_hash from portal_users where email_folded = $1";
    app.superuser.query_one(ask, &[&email]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_hash_of_another_system_is_good_for_signing_in_and_becomes_one_of_elders_own() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (number, hash) in HASHES.into_iter().enumerate() {
        let email = format!("ana{number}@acme.com");
        let new = json!({ "email": email, "password_hash": hash });
        let user = admin.post("/api/v2/users", new).await.expect(201);
        assert_eq!((&user["has_password"], user.get("password_hash")), (&json!(true), None), "{hash}");
        assert_eq!(stored(&app, &email).await, hash);
        login(&app, &email, "grüne Wiese 8", Some("acme")).await.expect_problem(401, "invalid_credentials");
        assert_eq!(stored(&app, &email).await, hash);
        login(&app, &email, PASSWORD, Some("acme")).await.expect(200);
        let upgraded = stored(&app, &email).await;
        assert!(upgraded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}: {upgraded}");
        login(&app, &email, PASSWORD, Some("acme")).await.expect(200);
    }
}

#[tokio::test]
async fn a_tenant_moves_in_by_a_batch() {
    let app = TestApp::start().await;
    let new = |(number, hash): (usize, &str)| json!({ "op": "create", "data": { "email": format!("b{number}@acme.com"), "password_hash": hash } });
    let mut operations: Vec<Value> = HASHES.into_iter().enumerate().map(new).collect();
    operations.push(new((9, "5f4dcc3b5aa765d61d8327deb882cf99")));
    let batch = json!({ "atomic": false, "operations": operations });
    let answer = app.tenant_admin().await.post("/api/v2/users/batch", batch).await.expect(200);
    let statuses: Vec<_> = answer["results"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(json!(statuses), json!([201, 201, 201, 201, 400]));
    let fault = &answer["results"][4]["error"]["errors"][0];
    assert_eq!(fault["pointer"], "/operations/4/data/password_hash");
    login(&app, "b2@acme.com", PASSWORD, Some("acme")).await.expect(200);
}

#[tokio::test]
async fn what_is_no_hash_is_refused_and_leaves_no_user() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for (hash, password) in [("secret", None), ("", None), (HASHES[0], Some("a good long password"))] {
        let new = json!({ "email": "ana@acme.com", "password": password, "password_hash": hash });
        let problem = admin.post("/api/v2/users", new).await.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/password_hash");
        assert!(hash.is_empty() || !problem.to_string().contains(hash), "{problem}");
    }
    assert_eq!(
        admin.get("/api/v2/users?filter=email eq \"ana@acme.com\"").await.expect(200)["data"],
        json!([])
    );
    assert_eq!(app.audit_count("user.created").await, 0);
}
